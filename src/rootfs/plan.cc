#include "rootfs/plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/path.h"

namespace brig::rootfs {

namespace {

void refuse_nul(const std::string& name, const char* property, const std::string& value) {
  if (value.find('\0') != std::string::npos)
    throw Error(concat(name, ": ", property, ": must not contain a NUL byte"));
}

void check_words(const std::string& name, const Mount& mount) {
  refuse_nul(name, "destination", mount.destination);
  refuse_nul(name, "source", mount.source);
  refuse_nul(name, "type", mount.type);
  for (const std::string& option : mount.options) refuse_nul(name, "options", option);
}

MountKind kind_of(const Mount& mount, const MountOptions& options) {
  if (options.remount) return MountKind::kRemount;
  if (options.bind || mount.type == "bind") return MountKind::kBind;
  if (mount.type == "cgroup" || mount.type == "cgroup2") return MountKind::kCgroup;
  return MountKind::kFileSystem;
}

// An idmapped mount: config.md "Mounts", `uidMappings`.
void plan_idmapping(MountOperation& operation, const Mount& mount, const RootfsContext& context) {
  MountOptions& options = operation.options;
  operation.uid_mappings = mount.uid_mappings;
  operation.gid_mappings = mount.gid_mappings;
  const bool has_mappings = !mount.uid_mappings.empty() || !mount.gid_mappings.empty();
  if (has_mappings && options.idmapping == Idmapping::kNone) options.idmapping = Idmapping::kTop;
  if (options.idmapping == Idmapping::kNone) return;
  if (operation.kind != MountKind::kBind)
    throw Error(concat(operation.name, ": only a bind mount can be idmapped"));
  if (mount.uid_mappings.empty() != mount.gid_mappings.empty())
    throw Error(concat(operation.name, ": uidMappings and gidMappings must be given together"));
  if (!has_mappings && !context.user_namespace)
    throw Error(concat(operation.name,
                       ": an idmapped mount needs uidMappings and gidMappings, or a container with "
                       "a user namespace"));
  if (!context.caller_may_mount)
    throw Error(concat(operation.name, ": an idmapped mount needs root on the host"));
}

void plan_bind(MountOperation& operation, const RootfsContext& context) {
  const MountOptions& options = operation.options;
  if (!options.parameters.empty())
    throw Error(concat(operation.name, ": options: \"", options.parameters.front().key,
                       "\" is no mount option, and a bind mount takes no file system data"));
  if (operation.source.empty())
    throw Error(concat(operation.name, ": a bind mount needs a source"));
  if (!operation.source.starts_with('/'))
    operation.source = concat(context.bundle, '/', operation.source);
  // A caller that may not mount has no more rights on the host than the child.
  operation.opened_by_parent =
      (context.user_namespace && context.caller_may_mount) || options.idmapping != Idmapping::kNone;
}

MountOperation plan_mount(const Mount& mount, std::size_t index, const RootfsContext& context) {
  MountOperation operation;
  operation.name = concat("mounts[", index, "] (", mount.destination, ')');
  check_words(operation.name, mount);
  operation.options = parse_mount_options(mount.options);
  operation.kind = kind_of(mount, operation.options);
  operation.destination = sys::clean_path(mount.destination);
  operation.type = mount.type;
  operation.source = mount.source;
  plan_idmapping(operation, mount, context);
  if (operation.kind == MountKind::kBind) plan_bind(operation, context);
  if (operation.kind == MountKind::kFileSystem) {
    if (mount.type.empty()) throw Error(concat(operation.name, ": a type is needed"));
    if (operation.options.tmpcopyup && mount.type != "tmpfs")
      throw Error(concat(operation.name, ": options: tmpcopyup is for type tmpfs only"));
    operation.late_readonly =
        operation.options.readonly() && (mount.type == "tmpfs" || operation.destination == "/dev");
  }
  return operation;
}

// A later mount's place may have to be made in a read-only bind: podman's --read-only binds
// /run/secrets so, and puts the secrets in it.
void postpone_readonly_binds(std::vector<MountOperation>& mounts) {
  std::set<std::string_view> above_later;  // every folder above a later destination
  for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) {
    const MountOptions& options = mount->options;
    const bool all_below = (options.set_recursive & MOUNT_ATTR_RDONLY) != 0;
    if (mount->kind == MountKind::kBind && options.readonly() && !all_below &&
        !options.copy_symlink)
      mount->late_readonly = above_later.contains(mount->destination);
    std::string_view folder = mount->destination;
    for (std::size_t slash = folder.rfind('/'); slash != std::string_view::npos && slash > 0;
         slash = folder.rfind('/')) {
      folder = folder.substr(0, slash);
      if (!above_later.insert(folder).second) break;
    }
  }
}

// runtime-spec config-linux.md "Default Devices"; /dev/console and /dev/ptmx are made apart.
struct DefaultDevice {
  const char* path;
  int major;
  int minor;
};
constexpr std::array<DefaultDevice, 6> kDefaultDevices = {{{"/dev/null", 1, 3},
                                                           {"/dev/zero", 1, 5},
                                                           {"/dev/full", 1, 7},
                                                           {"/dev/random", 1, 8},
                                                           {"/dev/urandom", 1, 9},
                                                           {"/dev/tty", 5, 0}}};

std::vector<DeviceOperation> plan_devices(const Config& config, const RootfsContext& context) {
  std::vector<DeviceOperation> devices;
  for (const DefaultDevice& standard : kDefaultDevices) {
    DeviceOperation operation;
    operation.device.path = standard.path;
    operation.device.major = standard.major;
    operation.device.minor = standard.minor;
    operation.name = concat("default device ", standard.path);
    devices.push_back(std::move(operation));
  }
  for (std::size_t i = 0; i < config.linux.devices.size(); ++i) {
    DeviceOperation operation;
    operation.device = config.linux.devices[i];
    operation.name = concat("linux.devices[", i, "] (", operation.device.path, ')');
    operation.configured = true;
    refuse_nul(operation.name, "path", operation.device.path);
    operation.device.path = sys::clean_path(operation.device.path);
    if (operation.device.path == "/dev/ptmx") continue;  // always the link to pts/ptmx
    const auto same = std::ranges::find(
        devices, operation.device.path,
        [](const DeviceOperation& other) -> const std::string& { return other.device.path; });
    if (same != devices.end())
      *same = std::move(operation);
    else
      devices.push_back(std::move(operation));
  }
  for (DeviceOperation& operation : devices)
    operation.bind = context.user_namespace && operation.device.type != 'p';
  return devices;
}

std::vector<std::string> plan_paths(const char* property, const std::vector<std::string>& paths) {
  std::vector<std::string> cleaned;
  cleaned.reserve(paths.size());
  std::set<std::string> seen;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    refuse_nul(concat(property, '[', i, ']'), "path", paths[i]);
    std::string path = sys::clean_path(paths[i]);
    if (seen.insert(path).second) cleaned.push_back(std::move(path));
  }
  return cleaned;
}

