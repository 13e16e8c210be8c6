// config-linux.md "Seccomp": the rules of the `seccomp` object.
#include "oci/validate_rules.h"

namespace brig::oci {

namespace {

constexpr std::uint32_t kMaxErrno = 4095;  // what the kernel returns at most
constexpr std::uint32_t kMaxArgIndex = 5;  // a system call has six arguments

bool takes_errno(SeccompAction action) {
  return action == SeccompAction::kErrno || action == SeccompAction::kTrace;
}

// SECCOMP_RET_ERRNO is cut to the kernel's largest errno, SECCOMP_RET_TRACE carries 16 bits.
void check_errno(SeccompAction action, std::optional<std::uint32_t> errno_ret,
                 std::string_view path, Problems& problems) {
  if (!errno_ret) return;
  const std::uint32_t max = action == SeccompAction::kTrace ? UINT16_MAX : kMaxErrno;
  if (!takes_errno(action))
    problems.add(path, ": only for SCMP_ACT_ERRNO and SCMP_ACT_TRACE");
  else if (*errno_ret > max)
    problems.add(path, ": ", *errno_ret, " is out of range (expected 0 to ", max, ")");
}

void check_syscall(const SeccompSyscall& syscall, const std::string& path, Problems& problems) {
  if (syscall.names.empty()) problems.add(path, ".names: needs at least one entry");
  for (std::size_t i = 0; i < syscall.names.size(); ++i)
    if (syscall.names[i].empty()) problems.add(path, ".names[", i, "]: must not be empty");
  check_errno(syscall.action, syscall.errno_ret, concat(path, ".errnoRet"), problems);
  for (std::size_t i = 0; i < syscall.args.size(); ++i)
    if (syscall.args[i].index > kMaxArgIndex)
      problems.add(path, ".args[", i, "].index: ", syscall.args[i].index,
                   " is out of range (expected 0 to ", kMaxArgIndex, ")");
}

}  // namespace

// listenerPath is only used with SCMP_ACT_NOTIFY; the spec wants it ignored otherwise. Without it
// nobody would answer, and the calls would fail with ENOSYS.
void check_seccomp(const Seccomp& seccomp, Problems& problems) {
  check_errno(seccomp.default_action, seccomp.default_errno_ret, "linux.seccomp.defaultErrnoRet",
              problems);
  if (!seccomp.listener_metadata.empty() && seccomp.listener_path.empty())
    problems.add("linux.seccomp.listenerMetadata: needs linux.seccomp.listenerPath");
  bool notifies = seccomp.default_action == SeccompAction::kNotify;
  for (const SeccompSyscall& rule : seccomp.syscalls)
    notifies = notifies || rule.action == SeccompAction::kNotify;
  if (notifies && seccomp.listener_path.empty())
    problems.add("linux.seccomp.listenerPath: required by SCMP_ACT_NOTIFY");
  for (std::size_t i = 0; i < seccomp.syscalls.size(); ++i)
    check_syscall(seccomp.syscalls[i], concat("linux.seccomp.syscalls[", i, "]"), problems);
}

}  // namespace brig::oci
