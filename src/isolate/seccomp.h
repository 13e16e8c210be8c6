// System call filter of the container's process (config-linux.md "Seccomp").
//
// compile_seccomp() runs on the host side before anything is made; load_seccomp() in the
// container's init or in an exec'd process, as its very last steps.
#pragma once

#include <linux/filter.h>

#include <string>
#include <string_view>
#include <vector>

#include "brig/config.h"

namespace brig::isolate {

// Where the listener of a filter with SCMP_ACT_NOTIFY goes: with `message` to the Unix socket.
struct ListenerTarget {
  int socket = -1;
  std::string_view message;
};

// A compiled filter. It depends on nothing but the profile, the architecture, libseccomp's version
// and brig's, so that it can be kept and used again.
struct SeccompFilter {
  std::string bpf;                    // array of struct sock_filter, in the host's byte order
  unsigned flags = 0;                 // SECCOMP_FILTER_FLAG_*
  std::vector<std::string> warnings;  // what was left out, for the debug log
};

// Makes a filter of a profile:
//
//   numbers            of the names on each architecture, from libseccomp
//   sort_calls()       what libseccomp must translate, and the plain answers (seccomp_plain.h)
//   libseccomp         a program for the former: conditions, parts of socketcall(2) and ipc(2)
//   enosys_stub()      in front of it: calls newer than the profile (seccomp_enosys.h)
//   compact_filter()   both, and the plain answers, as one search tree (seccomp_compact.h)
//
// - A rule with the default's own action is left out; system calls that libseccomp does not know
//   are left out with a warning.
// - errnoRet of ERRNO and TRACE defaults to EPERM.
// - A rule that tests one argument twice becomes one rule per test, any of which matches (as runc).
// - Absent `flags` mean SPEC_ALLOW.
// - With SCMP_ACT_NOTIFY anywhere in the profile NEW_LISTENER is set, and TSYNC_ESRCH beside TSYNC,
//   as the kernel wants it; without, WAIT_KILLABLE_RECV is left out, which it refuses then.
// Errors name linux.seccomp...[i].
SeccompFilter compile_seccomp(const Seccomp& profile);

// The instructions of a filter with the same answers that libseccomp makes of all rules, behind
// enosys_stub(): what tests compare with. Many times longer, maybe more than the kernel takes.
std::vector<sock_filter> translate_seccomp(const Seccomp& profile);

// Whether a filter with these flags reports system calls to a listener.
[[nodiscard]] bool has_listener(unsigned flags) noexcept;

// seccomp(2). Without no_new_privs it needs CAP_SYS_ADMIN in the process's user namespace.
void load_seccomp(std::string_view bpf, unsigned flags);

// The same for a filter with listener, which is handed on whatever the filter says about the calls
// that this takes (seccomp_pass.h). The calling process keeps no descriptor of it.
void load_seccomp_with_listener(std::string_view bpf, unsigned flags, const ListenerTarget& target);

// What this libseccomp and kernel support, in the spec's words, for `features`.
struct SeccompSupport {
  std::vector<std::string_view> archs;
  std::vector<std::string_view> flags;
};
SeccompSupport seccomp_support();

// The version of libseccomp in use ("2.5.4"): part of a cache's key.
std::string seccomp_library_version();

}  // namespace brig::isolate
