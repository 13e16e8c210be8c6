// Namespaces: setns(2), unshare(2) and the files under /proc/PID/ns.
#pragma once

#include <string>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// setns(2). `fd` is a namespace file with one CLONE_NEW* in `flags` (which the kernel checks
// against the file's type: EINVAL when they differ), or a pidfd with any set of them.
Result<void> enter_namespaces(int fd, int flags);

// Makes the root of the calling process's mount namespace its root and working directory again,
// which chroot(2) had changed.
Result<void> leave_chroot();

// unshare(2).
Result<void> unshare(int flags);

// One of the calling process's own namespace files; `name` as in /proc/self/ns ("net",
// "time_for_children").
Result<OwnFd> open_own_namespace(const char* name);

// Whether the calling process is in the initial user namespace, whose root alone may do what
// concerns the whole machine. Where /proc does not tell, it is taken for that.
bool in_initial_user_namespace();

// Whether the calling process's mount namespace belongs to its user namespace, so that root there
// may make mounts (ioctl_ns(2) NS_GET_USERNS). Not so right after `unshare --user`.
bool owns_mount_namespace();

}  // namespace brig::sys
