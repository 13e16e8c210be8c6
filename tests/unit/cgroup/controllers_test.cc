#include "cgroup/controllers.h"

#include <doctest/doctest.h>

using brig::cgroup::has_controller;
using brig::cgroup::missing_controller_reason;

TEST_CASE("has_controller compares whole words") {
  CHECK(has_controller("cpuset cpu io\n", "cpu"));
  CHECK(has_controller("cpuset cpu io\n", "io"));
  CHECK_FALSE(has_controller("cpuset io\n", "cpu"));
  CHECK_FALSE(has_controller("\n", "cpu"));
  CHECK_FALSE(has_controller("", "cpu"));
}

TEST_CASE("missing_controller_reason says where the controller is") {
  constexpr const char* kTable =
      "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
      "cpu\t1\t5\t1\n"
      "blkio\t7\t5\t1\n"
      "memory\t0\t5\t0\n"
      "pids\t0\t5\t1\n";
  const auto says = [&](const char* controller, const char* words) {
    return missing_controller_reason(controller, kTable).find(words) != std::string::npos;
  };
  CHECK(says("cpu", "bound to cgroup v1"));
  CHECK(says("cpu", "systemd.unified_cgroup_hierarchy=1"));
  CHECK(says("io", "\"io\" is bound to cgroup v1"));
  CHECK(says("memory", "disabled by the kernel command line"));
  CHECK(says("pids", "not delegated"));
  CHECK(says("rdma", "this kernel lacks it"));
}
