#include "cgroup/files.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "tests/unit/scratch_folder.h"

using brig::cgroup::find_frozen;

TEST_CASE("a cgroup is frozen by itself or by one above it") {
  const brig::test::ScratchFolder scratch;
  const std::string root = scratch.path("mount");
  const std::string top = root + "/top";
  const std::string leaf = top + "/leaf";
  for (const std::string& folder : {root, top, leaf}) REQUIRE(::mkdir(folder.c_str(), 0755) == 0);
  const auto set = [&](const char* where, const char* text) {
    (void)scratch.file(brig::concat("mount/", where, "/cgroup.freeze"), text);
  };
  // The root of a hierarchy has no such file, nor what is above the mount a say.
  (void)scratch.file("cgroup.freeze", "1\n");
  set("top", "0\n");
  set("top/leaf", "0\n");
  CHECK(find_frozen(leaf, root) == "");
  set("top", "1\n");
  CHECK(find_frozen(leaf, root) == top);
  CHECK(find_frozen(top, root) == top);
  set("top/leaf", "1\n");
  CHECK(find_frozen(leaf, root) == leaf);
  set("top", "0\n");
  CHECK(find_frozen(leaf, root) == leaf);
  CHECK(find_frozen(top, root) == "");
  CHECK(find_frozen(root + "/", root) == "");
  // Of one that is gone the ones above it tell.
  set("top", "1\n");
  CHECK(find_frozen(leaf + "/gone (deleted)", root) == leaf);
}
