#include "cgroup/cgroup.h"

#include <doctest/doctest.h>

#include "brig/error.h"

using namespace brig;
using cgroup::delegation_owner;

namespace {

Config own_cgroup_namespace() {
  Config config;
  config.linux.namespaces.push_back({NamespaceType::kCgroup, ""});
  Mount mount;
  mount.destination = "/sys/fs/cgroup";
  mount.type = "cgroup";
  mount.source = "cgroup";
  mount.options = {"nosuid", "rw"};
  config.mounts.push_back(mount);
  config.process = Process{};
  config.process->user.uid = 5;
  return config;
}

}  // namespace

TEST_CASE("the cgroup is given away only when the container can manage it") {
  Config config = own_cgroup_namespace();
  CHECK(delegation_owner(config) == 5U);
  config.linux.uid_mappings = {{0, 100000, 65536}};
  CHECK(delegation_owner(config) == 100005U);
  config.process.reset();
  CHECK(delegation_owner(config) == 100000U);

  config = own_cgroup_namespace();
  config.mounts[0].options.emplace_back("ro");
  CHECK_FALSE(delegation_owner(config));
  config.mounts[0].options.emplace_back("rw");
  CHECK(delegation_owner(config));

  config = own_cgroup_namespace();
  config.mounts[0].source = "cgroup2";
  CHECK_FALSE(delegation_owner(config));

  config = own_cgroup_namespace();
  config.linux.namespaces[0].path = "/proc/1/ns/cgroup";
  CHECK_FALSE(delegation_owner(config));
  config.linux.namespaces.clear();
  CHECK_FALSE(delegation_owner(config));
}

TEST_CASE("a container without cgroup cannot be paused or listed") {
  const auto none = cgroup::plan_cgroup(
      {.manager = CgroupManager::kDisabled, .cgroups_path = "/a", .id = "c", .annotations = {}});
  none->create({});
  CHECK(none->path().empty());
  CHECK(none->directory() == -1);
  CHECK_FALSE(none->is_frozen());
  CHECK_THROWS_AS(none->freeze(), Error);
  CHECK_THROWS_AS((void)none->processes(), Error);
  CHECK_THROWS_AS((void)none->open_subgroup("x"), Error);
  none->destroy();
  CHECK(cgroup::open_cgroup({.path = "", .unit = "", .annotations = {}})->directory() == -1);
}
