// AppArmor profile and SELinux label of the container's process.
//
// set_*() run in the container's init or in an exec'd process and take effect at its next
// execve(2). `proc` is a handle of sys::open_private_proc(). The checks run on the host side.
#pragma once

#include <string>

#include "brig/config.h"

namespace brig::isolate {

// Whether the running kernel enforces them.
bool apparmor_enabled();
bool selinux_enabled();

// Throws when the process asks for a profile or label that this host cannot apply: an error at
// create, before anything is made.
void check_lsm(const Process& process);

// Changes to the AppArmor profile at execve(2); /proc/self/attr/apparmor/exec, `exec NAME`.
void set_apparmor_profile(int proc, const std::string& profile);

// Sets the SELinux label at execve(2); /proc/self/attr/exec.
void set_selinux_label(int proc, const std::string& label);

}  // namespace brig::isolate
