#include "sys/tty.h"

#include <doctest/doctest.h>

#include <unistd.h>

#include <stdexcept>

#include "tests/unit/container/pty.h"

using namespace brig::sys;
using brig::test::Pty;

TEST_CASE("the slave of a pseudo-terminal is opened without its path") {
  const Pty pty;
  CHECK(::isatty(pty.slave.get()) == 1);
  CHECK((::fcntl(pty.slave.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(brig::concat("/dev/pts/", *slave_number(pty.master.get())) == ::ttyname(pty.slave.get()));
  CHECK(open_slave(pty.slave.get(), O_RDWR).error() != 0);
}

TEST_CASE("the window size set on the master is that of the slave") {
  const Pty pty;
  winsize size = {};
  size.ws_row = 33;
  size.ws_col = 120;
  CHECK(set_window_size(pty.master.get(), size));
  CHECK(window_size(pty.slave.get())->ws_row == 33);
  CHECK(window_size(pty.slave.get())->ws_col == 120);
}

TEST_CASE("raw mode ends with its scope, however that is left") {
  const Pty pty;
  const auto is_raw = [&] {
    termios now = {};
    ::tcgetattr(pty.slave.get(), &now);
    return (now.c_lflag & ICANON) == 0;
  };
  CHECK_FALSE(is_raw());
  try {
    const RawMode raw(pty.slave.get());
    CHECK(is_raw());
    throw std::runtime_error("out");
  } catch (const std::runtime_error&) {
    CHECK_FALSE(is_raw());
  }
}

TEST_CASE("raw mode of what is no terminal does nothing") {
  const OwnFd null = open_at(AT_FDCWD, "/dev/null", O_RDWR).or_throw("open");
  const RawMode raw(null.get());
  CHECK(::isatty(null.get()) == 0);
}
