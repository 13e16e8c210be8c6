// maskedPaths and readonlyPaths (config-linux.md).
//
// Runs in the child after enter(), root in the container's user namespace.
#pragma once

#include <string>
#include <vector>

#include "rootfs/plan.h"
#include "sys/fd.h"

namespace brig::rootfs {

// A detached bind of the host's /dev/null, verified to be character device 1:3: what masked files
// become. The container's own /dev/null may be anything (CVE-2025-31133). Before enter(). Throws
// Error.
sys::OwnFd clone_host_null();

// Covers each of plan.masked_paths below `root`: a file with `null`, a directory with one empty
// read-only tmpfs that all of them share. Paths that do not exist are skipped. Throws Error.
void mask_paths(const RootfsPlan& plan, int root, sys::OwnFd null);

// Makes each of plan.readonly_paths below `root` read-only, with its other mount attributes kept.
// Paths that do not exist are skipped. Throws Error.
void make_paths_readonly(const RootfsPlan& plan, int root);

}  // namespace brig::rootfs
