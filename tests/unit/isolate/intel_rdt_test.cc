// The rules of linux.intelRdt against a plain directory that is laid out like resctrl. What only
// the kernel does, files that come and go with a group, is done here by hand.
#include "isolate/intel_rdt.h"

#include <doctest/doctest.h>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/file.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;
using namespace brig::isolate;

namespace {

using Lines = std::vector<std::string>;

// A resctrl with the class of service "gold".
class Resctrl {
 public:
  Resctrl() {
    populate(root);
    make("/info");
    write("/info/last_cmd_status", "ok\n");
    make("/gold");
    populate(root + "/gold");
  }
  void make(const std::string& path) const {
    sys::make_directory_at(AT_FDCWD, root + path, 0755).or_throw("make ", path);
  }
  void write(const std::string& path, const std::string& text) const {
    sys::replace_file_at(AT_FDCWD, root + path, text, 0644).or_throw("write ", path);
  }
  [[nodiscard]] std::string read(const std::string& path) const {
    return sys::read_file_at(AT_FDCWD, root + path).or_throw("read ", path);
  }
  [[nodiscard]] bool has(const std::string& path) const {
    return static_cast<bool>(sys::stat_at(AT_FDCWD, root + path));
  }
  static void populate(const std::string& group) {
    sys::replace_file_at(AT_FDCWD, group + "/tasks", "", 0644).or_throw("write");
    sys::replace_file_at(AT_FDCWD, group + "/schemata",
                         "    MB:0= 20;1= 70\n    L3:0=007f0;1=0001f\n", 0644)
        .or_throw("write");
    sys::make_directory_at(AT_FDCWD, group + "/mon_groups", 0755).or_throw("make");
  }

 private:
  test::ScratchFolder folder_;

