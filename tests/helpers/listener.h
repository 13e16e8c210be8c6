// The listening Unix socket of the programs that play an agent or an engine.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace helpers {

[[noreturn]] inline void fail(const char* what) {
  std::perror(what);
  ::_exit(1);
}

// A stream socket that listens at `path`, which it makes. Ends the program when it cannot.
inline int listen_at(const char* path, int backlog) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) fail("path of the socket");
  std::memcpy(address.sun_path, path, std::strlen(path) + 1);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("bind");
  if (::listen(listener, backlog) != 0) fail("listen");
  return listener;
}

}  // namespace helpers
