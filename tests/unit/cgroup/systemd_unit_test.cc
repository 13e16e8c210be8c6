#include "cgroup/systemd_unit.h"

#include <doctest/doctest.h>

#include "brig/error.h"

using namespace brig;
using namespace brig::cgroup;

namespace {

void check_unit(std::string_view path, const char* name, const char* slice, const char* cgroup) {
  CAPTURE(path);
  const SystemdUnit unit = plan_systemd_unit(path, "id", false);
  CHECK(unit.name == name);
  CHECK(unit.slice == slice);
  CHECK(unit.path == cgroup);
}

}  // namespace

TEST_CASE("slice:prefix:name") {
  check_unit("system.slice:docker:abc", "docker-abc.scope", "system.slice",
             "/system.slice/docker-abc.scope");
  check_unit("kubepods-burstable-pod1.slice:cri-containerd:abc", "cri-containerd-abc.scope",
             "kubepods-burstable-pod1.slice",
             "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/"
             "cri-containerd-abc.scope");
  check_unit(":crio:x", "crio-x.scope", "system.slice", "/system.slice/crio-x.scope");
  check_unit("-.slice:p:n", "p-n.scope", "-.slice", "/p-n.scope");
  check_unit("-:p:n", "p-n.scope", "-.slice", "/p-n.scope");
  check_unit("a.slice::n", "-n.scope", "a.slice", "/a.slice/-n.scope");
  check_unit("", "brig-id.scope", "system.slice", "/system.slice/brig-id.scope");
  CHECK(plan_systemd_unit("::x", "id", true).slice == "user.slice");
  CHECK(plan_systemd_unit("", "id", true).path == "/user.slice/brig-id.scope");
}

TEST_CASE("a name that ends in .slice is a slice") {
  const SystemdUnit unit = plan_systemd_unit("a.slice:ignored:a-b.slice", "id", false);
  CHECK(unit.is_slice());
  CHECK(unit.name == "a-b.slice");
  CHECK(unit.path == "/a.slice/a-b.slice");
  CHECK_FALSE(plan_systemd_unit("a.slice:p:n", "id", false).is_slice());
}

TEST_CASE("other forms have runc's words") {
  for (const char* path : {"/a/b", "a", "a:b", "a:b:c:d", "/sys/fs/cgroup/x:y"})
    CHECK_THROWS_WITH_AS(
        (void)plan_systemd_unit(path, "id", false),
        doctest::Contains(
            "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got"),
        Error);
}

TEST_CASE("names that systemd would not take are refused") {
  const std::string long_name(260, 'x');
  for (const std::string& path :
       {std::string("a--b.slice:p:n"), std::string("-a.slice:p:n"), std::string("a-.slice:p:n"),
        std::string("a/b.slice:p:n"), std::string("a:p:n"), std::string(".slice:p:n"),
        std::string("a b.slice:p:n"), std::string("--.slice:p:n"), std::string("a.slice:p:"),
        std::string("a.slice:p:n/m"), std::string("a.slice:..:/n"), std::string("a.slice:p:n+"),
        std::string("a.slice:p:-.slice"), std::string("a.slice:p:a--b.slice"),
        std::string("a.slice:p:\n"), "a.slice:p:" + long_name}) {
    CAPTURE(path);
    CHECK_THROWS_AS((void)plan_systemd_unit(path, "id", false), Error);
  }
}

TEST_CASE("names that files of a cgroup could have are escaped as systemd does it") {
  CHECK(plan_systemd_unit("a.slice:_p:n", "id", false).path == "/a.slice/__p-n.scope");
  CHECK(plan_systemd_unit("cpu.slice:p:n", "id", false).path == "/_cpu.slice/p-n.scope");
  CHECK(plan_systemd_unit("a.slice:cgroup.x:n", "id", false).path == "/a.slice/_cgroup.x-n.scope");
  CHECK(plan_systemd_unit("a.slice:memory:n", "id", false).path == "/a.slice/memory-n.scope");
}

TEST_CASE("the managers' own cgroups") {
  CHECK(system_manager_cgroup("/init.scope").empty());
  CHECK(system_manager_cgroup("/machine/x/init.scope") == "/machine/x");
  CHECK(system_manager_cgroup("/whatever").empty());
  CHECK(user_manager_cgroup("/user.slice/user-1.slice/user@1.service/app.slice/x.scope") ==
        "/user.slice/user-1.slice/user@1.service");
  CHECK(user_manager_cgroup("/user.slice/user-1.slice/user@1.service") ==
        "/user.slice/user-1.slice/user@1.service");
  CHECK(user_manager_cgroup("/user.slice/user-1.slice/session-2.scope").empty());
  CHECK(user_manager_cgroup("/a/user@x/b").empty());
}
