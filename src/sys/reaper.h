// Being the parent of processes that others started: the child subreaper setting, and reaping
// whatever child has ended.
#pragma once

#include <sys/types.h>

#include <optional>

#include "sys/process.h"
#include "sys/result.h"

namespace brig::sys {

// prctl(2) PR_GET_CHILD_SUBREAPER, PR_SET_CHILD_SUBREAPER.
Result<bool> is_child_subreaper();
Result<void> set_child_subreaper(bool on);

struct Reaped {
  pid_t pid = 0;
  ExitStatus status;
};

// Reaps one child that has ended, if there is one, without waiting. waitid(2) P_ALL WNOHANG.
std::optional<Reaped> reap_any_child();

}  // namespace brig::sys
