#include "sys/socket.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cstring>
#include <memory>
#include <optional>

#include "sys/file.h"

namespace brig::sys {

namespace {

struct Address {
  sockaddr_un name = {};
  socklen_t length = 0;
};

// None when `path` does not fit. An abstract name is not terminated; its length says where it ends.
std::optional<Address> make_address(const std::string& path) {
  Address address;
  address.name.sun_family = AF_UNIX;
  const bool abstract = path.starts_with('@');
  if (path.empty() || path.size() + (abstract ? 0 : 1) > sizeof address.name.sun_path)
    return std::nullopt;
  std::memcpy(address.name.sun_path, path.data(), path.size());
  if (abstract) address.name.sun_path[0] = '\0';
  address.length =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
  return address;
}

Result<OwnFd> make_socket(int type, std::chrono::milliseconds send_timeout) {
  OwnFd socket(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  if (!socket) return Result<OwnFd>::last_error();
  if (send_timeout.count() > 0)
    if (const Result<void> set = set_send_timeout(socket.get(), send_timeout); !set)
      return Result<OwnFd>::failure(set.error());
  return socket;
}

Result<void> connect_to(int socket, const Address& address) {
  int done;
  do {
    done = ::connect(socket, reinterpret_cast<const sockaddr*>(&address.name), address.length);
  } while (done < 0 && errno == EINTR);
  return Result<void>::of(done);
}

}  // namespace

Result<std::pair<OwnFd, OwnFd>> make_seqpacket_pair() {
  using Pair = std::pair<OwnFd, OwnFd>;
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
    return Result<Pair>::last_error();
  return Pair(OwnFd(ends[0]), OwnFd(ends[1]));
}

OutgoingMessage::OutgoingMessage(std::string_view bytes)
    : body_{const_cast<char*>(bytes.data()), bytes.size()} {
  header_.msg_iov = &body_;
  header_.msg_iovlen = 1;
}

void OutgoingMessage::attach(int fd) noexcept {
  header_.msg_control = control_;
  header_.msg_controllen = sizeof control_;
  cmsghdr* part = CMSG_FIRSTHDR(&header_);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof fd);
  std::memcpy(CMSG_DATA(part), &fd, sizeof fd);
}

Result<void> send_message(int socket, std::string_view bytes, int fd) {
  if (bytes.empty()) return Result<void>::failure(EINVAL);
  if (bytes.size() > kMessageLimit) return Result<void>::failure(EMSGSIZE);
  OutgoingMessage message(bytes);
  if (fd >= 0) message.attach(fd);
  ssize_t put;
  do {
    put = ::sendmsg(socket, message.header(), kSendFlags);
  } while (put < 0 && errno == EINTR);
  if (put < 0) return Result<void>::last_error();
  return static_cast<std::size_t>(put) == bytes.size() ? Result<void>()
                                                       : Result<void>::failure(EIO);
}

Result<Received> receive_message(int socket) {
  // Not set to zero, and not on the stack, of which the compiler has every page touched: only what
  // the message fills costs a page fault.
  const std::unique_ptr<char[]> bytes = std::make_unique_for_overwrite<char[]>(kMessageLimit);
  iovec body = {bytes.get(), kMessageLimit};
  // CMSG_SPACE(one descriptor) has padding that would hold a second one, so the length given to the
  // kernel is CMSG_LEN: it then drops all but the first and sets MSG_CTRUNC.
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message = {};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_LEN(sizeof(int));
  ssize_t got;
  do {
    // ECONNRESET comes once, and before messages that wait, when the peer ended without having read
    // all of ours: what it sent before counts, then its end shows as such.
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && (errno == EINTR || errno == ECONNRESET));
  if (got < 0) return Result<Received>::last_error();

  Received received;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len >= CMSG_LEN(sizeof(int))) {
    int fd;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    received.fd.reset(fd);
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return Result<Received>::failure(EPROTO);
  received.bytes.assign(bytes.get(), static_cast<std::size_t>(got));
  received.end_of_stream = got == 0;
  return received;
}

Result<void> set_send_timeout(int socket, std::chrono::milliseconds timeout) {
  const auto micros = std::chrono::microseconds(timeout).count();
  const timeval limit = {micros / 1'000'000, micros % 1'000'000};
  return Result<void>::of(::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
}

Result<std::size_t> send_some(int socket, std::string_view bytes) {
  ssize_t put;
  do {
    put = ::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (put < 0 && errno == EINTR);
  if (put < 0) return Result<std::size_t>::last_error();
  return static_cast<std::size_t>(put);
}

Result<std::size_t> receive_some(int socket, char* buffer, std::size_t size) {
  ssize_t got;
  do {
    got = ::recv(socket, buffer, size, MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return Result<std::size_t>::last_error();
  return static_cast<std::size_t>(got);
}

Result<OwnFd> connect_unix(const std::string& path, int type, std::chrono::milliseconds timeout) {
  Result<OwnFd> socket = make_socket(type, timeout);
  if (!socket) return socket;
  std::optional<Address> address = make_address(path);
  OwnFd file;
  if (!address) {
    if (path.starts_with('@')) return Result<OwnFd>::failure(ENAMETOOLONG);
    Result<OwnFd> opened = open_at(AT_FDCWD, path, O_PATH);
    if (!opened) return opened;
    file = *std::move(opened);
    address = make_address(concat("/proc/self/fd/", file.get()));
  }
  if (Result<void> done = connect_to(socket->get(), *address); !done)
    return Result<OwnFd>::failure(done.error());
  return socket;
}

Result<OwnFd> bind_datagram(const std::string& path) {
  Result<OwnFd> socket = make_socket(SOCK_DGRAM, {});
  if (!socket) return socket;
  std::optional<Address> address = make_address(path);
  OwnFd folder;
  if (!address) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return Result<OwnFd>::failure(ENAMETOOLONG);
    Result<OwnFd> opened = open_at(AT_FDCWD, path.substr(0, slash + 1), O_PATH | O_DIRECTORY);
    if (!opened) return opened;
    folder = *std::move(opened);
    address = make_address(concat("/proc/self/fd/", folder.get(), path.substr(slash)));
    if (!address) return Result<OwnFd>::failure(ENAMETOOLONG);
  }
  if (::bind(socket->get(), reinterpret_cast<const sockaddr*>(&address->name), address->length) < 0)
    return Result<OwnFd>::last_error();
  return socket;
}

}  // namespace brig::sys
