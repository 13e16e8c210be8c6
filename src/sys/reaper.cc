#include "sys/reaper.h"

#include <sys/prctl.h>
#include <sys/wait.h>

namespace brig::sys {

Result<bool> is_child_subreaper() {
  int on = 0;
  if (::prctl(PR_GET_CHILD_SUBREAPER, &on, 0, 0, 0) < 0) return Result<bool>::last_error();
  return on != 0;
}

Result<void> set_child_subreaper(bool on) {
  return Result<void>::of(::prctl(PR_SET_CHILD_SUBREAPER, on ? 1 : 0, 0, 0, 0));
}

std::optional<Reaped> reap_any_child() {
  siginfo_t info = {};
  if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0) return std::nullopt;
  Reaped reaped;
  reaped.pid = info.si_pid;
  if (info.si_code == CLD_EXITED)
    reaped.status.code = info.si_status;
  else
    reaped.status.signal = info.si_status;
  return reaped;
}

}  // namespace brig::sys
