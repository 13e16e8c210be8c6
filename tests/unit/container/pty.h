// A pseudo-terminal of the test machine, which needs no privileges.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <string>

#include "sys/file.h"
#include "sys/tty.h"

namespace brig::test {

struct Pty {
  sys::OwnFd master = sys::open_at(AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY).or_throw("/dev/ptmx");
  sys::OwnFd slave;
  Pty() {
    sys::unlock_slave(master.get()).or_throw("unlock");
    slave = sys::open_slave(master.get(), O_RDWR).or_throw("slave");
  }
};

// What can be read within a second until `length` bytes are there.
inline std::string read_some(int fd, std::size_t length) {
  std::string text;
  pollfd watch = {fd, POLLIN, 0};
  while (text.size() < length && ::poll(&watch, 1, 1000) > 0) {
    char block[4096];
    const ssize_t got = ::read(fd, block, sizeof block);
    if (got <= 0) break;
    text.append(block, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace brig::test
