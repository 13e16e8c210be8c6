// Namespaces: setns(2), unshare(2) and the files under /proc/PID/ns.
#pragma once

#include <string>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// setns(2). `fd` is a namespace file with one CLONE_NEW* in `flags` (which the kernel checks
// against the file's type: EINVAL when they differ), or a pidfd with any set of them.
Result<void> enter_namespaces(int fd, int flags);

// unshare(2).
Result<void> unshare(int flags);

// One of the calling process's own namespace files; `name` as in /proc/self/ns ("net",
// "time_for_children").
Result<OwnFd> open_own_namespace(const char* name);

}  // namespace brig::sys
