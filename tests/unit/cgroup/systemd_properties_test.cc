#include "cgroup/systemd_properties.h"

#include <doctest/doctest.h>

#include "brig/error.h"

using namespace brig;
using namespace brig::cgroup;

namespace {

// The property's value; of type "" when there is none.
dbus::Value find(const UnitProperties& properties, std::string_view name) {
  dbus::Value found;
  int count = 0;
  for (const UnitProperty& property : properties)
    if (property.name == name) {
      found = property.value;
      ++count;
    }
  CHECK(count <= 1);
  return found;
}

UnitProperties limits(const Resources& resources) {
  return limit_properties(plan_resources(resources, {}));
}

UnitProperties unified(const char* file, const char* text) {
  Resources resources;
  resources.unified[file] = text;
  return limits(resources);
}

UnitProperties annotated(const char* name, const char* text) {
  return annotation_properties({{std::string("org.systemd.property.") + name, text}});
}

}  // namespace

TEST_CASE("limits become properties") {
  Resources resources;
  resources.memory.emplace();
  resources.memory->limit = 1000;
  resources.memory->reservation = 500;
  resources.memory->swap = 3000;
  resources.cpu.emplace();
  resources.cpu->shares = 1024;
  resources.cpu->quota = 20000;
  resources.cpu->period = 50000;
  resources.cpu->cpus = "0-2,9";
  resources.cpu->mems = "1";
  resources.pids_limit = 7;
  resources.block_io.emplace();
  resources.block_io->weight = 10;
  const UnitProperties got = limits(resources);
  CHECK(find(got, "MemoryMax") == dbus::uint64(1000));
  CHECK(find(got, "MemoryLow") == dbus::uint64(500));
  CHECK(find(got, "MemorySwapMax") == dbus::uint64(2000));
  CHECK(find(got, "CPUWeight") == dbus::uint64(100));
  CHECK(find(got, "CPUQuotaPerSecUSec") == dbus::uint64(400000));
  CHECK(find(got, "CPUQuotaPeriodUSec") == dbus::uint64(50000));
  CHECK(find(got, "AllowedCPUs") == dbus::bytes("\x07\x02"));
  CHECK(find(got, "AllowedMemoryNodes") == dbus::bytes("\x02"));
  CHECK(find(got, "TasksMax") == dbus::uint64(7));
  CHECK(find(got, "IOWeight") == dbus::uint64(1));
}

TEST_CASE("no limit is infinity, and what is not set has no property") {
  Resources resources;
  resources.memory.emplace();
  resources.memory->limit = -1;
  resources.pids_limit = -1;
  resources.cpu.emplace();
  resources.cpu->quota = -1;
  resources.block_io.emplace();
  resources.block_io->weight = 0;
  const UnitProperties got = limits(resources);
  CHECK(find(got, "MemoryMax") == dbus::uint64(UINT64_MAX));
  CHECK(find(got, "MemorySwapMax") == dbus::uint64(UINT64_MAX));
  CHECK(find(got, "TasksMax") == dbus::uint64(UINT64_MAX));
  CHECK(find(got, "CPUQuotaPerSecUSec") == dbus::uint64(UINT64_MAX));
  CHECK(find(got, "IOWeight").type.empty());
  CHECK(find(got, "CPUWeight").type.empty());
  resources.pids_limit = 0;
  CHECK(find(limits(resources), "TasksMax") == dbus::uint64(1));
}

TEST_CASE("a quota is rounded up to whole percents and keeps the period that is in force") {
  CHECK(find(unified("cpu.max", "12340"), "CPUQuotaPerSecUSec") == dbus::uint64(130000));
  const Plan plan = plan_resources({.unified = {{"cpu.max", "10000"}}}, {});
  CHECK(find(limit_properties(plan, 20000), "CPUQuotaPerSecUSec") == dbus::uint64(500000));
  CHECK(find(limit_properties(plan, 20000), "CPUQuotaPeriodUSec").type.empty());
  CHECK(limit_properties(plan, 0).empty());
}

TEST_CASE("keys of unified become properties, in place of those of the other limits") {
  CHECK(find(unified("memory.high", "1K"), "MemoryHigh") == dbus::uint64(1024));
  CHECK(find(unified("memory.min", "max"), "MemoryMin") == dbus::uint64(UINT64_MAX));
  CHECK(find(unified("io.weight", "default 200"), "IOWeight") == dbus::uint64(200));
  CHECK(find(unified("io.weight", "8:0 200"), "IODeviceWeight").items[0].items[0].text ==
        "/dev/block/8:0");
  CHECK(find(unified("cpuset.cpus", "1"), "AllowedCPUs") == dbus::bytes("\x02"));
  CHECK(unified("memory.max", "many").empty());
  CHECK(unified("misc.max", "1").empty());
  Resources resources;
  resources.pids_limit = 7;
  resources.unified["pids.max"] = "8";
  CHECK(find(limits(resources), "TasksMax") == dbus::uint64(8));
}

