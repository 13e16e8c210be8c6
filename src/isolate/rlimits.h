// process.rlimits.
#pragma once

#include <sys/types.h>

#include <vector>

#include "brig/config.h"

namespace brig::isolate {

// Host side, only for containers with a user namespace, between the creation of the process and its
// change of user: raises hard limits of `pid` that the config wants above the inherited ones. Only
// CAP_SYS_RESOURCE in the initial user namespace allows that. Soft limits stay, so that init is not
// hit by them before its work is done. What is not permitted is left to apply_rlimits() to report.
void raise_hard_limits(const std::vector<Rlimit>& limits, pid_t pid);

// The calling process's limits, exactly as configured: in the container's init or an exec'd
// process, late, because a low limit also hits what init does afterwards. Before the user changes.
// Errors name process.rlimits[i] and what is allowed.
void apply_rlimits(const std::vector<Rlimit>& limits);

}  // namespace brig::isolate
