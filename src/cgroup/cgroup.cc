#include "cgroup/cgroup.h"

#include <algorithm>
#include <csignal>

#include "base/concat.h"
#include "cgroup/cgroupfs.h"
#include "cgroup/files.h"
#include "cgroup/location.h"
#include "cgroup/systemd.h"
#include "sys/file.h"

namespace brig::cgroup {

namespace {

// The manager `disabled`, or a rootless container for which none could be made: its processes stay
// in the cgroup of the runtime, so nothing can be limited, frozen or found through a cgroup.
class NoCgroup : public Cgroup {
 public:
  [[nodiscard]] const std::string& path() const override { return path_; }
  void check_unused() override {}
  void create(const Resources& /*resources*/) override {}
  void undo_create() override {}
  [[nodiscard]] int directory() override { return -1; }
  void adopt(pid_t /*pid*/) override {}
  void admit(pid_t /*pid*/) override {}
  [[nodiscard]] std::string entry_problem() override { return {}; }
  [[nodiscard]] sys::OwnFd open_subgroup(const std::string& /*name*/) override {
    refuse("start a process in a sub-cgroup");
  }
  void update(const Resources& /*resources*/) override { refuse("update its limits"); }
  void delegate(uid_t /*owner*/) override {}
  void freeze() override { refuse("pause it"); }
  void thaw() override { refuse("resume it"); }
  [[nodiscard]] bool is_frozen() override { return false; }
  [[nodiscard]] std::vector<pid_t> processes() override { refuse("list its processes"); }
  void signal_all(int /*signal*/) override { refuse("signal all its processes"); }
  void destroy() override {}

 private:
  [[noreturn]] static void refuse(const char* action) { throw needs_cgroup(action); }

  std::string path_;
};

std::string own_cgroup(const std::string& file) {
  std::string path = unified_path(sys::read_file_at(AT_FDCWD, file).or_throw("read ", file));
  if (path.empty()) throw Error(concat(file, " names no cgroup2 cgroup (no line \"0::\")"));
  return path;
}

std::uint32_t host_id(const std::vector<IdMapping>& mappings, std::uint32_t id) {
  for (const IdMapping& mapping : mappings)
    if (id >= mapping.container_id && id - mapping.container_id < mapping.size)
      return mapping.host_id + (id - mapping.container_id);
  return id;
}

}  // namespace

const std::string& Cgroup::unit() const {
  static const std::string kNone;
  return kNone;
}

bool Cgroup::complete(int /*peer*/) { return true; }

std::unique_ptr<Cgroup> plan_cgroup(const CgroupRequest& request) {
  if (request.manager == CgroupManager::kDisabled) return std::make_unique<NoCgroup>();
  if (request.manager == CgroupManager::kSystemd) return Systemd::plan(request);
  const std::string own =
      request.cgroups_path.starts_with('/') ? std::string() : own_cgroup("/proc/self/cgroup");
  const std::string place = resolve_cgroups_path(request.cgroups_path, request.id, own);
  return std::make_unique<Cgroupfs>(concat(find_mount_point(), place));
}

Error needs_cgroup(const char* action) {
  return Error(concat("cannot ", action,
                      ": the container has no cgroup (it was created with "
                      "--cgroup-manager=disabled, or by a user who may make none: one who starts "
                      "brig with `systemd-run --user --scope -p Delegate=yes` may)"));
}

std::unique_ptr<Cgroup> no_cgroup() { return std::make_unique<NoCgroup>(); }

std::unique_ptr<Cgroup> open_cgroup(const CgroupRecord& record) {
  if (record.path.empty()) return std::make_unique<NoCgroup>();
  if (!record.unit.empty()) return std::make_unique<Systemd>(record);
  return std::make_unique<Cgroupfs>(record.path);
}

sys::OwnFd open_cgroup_of_process(pid_t pid) {
  const std::string path = concat(find_mount_point(), own_cgroup(concat("/proc/", pid, "/cgroup")));
  return sys::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY)
      .or_throw("open the cgroup ", path, " of process ", pid);
}

std::string find_frozen_cgroup_of(pid_t pid) {
  const std::optional<std::string> text = read_text(AT_FDCWD, concat("/proc/", pid, "/cgroup"));
  const std::string root = known_mount_point();
  if (!text || root.empty()) return {};
  return find_frozen(concat(root, unified_path(*text)), root);
}

std::optional<uid_t> delegation_owner(const Config& config) {
  const Namespace* const own = config.find_namespace(NamespaceType::kCgroup);
  if (own == nullptr || !own->path.empty()) return std::nullopt;
  for (const Mount& mount : config.mounts) {
    std::string_view destination = mount.destination;
    while (destination.ends_with('/')) destination.remove_suffix(1);
    if (mount.source != "cgroup" || destination != "/sys/fs/cgroup") continue;
    // The last of "ro" and "rw" holds.
    bool read_only = false;
    for (const std::string& option : mount.options) {
      if (option == "ro") read_only = true;
      if (option == "rw") read_only = false;
    }
    if (read_only) return std::nullopt;
    return host_id(config.linux.uid_mappings, config.process ? config.process->user.uid : 0);
  }
  return std::nullopt;
}

}  // namespace brig::cgroup
