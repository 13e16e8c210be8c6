// Who called brig: the facts that decide what it may do, asked of the kernel once in the life of
// the process.
#pragma once

#include <sys/types.h>

namespace brig::sys {

// The effective ids as the caller's own user namespace has them.
struct Caller {
  uid_t uid = 0;
  gid_t gid = 0;
  bool initial_user_namespace = true;
  bool may_mount = true;  // in brig's own mount namespace

  [[nodiscard]] bool is_host_root() const noexcept { return uid == 0 && initial_user_namespace; }
};

// First asked on the host side. A process of the container, which has changed its namespaces since,
// is still told who called brig.
const Caller& caller();

}  // namespace brig::sys
