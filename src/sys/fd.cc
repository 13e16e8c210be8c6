#include "sys/fd.h"

#include <linux/close_range.h>
#include <sys/syscall.h>

namespace brig::sys {

Result<OwnFd> duplicate(int fd, int lowest) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, lowest);
  if (copy < 0) return Result<OwnFd>::last_error();
  return OwnFd(copy);
}

Result<std::pair<OwnFd, OwnFd>> make_pipe() {
  using Pair = std::pair<OwnFd, OwnFd>;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return Result<Pair>::last_error();
  return Pair(OwnFd(ends[0]), OwnFd(ends[1]));
}

Result<void> set_non_blocking(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return Result<void>::last_error();
  return Result<void>::of(::fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

Result<void> set_close_on_exec(int fd, bool on) {
  return Result<void>::of(::fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0));
}

Result<void> close_range_on_exec(unsigned first, unsigned last) {
  return Result<void>::of(::syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC));
}

Result<void> open_missing_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is `fd`. Without O_CLOEXEC: children have it too.
    if (::open("/dev/null", O_RDWR) != fd) return Result<void>::last_error();  // NOLINT
  }
  return {};
}

}  // namespace brig::sys
