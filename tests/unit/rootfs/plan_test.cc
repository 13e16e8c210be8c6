#include "rootfs/plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "brig/error.h"
#include "oci/parse.h"
#include "sys/file.h"

using namespace brig;
using namespace brig::rootfs;

namespace {

Config config_with(std::vector<Mount> mounts) {
  Config config;
  config.root = Root{"rootfs", false};
  config.linux.namespaces.push_back({NamespaceType::kMount, ""});
  config.mounts = std::move(mounts);
  return config;
}

Mount mount(std::string destination, std::string type, std::string source,
            std::vector<std::string> options) {
  Mount entry;
  entry.destination = std::move(destination);
  entry.type = std::move(type);
  entry.source = std::move(source);
  entry.options = std::move(options);
  return entry;
}

RootfsContext host_context() {
  RootfsContext context;
  context.rootfs = "/bundle/rootfs";
  context.bundle = "/bundle";
  return context;
}

MountOperation plan_one(Mount entry, const RootfsContext& context = host_context()) {
  return plan_rootfs(config_with({std::move(entry)}), context).mounts.at(0);
}

std::string refusal(const Config& config, const RootfsContext& context = host_context()) {
  try {
    (void)plan_rootfs(config, context);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal_of(Mount entry, const RootfsContext& context = host_context()) {
  return refusal(config_with({std::move(entry)}), context);
}

const DeviceOperation* find_device(const RootfsPlan& plan, const std::string& path) {
  for (const DeviceOperation& operation : plan.devices)
    if (operation.device.path == path) return &operation;
  return nullptr;
}

}  // namespace

TEST_CASE("what kind of mount an entry is") {
  CHECK(plan_one(mount("/a", "none", "/x", {"rbind"})).kind == MountKind::kBind);
  CHECK(plan_one(mount("/a", "bind", "/x", {})).kind == MountKind::kBind);
  CHECK(plan_one(mount("/a", "tmpfs", "tmpfs", {})).kind == MountKind::kFileSystem);
  CHECK(plan_one(mount("/a", "cgroup", "cgroup", {"ro"})).kind == MountKind::kCgroup);
  CHECK(plan_one(mount("/a", "cgroup2", "cgroup", {})).kind == MountKind::kCgroup);
  CHECK(plan_one(mount("/a", "cgroup", "/x", {"bind"})).kind == MountKind::kBind);
  CHECK(plan_one(mount("/a", "tmpfs", "", {"remount", "ro"})).kind == MountKind::kRemount);
}

TEST_CASE("names, destinations and sources") {
  const MountOperation operation = plan_one(mount("a//b/", "bind", "data", {}));
  CHECK(operation.name == "mounts[0] (a//b/)");
  CHECK(operation.destination == "/a/b");
  CHECK(operation.source == "/bundle/data");
  CHECK(plan_one(mount("/a", "bind", "/data", {})).source == "/data");
}

TEST_CASE("read-only comes late where files are still to be made") {
  CHECK(plan_one(mount("/a", "tmpfs", "tmpfs", {"ro"})).late_readonly);
  CHECK(plan_one(mount("/dev", "devtmpfs", "none", {"ro"})).late_readonly);
  CHECK_FALSE(plan_one(mount("/a", "tmpfs", "tmpfs", {})).late_readonly);
  CHECK_FALSE(plan_one(mount("/sys", "sysfs", "sysfs", {"ro"})).late_readonly);
  CHECK_FALSE(plan_one(mount("/a", "bind", "/x", {"ro"})).late_readonly);
  const auto first_is_late = [](const std::vector<Mount>& mounts) {
    return plan_rootfs(config_with(mounts), host_context()).mounts.at(0).late_readonly;
  };
  const Mount inside = mount("/a/b", "bind", "/y", {});
  CHECK(first_is_late({mount("/a", "bind", "/x", {"ro"}), inside}));
  CHECK_FALSE(first_is_late({mount("/a", "bind", "/x", {"rw"}), inside}));
  CHECK_FALSE(first_is_late({mount("/a", "bind", "/x", {"rro"}), inside}));
  CHECK_FALSE(first_is_late({mount("/a", "bind", "/x", {"ro"}), mount("/ab", "bind", "/y", {})}));
  CHECK_FALSE(first_is_late({inside, mount("/a", "bind", "/x", {"ro"})}));
}

TEST_CASE("who opens the source of a bind") {
  const Mount bind = mount("/a", "bind", "/x", {"rbind"});
  CHECK_FALSE(plan_one(bind).opened_by_parent);
  RootfsContext context = host_context();
  context.user_namespace = true;
  CHECK(plan_one(bind, context).opened_by_parent);
  context.caller_may_mount = false;
  CHECK_FALSE(plan_one(bind, context).opened_by_parent);
}

TEST_CASE("when the mount namespace starts with the rootfs alone") {
  RootfsContext context = host_context();
  context.caller_is_host_root = context.private_cgroup_namespace = true;
  const Config plain =
      config_with({mount("/proc", "proc", "proc", {}), mount("/dev/shm", "tmpfs", "shm", {}),
                   mount("/sys/fs/cgroup", "cgroup", "cgroup", {}),
                   mount("/data", "bind", "/volumes/a", {"rbind"}),
                   mount("/proc", "proc", "proc", {"remount", "ro"})});
  const auto alone = [](const Config& config, const RootfsContext& where) {
    return plan_rootfs(config, where).starts_alone;
  };
  REQUIRE(alone(plain, context));
  for (bool RootfsContext::*reason : {&RootfsContext::no_pivot, &RootfsContext::user_namespace}) {
    RootfsContext other = context;
    other.*reason = true;
    CHECK_FALSE(alone(plain, other));
  }
  for (bool RootfsContext::*need :
       {&RootfsContext::caller_is_host_root, &RootfsContext::private_cgroup_namespace}) {
    RootfsContext other = context;
    other.*need = false;
    CHECK_FALSE(alone(plain, other));
  }
  for (std::vector<Hook> Hooks::*kind :
       {&Hooks::prestart, &Hooks::create_runtime, &Hooks::create_container}) {
    Config hooked = plain;
    (hooked.hooks.*kind).push_back({.path = "/bin/true"});
    CHECK_FALSE(alone(hooked, context));
  }
  Config late = plain;
  late.hooks.start_container.push_back({.path = "/bin/true"});
  CHECK(alone(late, context));
  for (const auto& [kind, recursive, expected] : {std::tuple(Propagation::kShared, true, false),
                                                  {Propagation::kSlave, false, false},
                                                  {Propagation::kPrivate, true, true},
                                                  {Propagation::kUnbindable, true, true}}) {
    Config propagating = plain;
    propagating.linux.rootfs_propagation = {kind, recursive};
    CHECK(alone(propagating, context) == expected);
  }
  Mount mapped = mount("/m", "bind", "/x", {"rbind"});
  mapped.uid_mappings = mapped.gid_mappings = {{0, 1000, 1}};
  for (const Mount& needs_host :
       {mapped, mount("/a", "overlay", "overlay", {"lowerdir=/x:/y"}),
        mount("/a", "bind", "/proc/self/ns/net", {"bind"}),
        mount("/a", "bind", "/bundle/rootfs/made", {"bind"}),
        mount("/a", "bind", "rootfs", {"bind"}), mount("/a", "bind", "/x/../bundle//rootfs", {})})
    CHECK_FALSE(alone(config_with({needs_host}), context));
  CHECK(alone(config_with({mount("/a", "bind", "/bundle/rootfs2", {"bind"})}), context));
  CHECK_FALSE(alone(config_with(std::vector<Mount>(500, mount("/t", "tmpfs", "t", {}))), context));
}

TEST_CASE("idmapped mounts") {
  Mount own = mount("/a", "bind", "/x", {"rbind"});
  own.uid_mappings = own.gid_mappings = {{0, 1000, 1}};
  CHECK(plan_one(own).options.idmapping == Idmapping::kTop);
  CHECK(plan_one(own).opened_by_parent);
  own.gid_mappings.clear();
  CHECK(refusal_of(own).find("must be given together") != std::string::npos);

  const Mount shared = mount("/a", "bind", "/x", {"rbind", "ridmap"});
  CHECK(refusal_of(shared).starts_with("mounts[0] (/a): an idmapped mount needs uidMappings"));
  RootfsContext context = host_context();
  context.user_namespace = true;
  CHECK(plan_one(shared, context).options.idmapping == Idmapping::kRecursive);
  CHECK(refusal_of(mount("/a", "tmpfs", "tmpfs", {"idmap"}), context) ==
        "mounts[0] (/a): only a bind mount can be idmapped");
}

TEST_CASE("what cannot be planned is refused by name") {
  CHECK(
      refusal_of(mount("/a", "bind", "/x", {"rbind", "frobnicate"})) ==
      "mounts[0] (/a): options: \"frobnicate\" is no mount option, and a bind mount takes no file "
      "system data");
  CHECK(refusal_of(mount("/a", "bind", "", {})) == "mounts[0] (/a): a bind mount needs a source");
  CHECK(refusal_of(mount("/a", "", "x", {})) == "mounts[0] (/a): a type is needed");
  CHECK(refusal_of(mount("/a", "proc", "x", {"tmpcopyup"})).find("tmpfs only") !=
        std::string::npos);
  CHECK(refusal_of(mount("/a", "tmpfs", std::string("x\0y", 3), {})).find("NUL") !=
        std::string::npos);
  Config without = config_with({});
  without.linux.namespaces.clear();
  CHECK(refusal(without).starts_with("linux.namespaces: a mount namespace is needed"));
}

TEST_CASE("private propagation and no pivot exclude each other") {
  Config config = config_with({});
  config.linux.rootfs_propagation = RootfsPropagation{Propagation::kPrivate, true};
  RootfsContext context = host_context();
  CHECK(refusal(config, context) == "accepted");
  context.no_pivot = true;
  CHECK(refusal(config, context).starts_with("linux.rootfsPropagation:"));
}

TEST_CASE("default devices, and the config's in their place or after them") {
  Config config = config_with({});
  config.linux.devices.push_back({'c', "/dev/null", 1, 3, 0600, 5, 6});
  config.linux.devices.push_back({'p', "/run/pipe", 0, 0, {}, {}, {}});
  config.linux.devices.push_back({'c', "/dev//ptmx", 5, 2, {}, {}, {}});
  RootfsContext context = host_context();
  context.user_namespace = true;
  const RootfsPlan plan = plan_rootfs(config, context);
  CHECK(plan.devices.size() == 7);
  REQUIRE(find_device(plan, "/dev/null") != nullptr);
  CHECK(find_device(plan, "/dev/null")->configured);
  CHECK(find_device(plan, "/dev/null")->device.file_mode == 0600U);
  CHECK(find_device(plan, "/dev/null")->bind);
  REQUIRE(find_device(plan, "/dev/full") != nullptr);
  CHECK(find_device(plan, "/dev/full")->device.minor == 7);
  CHECK_FALSE(find_device(plan, "/dev/full")->configured);
  REQUIRE(find_device(plan, "/run/pipe") != nullptr);
  CHECK_FALSE(find_device(plan, "/run/pipe")->bind);
  CHECK(find_device(plan, "/dev/ptmx") == nullptr);
}

TEST_CASE("a bound /dev is left as it is") {
  const RootfsPlan bound =
      plan_rootfs(config_with({mount("/dev/", "bind", "/dev", {"rbind"})}), host_context());
  CHECK_FALSE(bound.set_up_dev);
  CHECK(bound.devices.empty());
  const RootfsPlan file =
      plan_rootfs(config_with({mount("/dev/null", "bind", "/dev/null", {})}), host_context());
  CHECK(file.set_up_dev);
}

TEST_CASE("masked and read-only paths are cleaned and not repeated") {
  Config config = config_with({});
  config.linux.masked_paths = {"/proc/kcore", "/proc//kcore/", "/proc/keys"};
  config.linux.readonly_paths = {"/proc/sys"};
  const RootfsPlan plan = plan_rootfs(config, host_context());
  CHECK(plan.masked_paths == std::vector<std::string>{"/proc/kcore", "/proc/keys"});
  CHECK(plan.readonly_paths == std::vector<std::string>{"/proc/sys"});
}

TEST_CASE("the SELinux label") {
  Config config = config_with({});
  CHECK_FALSE(plan_rootfs(config, host_context()).label.value.has_value());
  config.linux.mount_label = "system_u:object_r:container_file_t:s0:c1,c2";
  CHECK(plan_rootfs(config, host_context()).label.key == "context");
  config.annotations["run.oci.mount_context_type"] = "rootcontext";
  CHECK(plan_rootfs(config, host_context()).label.key == "rootcontext");
  CHECK(plan_rootfs(config, host_context()).label.value == config.linux.mount_label);
}

TEST_CASE("what may be covered in /proc") {
  CHECK(may_cover("/", false));
  CHECK(may_cover("/procfs", false));
  CHECK(may_cover("/proc", true));
  CHECK_FALSE(may_cover("/proc", false));
  for (const char* path : {"/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat",
                           "/proc/swaps", "/proc/uptime", "/proc/loadavg", "/proc/slabinfo",
                           "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled"})
    CHECK(may_cover(path, false));
  CHECK_FALSE(may_cover("/proc/self", false));
  CHECK_FALSE(may_cover("/proc/sys", true));
  CHECK_FALSE(may_cover("/proc/cpuinfo/x", false));
}

TEST_CASE("what engines write is planned completely") {
  const std::string folder = BRIG_TEST_DIR "/corpus";
  int planned = 0;
  for (const auto& entry : sys::list_directory(AT_FDCWD, folder).or_throw("list ", folder)) {
    if (!entry.name.ends_with(".config.json")) continue;
    CAPTURE(entry.name);
    const Config config = oci::parse_config(
        sys::read_file_at(AT_FDCWD, folder + "/" + entry.name).or_throw("read ", entry.name));
    RootfsContext context = host_context();
    context.user_namespace = config.find_namespace(NamespaceType::kUser) != nullptr;
    const RootfsPlan plan = plan_rootfs(config, context);
    CHECK(plan.mounts.size() == config.mounts.size());
    CHECK(plan.set_up_dev);
    CHECK(plan.devices.size() >= 6);
    for (const MountOperation& operation : plan.mounts) {
      CAPTURE(operation.name);
      CHECK(operation.opened_by_parent ==
            (operation.kind == MountKind::kBind && context.user_namespace));
      CHECK((operation.kind != MountKind::kBind || operation.options.parameters.empty()));
    }
    ++planned;
  }
  CHECK(planned >= 27);
}
