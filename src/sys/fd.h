// An owned file descriptor. It closes itself, cannot be copied, and does not convert to or from int
// silently: a function that borrows takes a plain int, one that keeps takes `OwnFd`.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "sys/result.h"

namespace brig::sys {

class [[nodiscard]] OwnFd {
 public:
  OwnFd() = default;
  // Takes ownership of `fd`; -1 means none.
  explicit OwnFd(int fd) noexcept : fd_(fd) {}
  OwnFd(OwnFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnFd& operator=(OwnFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  OwnFd(const OwnFd&) = delete;
  OwnFd& operator=(const OwnFd&) = delete;
  ~OwnFd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

  // Closes the descriptor (errors of close(2) tell nothing that could be acted on) and holds `fd`
  // instead.
  void reset(int fd = -1) noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }
  // Gives the descriptor up without closing it.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// A duplicate of `fd`, close-on-exec, numbered `lowest` or higher. fcntl(2) F_DUPFD_CLOEXEC.
Result<OwnFd> duplicate(int fd, int lowest = 0);

// A pipe: the end to read and the end to write, close-on-exec. pipe2(2).
Result<std::pair<OwnFd, OwnFd>> make_pipe();

// Sets O_NONBLOCK of the open file (which duplicates share). fcntl(2).
Result<void> set_non_blocking(int fd);

// Sets or clears FD_CLOEXEC. fcntl(2).
Result<void> set_close_on_exec(int fd, bool on);

// Marks every descriptor from `first` to `last` close-on-exec. close_range(2) CLOSE_RANGE_CLOEXEC.
Result<void> close_range_on_exec(unsigned first, unsigned last = ~0U);

// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so that no file opened
// later becomes a standard descriptor by accident.
Result<void> open_missing_standard_descriptors();

}  // namespace brig::sys
