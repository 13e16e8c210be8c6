// /proc through a handle that nothing in a container can stand in front of.
//
// A container's mounts may cover /proc or single files in it, so that a write meant for the kernel
// (an LSM label, a sysctl) lands elsewhere (CVE-2019-16884, CVE-2025-52881). Here every handle is
// checked to be the root of a procfs, and every file below it is opened without crossing a mount or
// following a magic link.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// How much of /proc is needed.
enum class ProcScope {
  kProcesses,  // /proc/self and /proc/PID
  kWhole       // /proc/sys as well
};

// A private mount of procfs for the calling process's pid namespace, attached nowhere: fsopen(2),
// with subset=pid for kProcesses, so that a leaked handle gives no access to the host's settings.
// Where that is not permitted (a user namespace without a pid namespace of its own, or with a
// covered /proc) a private copy of the /proc mount by open_tree(2), and where even that is not
// permitted (it carries locked mounts) /proc itself: open_proc_file() still refuses whatever is
// mounted on top. EXDEV: what is at /proc is not the root of a procfs.
Result<OwnFd> open_private_proc(ProcScope scope);

// Opens `path` (relative, for example "self/attr/exec") below `proc`, a handle of
// open_private_proc() or a directory below one: openat2(2) with RESOLVE_BENEATH, NO_MAGICLINKS and
// NO_XDEV; close-on-exec. EXDEV: something is mounted there.
Result<OwnFd> open_proc_file(int proc, const std::string& path, int flags);

// One write(2) of `value` to such a file.
Result<void> write_proc_file(int proc, const std::string& path, std::string_view value);

// The mount point of the first file system of `type` in `mountinfo`, the text of
// /proc/PID/mountinfo; empty when there is none whose path has no blanks. proc_pid_mountinfo(5).
std::string mount_point_in(std::string_view mountinfo, std::string_view type);
// The same of the calling process's mount namespace.
Result<std::string> find_mount(std::string_view type);

// Host side: the directory /proc/PID (O_PATH), or of the calling process for pid 0, checked to be
// procfs.
Result<OwnFd> open_process_directory(pid_t pid);

}  // namespace brig::sys
