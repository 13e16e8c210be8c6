// The systemd unit of a container: what `linux.cgroupsPath` means under the systemd manager, and
// where the unit's cgroup is. Pure.
#pragma once

#include <string>
#include <string_view>

namespace brig::cgroup {

struct SystemdUnit {
  std::string name;   // "crio-ID.scope", or a slice
  std::string slice;  // the slice that it is in: "machine.slice"; "-.slice" is the root
  std::string path;   // its cgroup, below that of the manager: "/machine.slice/crio-ID.scope"
  [[nodiscard]] bool is_slice() const noexcept { return name.ends_with(".slice"); }
};

// "slice:prefix:name" is the scope PREFIX-NAME.scope in the slice, or the slice NAME when that ends
// in ".slice". An empty slice is system.slice, for a user's manager (`user`) user.slice; an empty
// path is ":brig:ID". Throws Error for other forms and for names that systemd would not take.
SystemdUnit plan_systemd_unit(std::string_view cgroups_path, std::string_view id, bool user);

// The cgroup of a slice below its manager's: "a-b.slice" is "/a.slice/a-b.slice", "-.slice" is "".
// Throws Error for what is no slice's name.
std::string slice_path(std::string_view slice);

// The cgroup of the system manager, from that of its process ("/init.scope"): "" for the root.
std::string system_manager_cgroup(std::string_view process_cgroup);
// The cgroup of the user's manager, from that of a process in one of its units: up to and with
// user@UID.service. Empty when the process is in none of its units.
std::string user_manager_cgroup(std::string_view process_cgroup);

}  // namespace brig::cgroup
