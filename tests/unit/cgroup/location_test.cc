#include "cgroup/location.h"

#include <doctest/doctest.h>

#include "brig/error.h"

using brig::Error;
using brig::cgroup::resolve_cgroups_path;
using brig::cgroup::unified_path;

TEST_CASE("unified_path finds the cgroup2 line") {
  CHECK(unified_path("0::/user.slice/a.scope\n") == "/user.slice/a.scope");
  CHECK(unified_path("9:name=systemd:/x\n4:memory:/y\n0::/z\n") == "/z");
  CHECK(unified_path("0::/\n") == "/");
  CHECK(unified_path("4:memory:/y\n").empty());
  CHECK(unified_path("10::/y\n").empty());
  CHECK(unified_path("").empty());
}

TEST_CASE("resolve_cgroups_path places a container") {
  struct Case {
    const char* cgroups_path;
    const char* own;
    const char* expected;
  };
  const Case cases[] = {
      {"/default/c1", "/user.slice/s", "/default/c1"},
      {"//default/./c1/", "", "/default/c1"},
      {"pods/c1", "/user.slice/session.scope", "/user.slice/pods/c1"},
      {"c1", "/", "/c1"},
      {"system.slice:docker:abc", "/a/b", "/a/system.slice:docker:abc"},
      {"", "/a/b", "/a/the-id"},
      {"", "/b", "/the-id"},
      {"/..a/b..", "/", "/..a/b.."},
  };
  for (const Case& test : cases) {
    CAPTURE(test.cgroups_path);
    CHECK(resolve_cgroups_path(test.cgroups_path, "the-id", test.own) == test.expected);
  }
}

TEST_CASE("resolve_cgroups_path refuses what is no place for a container") {
  for (const char* path :
       {"/", "//", "/.", ".", "/a/../b", "..", "../x", "/a/..", "/a\nb", "/\x7f"}) {
    CAPTURE(path);
    CHECK_THROWS_AS((void)resolve_cgroups_path(path, "id", "/a/b"), Error);
  }
  CHECK_THROWS_AS((void)resolve_cgroups_path("/" + std::string(256, 'x'), "id", "/"), Error);
  CHECK(resolve_cgroups_path("/" + std::string(255, 'x'), "id", "/").size() == 256);
  // The runtime's own cgroup is not below the root of its cgroup namespace.
  CHECK_THROWS_AS((void)resolve_cgroups_path("x", "id", "/../y"), Error);
  CHECK(resolve_cgroups_path("/x", "id", "/../y") == "/x");
}
