// Where a container's cgroup is: the cgroup2 mount of this host and the meaning of `cgroupsPath`.
#pragma once

#include <string>
#include <string_view>

namespace brig::cgroup {

// Where the cgroup2 hierarchy is mounted, absolute and without trailing slash: /sys/fs/cgroup
// (unified host), /sys/fs/cgroup/unified (hybrid host), else the first one that
// /proc/self/mountinfo lists. Throws when there is none, with the remedy.
std::string find_mount_point();
// The same, but empty when there is none.
std::string known_mount_point();

// The path in the cgroup2 hierarchy that the text of a /proc/PID/cgroup file gives ("0::/a/b" ->
// "/a/b"); empty when it has no such line. cgroups(7).
std::string unified_path(std::string_view proc_cgroup);

// config-linux.md "Cgroups Path" for the cgroupfs manager: the container's place in the hierarchy,
// as an absolute path below its root. An absolute `cgroups_path` is taken as it is; a relative one
// is below the parent of the runtime's own cgroup, which `own_cgroup` names (as unified_path()
// gives it); an empty one is `id` there. Throws for "..", for components that cannot be a cgroup's
// name and for the root itself.
std::string resolve_cgroups_path(std::string_view cgroups_path, std::string_view id,
                                 std::string_view own_cgroup);

}  // namespace brig::cgroup
