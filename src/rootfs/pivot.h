// Into the rootfs and out of the host's tree.
//
// Runs in the child, in the container's mount namespace.
#pragma once

#include <string>

#include "brig/config.h"
#include "sys/fd.h"

namespace brig::rootfs {

// Sets the propagation of the mount whose root is `mount` as rootfsPropagation says, which is to be
// neither shared nor unbindable yet. Throws Error.
void stop_propagation(int mount, const RootfsPropagation& propagation);

// Sets the propagation of everything that the mount namespace holds as rootfsPropagation says
// (unbindable only at the end, since nothing could be bound any more), binds the directory `rootfs`
// onto itself where nothing propagates to the host, and returns the new mount's root. Throws Error.
sys::OwnFd bind_rootfs(const std::string& rootfs, const RootfsPropagation& propagation);

// The next steps are about the root of the mount namespace, which is not "/" when brig was started
// in a chroot: in its place they would leave the host's for exec to end up in. Paths are the host's
// from here on. Throws Error.
void leave_callers_chroot();

// Makes the mount whose root is `root` the root of the mount namespace and detaches the old one.
// The working directory becomes "/". Throws Error.
void pivot_into(int root);

// --no-pivot, for hosts whose root cannot be pivoted (a ramdisk): moves the mount onto "/" and
// changes root. The host's mounts stay in the namespace below it, so every whole procfs and sysfs
// outside `rootfs` is unmounted or covered first: with one left, the kernel would let the container
// mount a fresh, unmasked one. Throws Error.
void move_into(int root, const std::string& rootfs);

}  // namespace brig::rootfs
