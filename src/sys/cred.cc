#include "sys/cred.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace brig::sys {

Result<void> set_groups(const std::vector<std::uint32_t>& groups) {
  static_assert(sizeof(gid_t) == sizeof(std::uint32_t));
  return Result<void>::of(::setgroups(groups.size(), groups.data()));
}

Result<void> set_gid(gid_t gid) { return Result<void>::of(::setresgid(gid, gid, gid)); }

Result<void> set_uid(uid_t uid) { return Result<void>::of(::setresuid(uid, uid, uid)); }

Result<CapabilityBits> get_capabilities() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, words) < 0) return Result<CapabilityBits>::last_error();
  const auto join = [](std::uint32_t low, std::uint32_t high) {
    return low | static_cast<std::uint64_t>(high) << 32U;
  };
  return CapabilityBits{join(words[0].effective, words[1].effective),
                        join(words[0].permitted, words[1].permitted),
                        join(words[0].inheritable, words[1].inheritable)};
}

Result<void> set_capabilities(const CapabilityBits& bits) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3] = {};
  for (unsigned word = 0; word < _LINUX_CAPABILITY_U32S_3; ++word) {
    const unsigned shift = word * 32U;
    words[word].effective = static_cast<std::uint32_t>(bits.effective >> shift);
    words[word].permitted = static_cast<std::uint32_t>(bits.permitted >> shift);
    words[word].inheritable = static_cast<std::uint32_t>(bits.inheritable >> shift);
  }
  return Result<void>::of(::syscall(SYS_capset, &header, words));
}

Result<void> drop_bounding_capability(int capability) {
  return Result<void>::of(::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0));
}

Result<bool> has_bounding_capability(int capability) {
  const int has = ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
  if (has < 0) return Result<bool>::last_error();
  return has == 1;
}

Result<void> clear_ambient_capabilities() {
  return Result<void>::of(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
}

Result<void> raise_ambient_capability(int capability) {
  return Result<void>::of(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0));
}

Result<void> set_keep_capabilities(bool on) {
  return Result<void>::of(::prctl(PR_SET_KEEPCAPS, on ? 1 : 0, 0, 0, 0));
}

Result<void> set_no_new_privileges() {
  return Result<void>::of(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

bool has_no_new_privileges() { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; }

Result<void> set_dumpable(bool on) {
  return Result<void>::of(::prctl(PR_SET_DUMPABLE, on ? 1 : 0, 0, 0, 0));
}

}  // namespace brig::sys
