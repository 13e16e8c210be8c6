#include "sys/memory_policy.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <limits>

namespace brig::sys {

Result<void> set_memory_policy(unsigned mode, const std::vector<unsigned long>& nodes) {
  // The kernel takes one bit less than it is told.
  const std::size_t bits = nodes.size() * std::numeric_limits<unsigned long>::digits;
  return Result<void>::of(::syscall(SYS_set_mempolicy, mode, nodes.empty() ? nullptr : nodes.data(),
                                    nodes.empty() ? 0 : bits + 1));
}

}  // namespace brig::sys
