// What the host side opens for the container before it exists, because the child cannot: bind
// sources and device nodes that a user namespace would hide, and idmapped mounts, which need
// privileges on the host.
//
// Runs in the parent: host root (or the rootless caller), host namespaces; changes nothing in the
// process beyond open descriptors. The child gets the descriptors by inheritance; all are
// close-on-exec.
#pragma once

#include <vector>

#include "rootfs/plan.h"
#include "sys/fd.h"

namespace brig::rootfs {

struct Sources {
  std::vector<sys::OwnFd> mounts;   // parallel to RootfsPlan::mounts; none where not needed
  std::vector<sys::OwnFd> devices;  // parallel to RootfsPlan::devices
  // A mount namespace with the rootfs alone, for the child to enter (lone_root.h); none when it is
  // to be in a copy of the host's.
  sys::OwnFd mount_namespace;
};

// Opens everything that `plan` marks for the parent, and makes the mount namespace where the
// kernel can make one that starts alone; before clone_process(). Mounts with their own
// id mappings are complete after this. Throws Error naming the mount: a source that does not exist,
// a file system that cannot be idmapped.
Sources open_sources(const RootfsPlan& plan);

// Maps the ids of the mounts that use the container's own mappings. After the child exists and its
// id maps are written, before it is told so. `user_namespace` is a descriptor of the container's
// user namespace. Does nothing when there is no such mount.
void idmap_sources(const RootfsPlan& plan, const Sources& sources, int user_namespace);
// True when idmap_sources() has something to do.
bool needs_container_idmap(const RootfsPlan& plan);

}  // namespace brig::rootfs
