// System call filters: seccomp(2).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "sys/result.h"

namespace brig::sys {

// seccomp(2) SECCOMP_SET_MODE_FILTER. `program` is an array of struct sock_filter in the host's
// byte order; `flags` are SECCOMP_FILTER_FLAG_* but NEW_LISTENER. EACCES: without CAP_SYS_ADMIN the
// process must have no_new_privs set. E2BIG: more than 65535 instructions. EINVAL: the kernel does
// not know a flag.
Result<void> install_seccomp_filter(std::string_view program, unsigned flags);

// Three arguments that the two system calls of install_notifying_filter() after the installation
// carry besides their own, so that the filter can tell them from others.
struct FilterPass {
  std::array<unsigned long, 3> words = {};
};
inline constexpr std::size_t kFirstPassArgument = 3;

// A pass that nobody can guess. getrandom(2).
Result<FilterPass> make_filter_pass();

// Where the listener goes: `message` is sent with it to the Unix socket `socket`.
struct ListenerDelivery {
  int socket = -1;
  std::string_view message;
  FilterPass pass;
};

// The same with SECCOMP_FILTER_FLAG_NEW_LISTENER: sends the listener on and closes it. Between the
// installation and the end there are only sendmsg(2) and close(2), both with the pass: a filter
// that reports all calls to the listener must let these two through. EBUSY: a filter of this
// process has a listener already.
Result<void> install_notifying_filter(std::string_view program, unsigned flags,
                                      const ListenerDelivery& delivery);

// True when the kernel knows the SECCOMP_FILTER_FLAG_* in `flag` (it then faults on the missing
// program).
bool seccomp_flag_known(unsigned flag);

}  // namespace brig::sys
