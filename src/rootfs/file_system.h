// New file systems through fsopen(2), and changes to mounted ones.
//
// Runs in the child, in the container's mount namespace.
#pragma once

#include "rootfs/plan.h"
#include "sys/fd.h"

namespace brig::rootfs {

// A detached mount of a new file system of operation.type with the operation's source, parameters,
// flags and attributes (but not read-only when that is to come late), and `label` when it has a
// value. Throws Error with the kernel's own messages: "mount xfs from /dev/sdb: xfs: ...".
sys::OwnFd create_file_system(const MountOperation& operation, const FileSystemParameter& label);

// Whether create_file_system() can pass all parameters (at most 255 bytes each). If not,
// mount_long_options() is the way.
bool fits_fsconfig(const MountOperation& operation);

// mount(2) on `target` (a descriptor; /proc must be the host's), for parameters that fsconfig(2)
// cannot take, as the lowerdir of an overlay with many layers. Throws Error.
void mount_long_options(const MountOperation& operation, const FileSystemParameter& label,
                        int target);

// `remount`: gives the mount whose root is `mount` the operation's attributes and, unless it says
// bind, its superblock the operation's parameters. Throws Error.
void remount(const MountOperation& operation, int mount);

}  // namespace brig::rootfs
