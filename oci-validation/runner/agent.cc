#include "agent.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "failure.h"

namespace kit {
namespace {

bool is_ready(int fd, Clock::time_point deadline) {
  pollfd ready{fd, POLLIN, 0};
  int n = 0;
  while ((n = poll(&ready, 1, milliseconds_until(deadline))) < 0 && errno == EINTR) {
  }
  return n > 0;
}

// One message; appends its text, returns how many bytes came, and adds its descriptors.
ssize_t receive(int fd, std::string& text, std::vector<Descriptor>& descriptors) {
  char bytes[65536];
  iovec part{bytes, sizeof bytes};
  alignas(cmsghdr) char control[CMSG_SPACE(16 * sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  if (n <= 0) return n;
  text.append(bytes, static_cast<std::size_t>(n));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; i++) {
      int each = -1;
      std::memcpy(&each, CMSG_DATA(header) + i * sizeof(int), sizeof each);
      descriptors.emplace_back(each);
    }
  }
  return n;
}

}  // namespace

Descriptor listen_as_agent(const std::string& path, const std::string& kind) {
  if (kind == "none") return {};
  const int type = kind == "datagram" ? SOCK_DGRAM : SOCK_STREAM;
  Descriptor listener(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      (type == SOCK_STREAM && listen(listener.get(), 8) != 0)) {
    throw KitError("no socket at " + path + ": " + std::strerror(errno));
  }
  return listener;
}

Value hear_agent(const Descriptor& listener, Clock::time_point deadline) {
  if (!is_ready(listener.get(), deadline)) throw Failure("the runtime did not connect");
  const Descriptor peer(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  std::string text;
  std::vector<Descriptor> descriptors;
  std::size_t first = 0;
  bool closed = false;
  for (bool begun = false; !closed && is_ready(peer.get(), deadline); begun = true) {
    closed = receive(peer.get(), text, descriptors) <= 0;
    if (!begun) first = descriptors.size();
  }
  Value seen;
  seen["message"] = parse_json(text);
  seen["descriptors"] = Value::make_number(static_cast<long long>(descriptors.size()));
  seen["descriptors_in_first_message"] = Value::make_number(static_cast<long long>(first));
  seen["closed"] = {closed, {}};
  int more = 0;
  while (is_ready(listener.get(), Clock::now())) {
    const Descriptor next(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    more++;
  }
  seen["more_connections"] = Value::make_number(more);
  return seen;
}

}  // namespace kit
