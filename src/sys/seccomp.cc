#include "sys/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <limits>
#include <vector>

namespace brig::sys {

Result<void> install_seccomp_filter(std::string_view program, unsigned flags) {
  const std::size_t count = program.size() / sizeof(sock_filter);
  if (count > std::numeric_limits<unsigned short>::max()) return Result<void>::failure(E2BIG);
  // A copy, because a string has no alignment to rely on.
  std::vector<sock_filter> instructions(count);
  std::memcpy(instructions.data(), program.data(), count * sizeof(sock_filter));
  const sock_fprog filter = {static_cast<unsigned short>(count), instructions.data()};
  return Result<void>::of(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter));
}

bool seccomp_flag_known(unsigned flag) {
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, nullptr) < 0 && errno == EFAULT;
}

}  // namespace brig::sys
