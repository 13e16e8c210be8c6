// The device nodes and links of /dev.
//
// Runs in the child before enter(), so that the host's nodes can still be reached where mknod(2) is
// refused; every path is resolved inside the root, so an image's links in /dev lead nowhere else
// (CVE-2026-41579). clone_host_device() also runs in the parent.
#pragma once

#include "rootfs/plan.h"
#include "sys/fd.h"

namespace brig::rootfs {

// A detached bind of the host's node at device.path, which must be the device that `device` says.
// Throws Error.
sys::OwnFd clone_host_device(const Device& device);

// Makes the plan's devices below `root`, then the links fd, stdin, stdout, stderr, core and ptmx in
// /dev. `sources`: binds that the parent opened, parallel to plan.devices. Expects umask 0. Throws
// Error naming the device.
void set_up_dev(const RootfsPlan& plan, int root, std::vector<sys::OwnFd>& sources);

// Binds the terminal `slave` on /dev/console below `root`, which is made when missing. Throws
// Error.
void bind_console_device(int root, int slave);

}  // namespace brig::rootfs
