// Host name, domain name and execution domain.
//
// Runs in the container's init, as root of its user namespace, inside its uts namespace.
#pragma once

#include "brig/config.h"

namespace brig::isolate {

// Sets `hostname` and `domainname` when they are not empty.
void set_host_names(const Config& config);

// linux.personality by personality(2). The spec has no flags yet; validation has warned of them.
// Before the system call filter.
void set_personality(const Personality& personality);

}  // namespace brig::isolate
