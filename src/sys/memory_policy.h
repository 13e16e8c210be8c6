// NUMA memory policy of the calling process: set_mempolicy(2).
#pragma once

#include <vector>

#include "sys/result.h"

namespace brig::sys {

// `mode` is MPOL_* with MPOL_F_* bits; bit N of the concatenated words of `nodes` is node N. EINVAL
// also when none of the nodes is online and in the process's cpuset. Kept by execve(2).
Result<void> set_memory_policy(unsigned mode, const std::vector<unsigned long>& nodes);

}  // namespace brig::sys
