#include "sys/tty.h"

namespace brig::sys {

Result<void> unlock_slave(int master) {
  int locked = 0;
  return Result<void>::of(::ioctl(master, TIOCSPTLCK, &locked));
}

Result<std::uint32_t> slave_number(int master) {
  unsigned number = 0;
  if (::ioctl(master, TIOCGPTN, &number) < 0) return Result<std::uint32_t>::last_error();
  return number;
}

Result<OwnFd> open_slave(int master, int flags) {
  const int fd = ::ioctl(master, TIOCGPTPEER, flags | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return Result<OwnFd>::last_error();
  return OwnFd(fd);
}

Result<void> make_controlling_terminal(int slave) {
  return Result<void>::of(::ioctl(slave, TIOCSCTTY, 0));
}

Result<winsize> window_size(int fd) {
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) < 0) return Result<winsize>::last_error();
  return size;
}

Result<void> set_window_size(int fd, const winsize& size) {
  return Result<void>::of(::ioctl(fd, TIOCSWINSZ, &size));
}

RawMode::RawMode(int fd) {
  if (::tcgetattr(fd, &found_) < 0) return;
  termios raw = found_;
  ::cfmakeraw(&raw);
  if (::tcsetattr(fd, TCSANOW, &raw) == 0) fd_ = fd;
}

RawMode::~RawMode() {
  if (fd_ >= 0) ::tcsetattr(fd_, TCSANOW, &found_);
}

}  // namespace brig::sys
