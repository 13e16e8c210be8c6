// One entry of `mounts` after the other.
//
// Runs in the child before enter(), in the container's mount namespace, where the host's tree and
// its trustworthy /proc can still be reached; clone_source() also runs in the parent. Destinations
// are resolved inside the root and used by descriptor only, so an image cannot redirect a mount
// (CVE-2021-30465).
#pragma once

#include <string>

#include "rootfs/plan.h"
#include "sys/fd.h"

namespace brig::rootfs {

// Where a file is in the caller's mount namespace, as /proc/self/fd says. Throws Error.
std::string path_of(int fd);

// A detached clone of a bind's source on the host. Throws Error: "bind source /x does not exist".
sys::OwnFd clone_source(const MountOperation& operation);

// Gives the mount whose root is `mount` the attributes of the operation, the recursive ones too.
// `exact`: as runc and crun, a bind with any attribute gets only those it names (nosuid, nodev,
// noexec, ro and nosymfollow of the source are dropped); attributes that a user namespace has
// locked are kept, unless an option clears them by name, which is an error. Throws Error.
void apply_attributes(const MountOperation& operation, int mount, bool exact);

// Makes the mount in `root`, creating its mount point when missing, and returns a descriptor of the
// new mount's root (none when the operation made no mount). `source`: what the parent opened, if
// anything. Expects umask 0. Throws Error without the operation's name.
sys::OwnFd make_mount(const MountOperation& operation, const RootfsPlan& plan, int root,
                      sys::OwnFd source);

}  // namespace brig::rootfs