void check_propagation(const Config& config, const RootfsContext& context) {
  const std::optional<RootfsPropagation>& propagation = config.linux.rootfs_propagation;
  if (context.no_pivot && propagation && propagation->kind == Propagation::kPrivate)
    throw Error(
        "linux.rootfsPropagation: private propagation cannot be combined with --no-pivot, because "
        "the host's mounts stay in the container's mount namespace");
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// Whether the mount can be made when the host's mounts are out of reach but for its open source.
bool needs_no_host(const MountOperation& operation, const RootfsContext& context,
                   std::string_view rootfs) {
  static constexpr std::array<std::string_view, 5> kSelfContained = {"proc", "sysfs", "tmpfs",
                                                                     "devpts", "mqueue"};
  switch (operation.kind) {
    case MountKind::kBind: {
      // Below the rootfs an earlier mount may make the source, in /proc it may depend on who asks.
      const std::string source = sys::clean_path(operation.source);
      return !operation.opened_by_parent && !is_below(source, "/proc") && !is_below(source, rootfs);
    }
    case MountKind::kFileSystem:  // an overlay's folders are on the host, for example
      return std::ranges::find(kSelfContained, operation.type) != kSelfContained.end();
    case MountKind::kCgroup:
      return context.private_cgroup_namespace;
    case MountKind::kRemount:
      break;
  }
  return true;
}

// Hooks before pivot_root(2) may look for the host's mounts in the container's mount namespace.
bool may_start_alone(const RootfsPlan& plan, const Hooks& hooks) {
  constexpr std::size_t kMaxMounts = 200;  // the open sources are that many descriptors
  const RootfsContext& context = plan.context;
  const std::string rootfs = sys::clean_path(context.rootfs);
  return context.caller_is_host_root && !context.user_namespace && !context.no_pivot &&
         plan.propagation.recursive && plan.propagation.kind != Propagation::kShared &&
         hooks.prestart.empty() && hooks.create_runtime.empty() && hooks.create_container.empty() &&
         plan.mounts.size() <= kMaxMounts &&
         std::ranges::all_of(plan.mounts, [&](const MountOperation& operation) {
           return needs_no_host(operation, context, rootfs);
         });
}

}  // namespace

RootfsPlan plan_rootfs(const Config& config, const RootfsContext& context) {
  if (config.find_namespace(NamespaceType::kMount) == nullptr)
    throw Error(
        "linux.namespaces: a mount namespace is needed to set up the root file system; add "
        "{\"type\": \"mount\"}");
  check_propagation(config, context);
  RootfsPlan plan;
  plan.context = context;
  if (config.linux.rootfs_propagation) plan.propagation = *config.linux.rootfs_propagation;
  plan.mounts.reserve(config.mounts.size());
  for (std::size_t i = 0; i < config.mounts.size(); ++i) {
    plan.mounts.push_back(plan_mount(config.mounts[i], i, context));
    const MountOperation& operation = plan.mounts.back();
    if (operation.kind == MountKind::kBind && operation.destination == "/dev")
      plan.set_up_dev = false;
  }
  postpone_readonly_binds(plan.mounts);
  if (plan.set_up_dev) plan.devices = plan_devices(config, context);
  plan.masked_paths = plan_paths("linux.maskedPaths", config.linux.masked_paths);
  plan.readonly_paths = plan_paths("linux.readonlyPaths", config.linux.readonly_paths);
  plan.readonly = config.root && config.root->readonly;
  const auto context_type = config.annotations.find("run.oci.mount_context_type");
  plan.label.key = context_type == config.annotations.end() ? "context" : context_type->second;
  if (!config.linux.mount_label.empty()) plan.label.value = config.linux.mount_label;
  plan.starts_alone = may_start_alone(plan, config.hooks);
  return plan;
}

bool may_cover(const std::string& target, bool is_procfs) {
  static constexpr std::array<std::string_view, 10> kEmulated = {
      "/proc/cpuinfo",  "/proc/diskstats",
      "/proc/loadavg",  "/proc/meminfo",
      "/proc/slabinfo", "/proc/stat",
      "/proc/swaps",    "/proc/sys/crypto/fips_enabled",
      "/proc/uptime",   "/proc/sys/kernel/ns_last_pid"};
  if (target == "/proc") return is_procfs;
  if (!target.starts_with("/proc/")) return true;
  return std::ranges::find(kEmulated, target) != kEmulated.end();
}

}  // namespace brig::rootfs
