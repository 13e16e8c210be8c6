// Kernel key rings: keyctl(2).
#pragma once

#include <cstdint>
#include <string>

#include "sys/result.h"

namespace brig::sys {

// keyctl(2) KEYCTL_JOIN_SESSION_KEYRING: joins the session key ring of that name, or makes it.
// Returns its serial.
Result<std::int32_t> join_session_keyring(const std::string& name);

// keyctl(2) KEYCTL_SETPERM; `permissions` in the layout of keyctl_setperm(3).
Result<void> set_key_permissions(std::int32_t key, std::uint32_t permissions);

}  // namespace brig::sys
