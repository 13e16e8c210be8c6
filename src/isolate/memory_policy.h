// linux.memoryPolicy. Container side: the container's init or an exec'd process, in its final
// cgroup (cpuset), for itself and the program it executes.
#pragma once

#include "brig/config.h"

namespace brig::isolate {

// set_mempolicy(2), from where programs take the memory of NUMA nodes.
void set_memory_policy(const MemoryPolicy& policy);

}  // namespace brig::isolate
