// What a seccomp agent does with linux.seccomp.listenerPath, for the integration scripts.
//   seccomp-agent SOCKET [NUMBER=ERRNO | NUMBER=signal]...
// listens on the Unix socket SOCKET, which it makes, and for each connection prints a line
//   state JSON            the container process state, once the connection has been closed
// It then answers the system calls of that listener: NUMBER with ERRNO, every other one by letting
// the kernel go on, and prints a line for each:
//   call NUMBER
// With NUMBER=signal it sends SIGUSR1 to the caller, whose call waits for the answer, and prints
//   interrupted NUMBER    or    waits NUMBER
// Ends by being killed.
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "listener.h"

namespace {

using helpers::fail;

constexpr int kSignal = -1;

// The first message brings exactly one descriptor; the text goes on to the end of the stream.
int take_listener(int peer) {
  std::string text(65536, '\0');
  iovec part = {text.data(), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = ::recvmsg(peer, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) fail("recvmsg");
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  int fd = -1;
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(sizeof fd))
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  std::string state(text, 0, static_cast<std::size_t>(got));
  while ((got = ::read(peer, text.data(), text.size())) > 0)
    state.append(text, 0, static_cast<std::size_t>(got));
  ::close(peer);
  if (fd < 0) state = "the first message brought no descriptor, or more than one";
  std::printf("state %s\n", state.c_str());
  return fd;
}

// Sends a signal that the caller handles. Whether its call goes on waiting shows by the request
// staying valid; that it does not is seen at once, that it does only after some time.
void interrupt(int listener, const seccomp_notif& request) {
  if (::kill(static_cast<pid_t>(request.pid), SIGUSR1) != 0) fail("kill");
  const timespec moment = {0, 10'000'000};
  bool valid = true;
  for (int i = 0; valid && i < 50; ++i) {
    ::nanosleep(&moment, nullptr);
    std::uint64_t id = request.id;
    valid = ::ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
  }
  std::printf("%s %d\n", valid ? "waits" : "interrupted", request.data.nr);
}

void answer(int listener, std::map<int, int>& answers) {
  seccomp_notif request = {};
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) {
    if (errno == ENOENT || errno == EINTR) return;  // the caller was killed or interrupted
    fail("receive a notification");
  }
  const int number = request.data.nr;
  std::printf("call %d\n", number);
  seccomp_notif_resp response = {};
  response.id = request.id;
  const auto known = answers.find(number);
  if (known == answers.end()) {
    response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  } else if (known->second == kSignal) {
    answers.erase(known);
    interrupt(listener, request);
    response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  } else {
    response.error = -known->second;
  }
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0 && errno != ENOENT)
    fail("send an answer");
}

}  // namespace

int main(int argc, char** argv) {
  std::map<int, int> answers;
  for (int i = 2; i < argc; ++i) {
    const char* equals = std::strchr(argv[i], '=');
    if (equals == nullptr) fail("usage: seccomp-agent SOCKET [NUMBER=ERRNO|signal]...");
    answers[std::atoi(argv[i])] =
        std::strcmp(equals + 1, "signal") == 0 ? kSignal : std::atoi(equals + 1);
  }
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::vector<pollfd> watched = {{helpers::listen_at(argv[1], 8), POLLIN, 0}};
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0) fail("poll");
    for (std::size_t i = watched.size(); i-- > 1;) {
      if ((watched[i].revents & POLLIN) != 0) {
        answer(watched[i].fd, answers);
      } else if (watched[i].revents != 0) {  // no process has the filter any more
        ::close(watched[i].fd);
        watched.erase(watched.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    if ((watched[0].revents & POLLIN) == 0) continue;
    const int peer = ::accept4(watched[0].fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) fail("accept");
    const int listener = take_listener(peer);
    if (listener >= 0) watched.push_back({listener, POLLIN, 0});
  }
}
