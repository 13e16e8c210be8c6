// System call filters: seccomp(2).
#pragma once

#include <string_view>

#include "sys/result.h"

namespace brig::sys {

// seccomp(2) SECCOMP_SET_MODE_FILTER. `program` is an array of struct sock_filter in the host's
// byte order; `flags` are SECCOMP_FILTER_FLAG_*. EACCES: without CAP_SYS_ADMIN the process must
// have no_new_privs set. E2BIG: more than 65535 instructions.
Result<void> install_seccomp_filter(std::string_view program, unsigned flags);

// True when the kernel knows the SECCOMP_FILTER_FLAG_* in `flag` (it then faults on the missing
// program).
bool seccomp_flag_known(unsigned flag);

}  // namespace brig::sys
