// The kernel's mount interface by file descriptor: open_tree(2), move_mount(2), mount_setattr(2),
// fsopen(2), fsconfig(2), fsmount(2), and the few path-based calls that have no successor.
//
// A mount made here (a clone, a new file system) is detached: it is attached nowhere until
// move_mount(), and goes away when its descriptor is closed before that. Afterwards the descriptor
// is an O_PATH handle to the root of the attached mount.
//
// (Not called mount.h: with src/ on the include path that would hide the C library's
// <sys/mount.h>.)
#pragma once

#include <sys/mount.h>

#include <cstdint>
#include <string>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// A detached copy of the mount at `dir`/`path`, or of `dir` itself when `path` is empty. `flags`
// adds AT_RECURSIVE (with all mounts below) and AT_SYMLINK_NOFOLLOW. open_tree(2) with
// OPEN_TREE_CLONE, close-on-exec.
Result<OwnFd> clone_mount(int dir, const std::string& path, unsigned flags = 0);

// A new mount namespace that holds a copy of the mount at `path` with all mounts below, and nothing
// else: its file, for setns(2). open_tree(2) with OPEN_TREE_NAMESPACE, close-on-exec. EINVAL before
// Linux 7.0.
Result<OwnFd> clone_into_namespace(const std::string& path);

// Attaches the detached mount `mount` (or moves the attached one it is the root of) onto the file
// or directory behind `target`. Nothing is looked up by name, so no link can redirect it.
// move_mount(2) with two empty paths.
Result<void> move_mount(int mount, int target);

// What mount_setattr(2) changes: MOUNT_ATTR_* to clear and to set, the propagation type (MS_SHARED,
// MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE; 0 leaves it), and with MOUNT_ATTR_IDMAP in `set` the user
// namespace descriptor.
struct MountAttributes {
  std::uint64_t set = 0;
  std::uint64_t clear = 0;
  std::uint64_t propagation = 0;
  int user_namespace = -1;
};
// Changes the mount whose root is `mount` (EINVAL when it is not a mount's root), with `recursive`
// also all mounts below.
Result<void> set_mount_attributes(int mount, const MountAttributes& attributes,
                                  bool recursive = false);

// A file system being configured: fsopen(2). ENODEV: the kernel does not know `type`.
Result<OwnFd> open_file_system(const char* type);
// The superblock of the mount at `mount`, to be reconfigured: fspick(2).
Result<OwnFd> pick_file_system(int mount);
// One parameter of a file system; fsconfig(2). A value is at most 255 bytes long (EINVAL).
Result<void> set_parameter(int context, const std::string& key, const std::string& value);
Result<void> set_flag(int context, const std::string& key);
// Makes the superblock (FSCONFIG_CMD_CREATE) or applies the new parameters to it
// (FSCONFIG_CMD_RECONFIGURE).
Result<void> create_superblock(int context);
Result<void> reconfigure_superblock(int context);
// The detached mount of a created superblock, with MOUNT_ATTR_* `attributes`; fsmount(2).
Result<OwnFd> mount_superblock(int context, std::uint64_t attributes);
// What the kernel had to say about the last failure on `context`: its messages joined by "; ",
// empty when there are none.
std::string file_system_messages(int context);

// mount(2), for what only it can do: option values longer than fsconfig(2) takes. `target` is
// followed as the kernel follows it: pass /proc/self/fd/N of a trusted /proc.
Result<void> mount_by_path(const std::string& source, const std::string& target,
                           const std::string& type, unsigned long flags, const std::string& data);

// umount2(2).
Result<void> unmount(const std::string& path, int flags);
// pivot_root(2).
Result<void> pivot_root(const char* new_root, const char* put_old);
// chroot(2), fchdir(2), chdir(2): they change the calling process as a whole.
Result<void> change_root(const char* path);
Result<void> enter_directory(int dir);
Result<void> enter_directory(const char* path);

}  // namespace brig::sys
