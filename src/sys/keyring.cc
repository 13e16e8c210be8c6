#include "sys/keyring.h"

#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace brig::sys {

Result<std::int32_t> join_session_keyring(const std::string& name) {
  const long key = ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name.c_str());
  if (key < 0) return Result<std::int32_t>::last_error();
  return static_cast<std::int32_t>(key);
}

Result<void> set_key_permissions(std::int32_t key, std::uint32_t permissions) {
  return Result<void>::of(::syscall(SYS_keyctl, KEYCTL_SETPERM, key, permissions));
}

}  // namespace brig::sys
