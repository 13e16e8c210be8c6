// A mount namespace that starts with the rootfs alone. clone3(2) copies every mount of the host's
// into a new one, which umount2(2) then drops again: on a host with thousands of mounts that takes
// longer than the rest of a start. open_tree(2) of Linux 7.0 copies the rootfs only.
//
// The parent makes the namespace (open_sources()), with all that the container needs of the host's
// mounts. The rest runs in the child, which starts in the host's mount namespace. Its root
// directory stays the host's until leave_host(), as it does with a copy of the host's mounts until
// pivot_root(2): paths and /proc are the host's so long.
#pragma once

#include "brig/config.h"
#include "sys/fd.h"

namespace brig::rootfs {

class LoneRoot {
 public:
  // Remembers the host's mount namespace and the root directory. Throws Error.
  LoneRoot();

  // Enters `mount_namespace`, sets the propagation of all that is in it, and returns its root.
  // Throws Error.
  [[nodiscard]] sys::OwnFd enter(int mount_namespace, const RootfsPropagation& propagation);

  // Goes into a copy of the host's mounts instead, as if enter() had not been called. Throws Error.
  void give_up() const;

  // Makes the root of the mount namespace the root and working directory. Throws Error.
  static void leave_host();

 private:
  void stand_in_host_root() const;

  sys::OwnFd mounts_;
  sys::OwnFd root_;
  bool entered_ = false;
};

}  // namespace brig::rootfs
