#include "cgroup/location.h"

#include <limits.h>
#include <linux/magic.h>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/file.h"
#include "sys/procfs.h"

namespace brig::cgroup {

namespace {

constexpr const char* kUnifiedMount = "/sys/fs/cgroup";
constexpr const char* kHybridMount = "/sys/fs/cgroup/unified";

bool is_cgroup2_mount(const char* path) {
  const sys::Result<std::uint64_t> type = sys::file_system_type_at(path);
  return type && *type == CGROUP2_SUPER_MAGIC;
}

void check_component(std::string_view name, std::string_view cgroups_path) {
  const auto refuse = [&](std::string_view why) {
    throw Error(concat("linux.cgroupsPath: \"", cgroups_path, "\" ", why));
  };
  if (name == "..") refuse("must not contain \"..\"");
  if (name.size() > NAME_MAX) refuse("has a component of more than 255 bytes");
  for (const char letter : name)
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f)
      refuse("contains a control character");
}

// Appends the components of `path` to `out`, each with a slash before it.
void append_components(std::string& out, std::string_view path, std::string_view cgroups_path) {
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size() < path.size() ? name.size() + 1 : path.size());
    if (name.empty() || name == ".") continue;
    check_component(name, cgroups_path);
    append(out, '/', name);
  }
}

}  // namespace

std::string known_mount_point() {
  if (is_cgroup2_mount(kUnifiedMount)) return kUnifiedMount;
  if (is_cgroup2_mount(kHybridMount)) return kHybridMount;
  return sys::find_mount("cgroup2").or_throw("read /proc/self/mountinfo to find the cgroup2 mount");
}

std::string find_mount_point() {
  std::string mount_point = known_mount_point();
  if (mount_point.empty())
    throw Error(
        "no cgroup2 file system is mounted: boot with systemd.unified_cgroup_hierarchy=1, or mount "
        "one (mount -t cgroup2 cgroup2 /sys/fs/cgroup), or use --cgroup-manager=disabled");
  return mount_point;
}

std::string unified_path(std::string_view proc_cgroup) {
  while (!proc_cgroup.empty()) {
    const std::string_view line = proc_cgroup.substr(0, proc_cgroup.find('\n'));
    if (line.starts_with("0::")) return std::string(line.substr(3));
    proc_cgroup.remove_prefix(line.size() < proc_cgroup.size() ? line.size() + 1
                                                               : proc_cgroup.size());
  }
  return {};
}

std::string resolve_cgroups_path(std::string_view cgroups_path, std::string_view id,
                                 std::string_view own_cgroup) {
  std::string path;
  if (!cgroups_path.starts_with('/')) {
    if (own_cgroup.starts_with("/.."))
      throw Error(
          concat("linux.cgroupsPath: \"", cgroups_path,
                 "\" is relative to the runtime's own cgroup, which is outside of this cgroup "
                 "namespace (",
                 own_cgroup, "): use an absolute path"));
    const std::size_t parent_end = own_cgroup.rfind('/');
    if (parent_end != std::string_view::npos)
      append_components(path, own_cgroup.substr(0, parent_end), cgroups_path);
  }
  const std::size_t parent_length = path.size();
  append_components(path, cgroups_path.empty() ? id : cgroups_path, cgroups_path);
  if (path.size() == parent_length)
    throw Error(concat("linux.cgroupsPath: \"", cgroups_path, "\" names no cgroup"));
  return path;
}

}  // namespace brig::cgroup
