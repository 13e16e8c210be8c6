// What an engine does with --console-socket and --pidfd-socket, for the integration scripts.
//   receive-fd SOCKET        listens on the Unix socket SOCKET, which it makes, and takes one
//   descriptor.
//                            Of a terminal it copies all that it reads to standard output, after it
//                            has written standard input to it; of a pidfd it prints "pidfd PID".
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "listener.h"

namespace {

using helpers::fail;

int accept_one(const char* path) {
  const int listener = helpers::listen_at(path, 1);
  const int peer = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (peer < 0) fail("accept");
  return peer;
}

// Takes exactly one descriptor, and ignores the text that comes with it.
int receive(int peer) {
  char text[256];
  iovec part = {text, sizeof text};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))];
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(peer, &message, MSG_CMSG_CLOEXEC) < 0) fail("recvmsg");
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_type != SCM_RIGHTS ||
      header->cmsg_len != CMSG_LEN(sizeof(int))) {
    std::fputs("no descriptor, or more than one\n", stderr);
    ::_exit(1);
  }
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

void copy(int from, int to) {
  char block[4096];
  ssize_t got = 0;
  // Reading from a terminal whose other side has been closed by all fails with EIO.
  while ((got = ::read(from, block, sizeof block)) > 0) {
    if (::write(to, block, static_cast<std::size_t>(got)) != got) fail("write");
  }
}

void print_pidfd(int fd) {
  const std::string path = "/proc/self/fdinfo/" + std::to_string(fd);
  std::FILE* info = std::fopen(path.c_str(), "re");
  if (info == nullptr) fail("fdinfo");
  char line[256];
  int pid = 0;
  while (std::fgets(line, sizeof line, info) != nullptr) {
    if (std::sscanf(line, "Pid: %d", &pid) == 1) std::printf("pidfd %d\n", pid);
  }
  std::fclose(info);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: receive-fd SOCKET\n", stderr);
    return 2;
  }
  const int fd = receive(accept_one(argv[1]));
  if (::isatty(fd) == 1) {
    copy(0, fd);
    copy(fd, 1);
  } else {
    print_pidfd(fd);
  }
  return 0;
}