TEST_CASE("an idle cgroup has the weight 0, whatever its shares") {
  Resources resources;
  resources.cpu.emplace();
  resources.cpu->shares = 1024;
  resources.cpu->idle = 1;
  CHECK(find(limits(resources), "CPUWeight") == dbus::uint64(0));
  resources.unified["cpu.weight"] = "100";
  CHECK(find(limits(resources), "CPUWeight") == dbus::uint64(0));
}

TEST_CASE("limits of devices") {
  Resources resources;
  resources.block_io.emplace();
  resources.block_io->throttle_read_bps_device = {{8, 0, 100}, {8, 16, 200}};
  resources.block_io->throttle_write_iops_device = {{8, 0, 0}};
  const UnitProperties got = limits(resources);
  const dbus::Value rate = find(got, "IOReadBandwidthMax");
  REQUIRE(rate.items.size() == 2);
  CHECK(rate.type == "a(st)");
  CHECK(rate.items[1].items[0].text == "/dev/block/8:16");
  CHECK(rate.items[1].items[1].number == 200);
  CHECK(find(got, "IOWriteIOPSMax").items[0].items[1].number == UINT64_MAX);
}

TEST_CASE("lists of CPUs") {
  CHECK(list_to_bits("0") == "\1");
  CHECK(list_to_bits("") == "");
  CHECK(list_to_bits("7-8") == "\x80\x01");
  CHECK(list_to_bits("1,3,") == "\x0a");
  for (const char* list : {"a", "3-1", "1-", "-1", "0-3/2", "99999999", "1 2"})
    CHECK_FALSE(list_to_bits(list));
}

TEST_CASE("annotations of the engines") {
  CHECK(annotated("KillSignal", "15")[0].value == dbus::int32(15));
  CHECK(annotated("TimeoutStopUSec", "uint64 10000000")[0].value == dbus::uint64(10000000));
  CHECK(annotated("DefaultDependencies", "true")[0].value == dbus::boolean(true));
  const UnitProperties after = annotated("After", "['crio.service']");
  CHECK(after[0].value == dbus::array("s", {dbus::string("crio.service")}));
  CHECK(after[0].annotation == "org.systemd.property.After");
  CHECK(annotation_properties({{"org.other", "x"}}).empty());
}

TEST_CASE("a property in seconds becomes the one in microseconds") {
  CHECK(annotated("TimeoutStopSec", "5")[0] == UnitProperty{"TimeoutStopUSec",
                                                            dbus::uint64(5000000),
                                                            "org.systemd.property.TimeoutStopSec"});
  CHECK(annotated("TimeoutStopSec", "uint64 5")[0].value == dbus::uint64(5000000));
  CHECK(annotated("TimeoutStopSec", "1.5")[0].value == dbus::uint64(1500000));
  // Not the word "second".
  CHECK(annotated("TimeoutSTOPSec", "5")[0].name == "TimeoutSTOPSec");
  CHECK_THROWS_AS((void)annotated("TimeoutStopSec", "-5"), Error);
  CHECK_THROWS_AS((void)annotated("TimeoutStopSec", "'5'"), Error);
  CHECK_THROWS_AS((void)annotated("TimeoutStopSec", "1e300"), Error);
}

TEST_CASE("bad annotations are named") {
  CHECK_THROWS_WITH_AS(
      (void)annotated("KillSignal", "fifteen"),
      doctest::Contains("annotations[\"org.systemd.property.KillSignal\"]: not a GVariant text"),
      Error);
  CHECK_THROWS_AS((void)annotated("Ab", "1"), Error);
  CHECK_THROWS_AS((void)annotated("Kill_Signal", "1"), Error);
  CHECK_THROWS_AS((void)annotated("", "1"), Error);
}

TEST_CASE("the properties of a unit; annotations take the place of others") {
  const SystemdUnit scope = plan_systemd_unit("a.slice:p:n", "id", false);
  UnitProperties all = unit_properties(scope, "id", {{"TasksMax", dbus::uint64(7), {}}}, {}, 42);
  CHECK(find(all, "Slice") == dbus::string("a.slice"));
  CHECK(find(all, "Delegate") == dbus::boolean(true));
  CHECK(find(all, "PIDs") == dbus::array("u", {dbus::uint32(42)}));
  CHECK(find(all, "DefaultDependencies") == dbus::boolean(false));
  CHECK(find(all, "MemoryAccounting") == dbus::boolean(true));
  CHECK(find(all, "CollectMode") == dbus::string("inactive-or-failed"));
  CHECK(find(all, "TasksMax") == dbus::uint64(7));

  all = unit_properties(scope, "id", {}, annotated("DefaultDependencies", "true"), 42);
  CHECK(find(all, "DefaultDependencies") == dbus::boolean(true));

  const SystemdUnit slice = plan_systemd_unit("a.slice:p:a-b.slice", "id", false);
  all = unit_properties(slice, "id", {}, {}, 42);
  CHECK(find(all, "PIDs").type.empty());
  CHECK(find(all, "Slice").type.empty());
  CHECK(find(all, "Delegate").type.empty());
  CHECK(find(all, "Wants") == dbus::array("s", {dbus::string("a.slice")}));
}
