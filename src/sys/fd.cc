#include "sys/fd.h"

#include <linux/close_range.h>
#include <sys/syscall.h>

namespace brig::sys {

Result<OwnFd> duplicate(int fd, int lowest) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, lowest);
  if (copy < 0) return Result<OwnFd>::last_error();
  return OwnFd(copy);
}

Result<void> set_close_on_exec(int fd, bool on) {
  return Result<void>::of(::fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0));
}

Result<void> close_range(unsigned first, unsigned last) {
  return Result<void>::of(::syscall(SYS_close_range, first, last, 0));
}

Result<void> close_range_on_exec(unsigned first, unsigned last) {
  return Result<void>::of(::syscall(SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC));
}

}  // namespace brig::sys
