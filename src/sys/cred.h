// Credentials of the calling process: ids, groups, capabilities and the prctl(2) switches around
// them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "sys/result.h"

namespace brig::sys {

// setgroups(2); setresgid(2) and setresuid(2) with all three ids the same.
Result<void> set_groups(const std::vector<std::uint32_t>& groups);
Result<void> set_gid(gid_t gid);
Result<void> set_uid(uid_t uid);

// One bit per capability, bit N is capability number N.
struct CapabilityBits {
  std::uint64_t effective = 0;
  std::uint64_t permitted = 0;
  std::uint64_t inheritable = 0;
};

// capget(2), capset(2), version 3.
Result<CapabilityBits> get_capabilities();
Result<void> set_capabilities(const CapabilityBits& bits);

// prctl(2) PR_CAPBSET_DROP: EINVAL past the kernel's last capability.
Result<void> drop_bounding_capability(int capability);
// prctl(2) PR_CAPBSET_READ: EINVAL past the kernel's last capability.
Result<bool> has_bounding_capability(int capability);
// prctl(2) PR_CAP_AMBIENT_CLEAR_ALL and PR_CAP_AMBIENT_RAISE.
Result<void> clear_ambient_capabilities();
Result<void> raise_ambient_capability(int capability);

// prctl(2) PR_SET_KEEPCAPS: the permitted set survives the next change of uid (not the effective
// one). Cleared by execve(2).
Result<void> set_keep_capabilities(bool on);

// prctl(2) PR_SET_NO_NEW_PRIVS; there is no way back.
Result<void> set_no_new_privileges();
bool has_no_new_privileges();

// prctl(2) PR_SET_DUMPABLE. While off, only root of the initial user namespace may ptrace the
// process or follow its /proc links. execve(2) of a readable program sets it again.
Result<void> set_dumpable(bool on);

}  // namespace brig::sys
