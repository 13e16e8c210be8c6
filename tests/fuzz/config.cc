// config.json: parsing, validation, and every plan that is made of a valid one without a system
// call.
#include "brig/config.h"

#include "cgroup/devices_bpf.h"
#include "cgroup/location.h"
#include "cgroup/resources.h"
#include "cgroup/systemd_properties.h"
#include "cgroup/systemd_unit.h"
#include "container/plan.h"
#include "isolate/capabilities.h"
#include "oci/parse.h"
#include "oci/validate.h"
#include "rootfs/plan.h"
#include "target.h"

namespace brig::fuzz {

namespace {

void plan_root(const Config& config, bool user_namespace) {
  accepts([&] {
    rootfs::plan_rootfs(config, {.rootfs = "/bundle/rootfs",
                                 .bundle = "/bundle",
                                 .user_namespace = user_namespace,
                                 .private_cgroup_namespace = true,
                                 .caller_may_mount = !user_namespace,
                                 .private_pid_namespace = true,
                                 .cgroup_mount = "/sys/fs/cgroup",
                                 .cgroup_directory = "/sys/fs/cgroup/c"});
  });
}

void plan_cgroup(const Config& config) {
  accepts([&] {
    const std::string path =
        cgroup::resolve_cgroups_path(config.linux.cgroups_path, "c", "/own/cgroup");
    require(
        path.starts_with('/') && path.find("/../") == std::string::npos && !path.ends_with("/.."),
        "a cgroup is below the root of its hierarchy");
  });
  for (const bool user : {false, true})
    accepts([&] {
      const cgroup::SystemdUnit unit =
          cgroup::plan_systemd_unit(config.linux.cgroups_path, "c", user);
      require(unit.name.find('/') == std::string::npos, "the name of a unit has no slash");
    });
  accepts([&] { cgroup::annotation_properties(config.annotations); });
}

}  // namespace

void fuzz_config(std::string_view input) {
  Config config;
  if (!accepts([&] { config = oci::parse_config(input); })) return;
  if (!accepts([&] { oci::validate(config); })) return;
  for (const bool early : {false, true}) container::plan_namespaces(config, early);
  plan_root(config, false);
  plan_root(config, true);
  plan_cgroup(config);
  if (!config.process || !config.process->capabilities) return;
  constexpr std::uint64_t kHeld = 0x1ffffffffff;
  std::vector<std::string> warnings;
  const isolate::CapabilitySets sets =
      isolate::resolve_capabilities(*config.process->capabilities, kHeld, warnings);
  require((sets.effective & ~sets.permitted) == 0, "effective capabilities are permitted");
  require((sets.ambient & ~(sets.permitted & sets.inheritable)) == 0,
          "ambient capabilities are permitted and inheritable");
}

}  // namespace brig::fuzz
