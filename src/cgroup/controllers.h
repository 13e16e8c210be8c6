// Turning on the controllers that a cgroup needs in the cgroups above it.
#pragma once

#include <string>

#include "cgroup/resources.h"

namespace brig::cgroup {

// Makes the controllers that `plan` needs available in the cgroup `directory` (the descriptor of
// `path`, below the hierarchy's mount point `root`): enables those that are missing in
// cgroup.subtree_control from the root down, and only those. Writes whose controller this host does
// not have leave the plan when they ask for nothing but the kernel's default; else it throws an
// Error that says where the controller is and what to do.
void enable_controllers(Plan& plan, int directory, const std::string& root,
                        const std::string& path);

// Whether `list`, the text of a cgroup.controllers file, has `controller`.
bool has_controller(std::string_view list, std::string_view controller);

// What /proc/cgroups (`proc_cgroups`) tells about a controller that cgroup v2 does not have, and
// the remedy: "bound to cgroup v1 ...".
std::string missing_controller_reason(std::string_view controller, std::string_view proc_cgroups);

}  // namespace brig::cgroup