 public:
  const std::string root = folder_.path();
};

template <class Action>
std::string failure(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("schemata match by cache, however the kernel writes them") {
  constexpr std::string_view kExisting = "    MB:0= 20;1= 70\n    L3:0=007f0;1=0001f\n";
  CHECK(matches_schemata("L3:0=7f0;1=1f", kExisting));
  CHECK(matches_schemata("L3:1=1F;0=7F0", kExisting));
  CHECK(matches_schemata("L3:0=7f0", kExisting));
  CHECK(matches_schemata("MB:0=20;1=70;", kExisting));
  CHECK(matches_schemata("MB:0=20\nL3:1=01f", kExisting));
  CHECK(matches_schemata("", kExisting));
  CHECK_FALSE(matches_schemata("L3:0=7f1;1=1f", kExisting));
  CHECK_FALSE(matches_schemata("L3:2=7f0", kExisting));
  CHECK_FALSE(matches_schemata("MB:0=70", kExisting));
  CHECK_FALSE(matches_schemata("L2:0=1", kExisting));
}

TEST_CASE("without closID the class of service is the container's and goes with it") {
  const Resctrl resctrl;
  const RdtPlan plan = plan_intel_rdt({}, "c1", resctrl.root);
  CHECK(plan.group.clos == resctrl.root + "/c1");
  CHECK(plan.make_clos);
  CHECK(plan.group.remove_clos);
  CHECK(plan.group.monitoring.empty());
  CHECK(plan.schemata.empty());

  RdtMade made;
  make_rdt_groups(plan, resctrl.root, made);
  CHECK(made.clos);
  CHECK(resctrl.has("/c1"));
  remove_rdt_group(plan.group);
  CHECK_FALSE(resctrl.has("/c1"));
  remove_rdt_group(plan.group);  // a second time is no error

  resctrl.make("/c1");
  const RdtPlan found = plan_intel_rdt({}, "c1", resctrl.root);
  CHECK_FALSE(found.make_clos);
  CHECK_FALSE(found.group.remove_clos);
  remove_rdt_group(found.group);
  CHECK(resctrl.has("/c1"));
}

TEST_CASE("closID without schemas needs a class of service that exists, and leaves it alone") {
  const Resctrl resctrl;
  const RdtPlan plan = plan_intel_rdt({.clos_id = "gold"}, "c1", resctrl.root);
  CHECK(plan.group.clos == resctrl.root + "/gold");
  CHECK_FALSE(plan.make_clos);
  CHECK_FALSE(plan.group.remove_clos);
  CHECK(plan_intel_rdt({.clos_id = "/"}, "c1", resctrl.root).group.clos == resctrl.root);
  CHECK(failure([&] { plan_intel_rdt({.clos_id = "silver"}, "c1", resctrl.root); }) ==
        concat("linux.intelRdt.closID: there is no class of service ", resctrl.root,
               "/silver, and without a schema none is made"));
}

TEST_CASE("closID with schemas: made when missing and never removed, compared when there") {
  const Resctrl resctrl;
  const RdtPlan made =
      plan_intel_rdt({.clos_id = "silver", .l3_cache_schema = "L3:0=f"}, "c1", resctrl.root);
  CHECK(made.make_clos);
  CHECK_FALSE(made.group.remove_clos);
  const auto gold = [&](std::optional<std::string> l3, std::optional<std::string> bandwidth) {
    return failure([&] {
      plan_intel_rdt({.clos_id = "gold", .l3_cache_schema = l3, .mem_bw_schema = bandwidth}, "c1",
                     resctrl.root);
    });
  };
  CHECK(gold("L3:0=7f0;1=1f", "MB:0=20;1=70").empty());
  CHECK(gold({}, "MB:0=20").empty());
  CHECK(gold("L3:0=1", {}) ==
        concat("linux.intelRdt.l3CacheSchema: \"L3:0=1\" is not what the existing class of service "
               "has (",
               resctrl.root, "/gold/schemata): leave it out to use that, or name another closID"));
  CHECK(gold("L3:0=7f0", "MB:0=30").starts_with("linux.intelRdt.memBwSchema: "));
}

TEST_CASE("schemata are written in the order of the specification, one line a write") {
  const Resctrl resctrl;
  const RdtPlan plan = plan_intel_rdt({.clos_id = "gold",
                                       .l3_cache_schema = "L3:0=7f0;1=1f",
                                       .mem_bw_schema = "MB:0=20",
                                       .schemata = {"L2:0=f", "L3:1=3"}},
                                      "c1", resctrl.root);
  CHECK(plan.schemata == Lines{"L3:0=7f0;1=1f", "MB:0=20", "L2:0=f", "L3:1=3"});
  resctrl.write("/gold/schemata", "");
  RdtMade made;
  make_rdt_groups(plan, resctrl.root, made);
  CHECK_FALSE(made.clos);
  CHECK(resctrl.read("/gold/schemata").starts_with("L3:1=3\n"));  // each from the beginning
  CHECK(resctrl.read("/gold/schemata").find("L3:0") == std::string::npos);
}

TEST_CASE("monitoring: a group below the class of service, for this container alone") {
  const Resctrl resctrl;
  const RdtPlan plan =
      plan_intel_rdt({.clos_id = "gold", .enable_monitoring = true}, "c1", resctrl.root);
  CHECK(plan.group.monitoring == resctrl.root + "/gold/mon_groups/c1");
  RdtMade made;
  make_rdt_groups(plan, resctrl.root, made);
  CHECK(made.monitoring);
  resctrl.write("/gold/mon_groups/c1/tasks", "");
  join_rdt_group(plan.group, 4711);
  CHECK(resctrl.read("/gold/tasks") == "4711");
  CHECK(resctrl.read("/gold/mon_groups/c1/tasks") == "4711");

  // A second one of that name is an error, and its undo leaves the first alone.
  RdtMade again;
  resctrl.write("/info/last_cmd_status", "no room\n");
  CHECK(failure([&] { make_rdt_groups(plan, resctrl.root, again); }) ==
        concat("linux.intelRdt.enableMonitoring: make the resctrl group ", plan.group.monitoring,
               ": file exists: no room"));
  CHECK_FALSE(again.monitoring);
  unmake_rdt_groups(plan, again);
  CHECK(resctrl.has("/gold/mon_groups/c1"));

  sys::unlink_at(AT_FDCWD, plan.group.monitoring + "/tasks").or_throw("unlink");
  remove_rdt_group(plan.group);
  CHECK_FALSE(resctrl.has("/gold/mon_groups/c1"));
  CHECK(resctrl.has("/gold"));
}

TEST_CASE("undo removes what was made, also a class of service that is named") {
  const Resctrl resctrl;
  const RdtPlan plan =
      plan_intel_rdt({.clos_id = "silver", .l3_cache_schema = "L3:0=f"}, "c1", resctrl.root);
  RdtMade made;
  // A plain directory gets no `schemata`: writing it fails.
  CHECK(failure([&] { make_rdt_groups(plan, resctrl.root, made); }) ==
        concat("linux.intelRdt: write \"L3:0=f\" to ", resctrl.root,
               "/silver/schemata: no such file or directory"));
  CHECK(made.clos);
  unmake_rdt_groups(plan, made);
  CHECK_FALSE(resctrl.has("/silver"));
}

TEST_CASE("an id that resctrl uses itself is no class of service") {
  const Resctrl resctrl;
  CHECK(failure([&] { plan_intel_rdt({}, "info", resctrl.root); }) ==
        "linux.intelRdt: resctrl has a directory info of its own: choose another id or set closID");
  CHECK(plan_intel_rdt({.clos_id = "gold"}, "info", resctrl.root).group.clos ==
        resctrl.root + "/gold");
}
