#include "cgroup/resources.h"

#include <doctest/doctest.h>

#include "base/concat.h"
#include "brig/error.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;
using cgroup::cpu_weight;
using cgroup::CurrentLimits;
using cgroup::FileWrite;
using cgroup::io_weight;
using cgroup::plan_resources;

namespace {

// The plan as text: "file=value" words, in order.
std::string plan_text(const Resources& resources, const CurrentLimits& current = {}) {
  std::string text;
  for (const FileWrite& write : plan_resources(resources, current))
    append(text, text.empty() ? "" : "; ", write.file, '=', write.value);
  return text;
}

std::string refusal(const Resources& resources, const CurrentLimits& current = {}) {
  try {
    (void)plan_resources(resources, current);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

using Memory = MemoryResources;
using Cpu = CpuResources;
using Io = BlockIoResources;

// Sets members in pairs: assign(memory, &Memory::limit, 100, &Memory::swap, 250).
template <class Object>
void assign(Object& /*object*/) {}
template <class Object, class Member, class Value, class... Rest>
void assign(Object& object, Member Object::*member, const Value& value, const Rest&... rest) {
  object.*member = value;
  assign(object, rest...);
}

template <class... Pairs>
Resources with_memory(const Pairs&... pairs) {
  Resources resources;
  assign(resources.memory.emplace(), pairs...);
  return resources;
}
template <class... Pairs>
Resources with_cpu(const Pairs&... pairs) {
  Resources resources;
  assign(resources.cpu.emplace(), pairs...);
  return resources;
}
template <class... Pairs>
Resources with_io(const Pairs&... pairs) {
  Resources resources;
  assign(resources.block_io.emplace(), pairs...);
  return resources;
}
Resources with_io(const BlockIoResources& io) {
  Resources resources;
  resources.block_io = io;
  return resources;
}
Resources with_pids(std::int64_t limit) {
  Resources resources;
  resources.pids_limit = limit;
  return resources;
}
Resources with_unified(const std::map<std::string, std::string>& unified) {
  Resources resources;
  resources.unified = unified;
  return resources;
}

}  // namespace

TEST_CASE("cpu_weight follows the common curve") {
  const std::pair<std::uint64_t, std::uint64_t> table[] = {
      {0, 0},          {1, 1},          {2, 1},          {3, 2},         {4, 2},
      {10, 4},         {102, 17},       {512, 59},       {1000, 99},     {1024, 100},
      {2048, 174},     {10240, 639},    {65536, 3023},   {100000, 4340}, {200000, 7899},
      {262143, 10000}, {262144, 10000}, {1000000, 10000}};
  for (const auto& row : table) {
    CAPTURE(row.first);
    CHECK(cpu_weight(row.first) == row.second);
  }
  for (std::uint64_t shares = 3; shares < 262144; shares += 97)
    REQUIRE(cpu_weight(shares) >= cpu_weight(shares - 1));
}

TEST_CASE("io_weight is linear") {
  CHECK(io_weight(0) == 0);
  CHECK(io_weight(10) == 1);
  CHECK(io_weight(100) == 910);
  CHECK(io_weight(500) == 4950);
  CHECK(io_weight(1000) == 10000);
}

TEST_CASE("nothing set plans nothing") {
  Resources resources;
  CHECK(plan_text(resources).empty());
  resources.memory = MemoryResources{};
  resources.memory->kernel = 1 << 20;
  resources.memory->kernel_tcp = 0;
  resources.memory->limit = 0;
  resources.memory->swap = 0;
  resources.memory->reservation = 0;
  resources.memory->disable_oom_killer = false;
  resources.cpu = CpuResources{};
  resources.cpu->shares = 0;
  resources.cpu->quota = 0;
  resources.cpu->period = 0;
  resources.cpu->realtime_period = 0;
  resources.cpu->realtime_runtime = 0;
  resources.block_io = BlockIoResources{};
  resources.block_io->weight = 0;
  resources.network = NetworkResources{};
  resources.network->class_id = 0;
  CHECK(plan_text(resources).empty());
}

TEST_CASE("pids") {
  CHECK(plan_text(with_pids(30)) == "pids.max=30");
  CHECK(plan_text(with_pids(0)) == "pids.max=0");
  CHECK(plan_text(with_pids(-1)) == "pids.max=max");
  CHECK(plan_resources(with_pids(-1), {})[0].is_default);
  CHECK_FALSE(plan_resources(with_pids(30), {})[0].is_default);
}

TEST_CASE("pids.max 0 waits for the first process") {
  const auto held_back = [](const Resources& resources) {
    cgroup::Plan plan = plan_resources(resources, {});
    const bool later = cgroup::let_first_process_in(plan);
    for (const FileWrite& write : plan) CHECK(write.value != "0");
    return later;
  };
  CHECK(held_back(with_pids(0)));
  CHECK_FALSE(held_back(with_pids(1)));
  CHECK_FALSE(held_back(with_pids(-1)));
  CHECK(held_back({.unified = {{"pids.max", "0"}}}));
  Resources both = with_pids(0);
  both.unified["pids.max"] = "7";  // the later one holds
  CHECK_FALSE(held_back(both));
}

TEST_CASE("memory and swap") {
  CHECK(plan_text(with_memory(&Memory::limit, 100)) == "memory.max=100");
  CHECK(plan_text(with_memory(&Memory::limit, 100, &Memory::swap, 250)) ==
        "memory.swap.max=150; memory.max=100");
  CHECK(plan_text(with_memory(&Memory::limit, 100, &Memory::swap, 100)) ==
        "memory.swap.max=0; memory.max=100");
  CHECK(plan_text(with_memory(&Memory::limit, 100, &Memory::swap, -1)) ==
        "memory.swap.max=max; memory.max=100");
  CHECK(plan_text(with_memory(&Memory::limit, -1)) == "memory.swap.max=max; memory.max=max");
  CHECK(plan_text(with_memory(&Memory::limit, -1, &Memory::swap, 50)) ==
        "memory.swap.max=50; memory.max=max");
  CHECK(plan_text(with_memory(&Memory::swap, -1)) == "memory.swap.max=max");
  CHECK(plan_text(with_memory(&Memory::reservation, 70)) == "memory.low=70");
  CHECK(plan_text(with_memory(&Memory::reservation, -1)) == "memory.low=max");
  CHECK(plan_text(with_memory(&Memory::use_hierarchy, true)).empty());
  CurrentLimits current;
  current.memory = 80;
  CHECK(plan_text(with_memory(&Memory::swap, 100), current) == "memory.swap.max=20");

  const auto disabled_swap =
      plan_resources(with_memory(&Memory::limit, 100, &Memory::swap, 100), {});
  CHECK(disabled_swap[0].optional);
  const auto some_swap = plan_resources(with_memory(&Memory::limit, 100, &Memory::swap, 101), {});
  CHECK_FALSE(some_swap[0].optional);
}

TEST_CASE("a swap limit needs a memory limit to be above") {
  const std::string root = "linux.resources.memory.";
  CHECK(refusal(with_memory(&Memory::swap, 5)).starts_with(root + "swap: needs memory.limit"));
  CHECK(refusal(with_memory(&Memory::limit, 9, &Memory::swap, 5))
            .starts_with(root + "swap: must be at least"));
}

TEST_CASE("checkBeforeUpdate refuses a limit below the usage") {
  CurrentLimits current;
  current.usage = 200;
  const auto check = &Memory::check_before_update;
  CHECK(refusal(with_memory(&Memory::limit, 199, check, true), current)
            .starts_with("linux.resources.memory.limit: limit 199"));
  CHECK(refusal(with_memory(&Memory::limit, 200, check, true), current) == "accepted");
  CHECK(refusal(with_memory(&Memory::limit, 199, check, false), current) == "accepted");
  CHECK(refusal(with_memory(&Memory::limit, -1, &Memory::swap, 150, check, true), current)
            .starts_with("linux.resources.memory.swap: limit 150"));
}

TEST_CASE("cpu") {
  CHECK(plan_text(with_cpu(&Cpu::shares, 2)) == "cpu.weight=1");
  CHECK(plan_resources(with_cpu(&Cpu::shares, 1024), {})[0].is_default);
  CHECK_FALSE(plan_resources(with_cpu(&Cpu::shares, 2048), {})[0].is_default);
  CHECK(plan_text(with_cpu(&Cpu::quota, 50000, &Cpu::period, 100000)) == "cpu.max=50000 100000");
  CHECK(plan_text(with_cpu(&Cpu::quota, 50000)) == "cpu.max=50000");
  CHECK(plan_text(with_cpu(&Cpu::period, 20000)) == "cpu.max=max 20000");
  CHECK(plan_text(with_cpu(&Cpu::quota, -1)) == "cpu.max=max");
  CHECK(plan_text(with_cpu(&Cpu::quota, -1, &Cpu::period, 20000)) == "cpu.max=max 20000");
  CHECK(plan_text(with_cpu(&Cpu::cpus, "0-1", &Cpu::mems, "0")) ==
        "cpuset.cpus=0-1; cpuset.mems=0");
  CHECK(plan_text(with_cpu(&Cpu::shares, 512, &Cpu::idle, 0)) == "cpu.idle=0; cpu.weight=59");
  CHECK(plan_text(with_cpu(&Cpu::shares, 512, &Cpu::idle, 1)) == "cpu.idle=1");
  CurrentLimits current;
  current.quota = 7000;
  CHECK(plan_text(with_cpu(&Cpu::period, 20000), current) == "cpu.max=7000 20000");
}

TEST_CASE("a burst never exceeds the quota on the way") {
  CHECK(plan_text(with_cpu(&Cpu::quota, 50, &Cpu::burst, 20)) == "cpu.max=50; cpu.max.burst=20");
  CurrentLimits current;
  current.quota = 40;
  current.burst = 30;
  CHECK(plan_text(with_cpu(&Cpu::quota, 20, &Cpu::burst, 10), current) ==
        "cpu.max.burst=10; cpu.max=20");
  CHECK(plan_text(with_cpu(&Cpu::quota, 80, &Cpu::burst, 60), current) ==
        "cpu.max=80; cpu.max.burst=60");
}

TEST_CASE("block I/O") {
  CHECK(plan_text(with_io(&Io::weight, 500)) == "io.weight=4950");
  BlockIoResources io;
  io.weight_device = {{8, 0, 10, {}}, {8, 16, 0, {}}};
  CHECK(plan_text(with_io(io)) == "io.weight=8:0 1");

  BlockIoResources throttle;
  throttle.throttle_read_bps_device = {{8, 0, 1000}, {8, 16, 5}};
  throttle.throttle_write_bps_device = {{8, 0, 2000}};
  throttle.throttle_read_iops_device = {{8, 16, 6}, {8, 1, 9}};
  throttle.throttle_write_iops_device = {{8, 0, 0}};
  CHECK(plan_text(with_io(throttle)) ==
        "io.max=8:0 rbps=1000 wbps=2000 wiops=max; io.max=8:16 rbps=5 riops=6; "
        "io.max=8:1 riops=9");
}

TEST_CASE("huge pages and RDMA") {
  Resources resources;
  resources.hugepage_limits = {{"2MB", 0}};
  CHECK(plan_text(resources) == "hugetlb.2MB.max=0; hugetlb.2MB.rsvd.max=0");
  CHECK(plan_resources(resources, {})[1].optional);
  resources.hugepage_limits.clear();

  resources.rdma["mlx5_0"] = {3, 0};
  resources.rdma["mlx5_1"] = {{}, 4294967295U};
  resources.rdma["mlx5_2"] = {};
  CHECK(plan_text(resources) ==
        "rdma.max=mlx5_0 hca_handle=3 hca_object=0; rdma.max=mlx5_1 hca_object=max");
  resources.rdma = {{"a b", {1, 1}}};
  CHECK(refusal(resources).starts_with("linux.resources.rdma[\"a b\"]"));
}

TEST_CASE("unified comes last, line by line") {
  Resources resources =
      with_unified({{"memory.high", "5"}, {"io.max", "8:0 rbps=1\n8:16 wbps=2\n"}});
  resources.pids_limit = 3;
  CHECK(plan_text(resources) == "pids.max=3; io.max=8:0 rbps=1; io.max=8:16 wbps=2; memory.high=5");
  CHECK(plan_text(with_unified({{"cpuset.cpus", ""}})) == "cpuset.cpus=\n");
  for (const char* name : {"a/b.c", "memory", ".x", "memory.", "../memory.max", "a b.c", ""}) {
    CAPTURE(name);
    CHECK(refusal(with_unified({{name, "1"}})).starts_with("linux.resources.unified["));
  }
}

TEST_CASE("needed_controllers lists each once and leaves out core files") {
  Resources resources = with_unified({{"cgroup.max.depth", "3"}, {"cpu.pressure", "x"}});
  CHECK(cgroup::needed_controllers(plan_resources(resources, {})).empty());
  resources.pids_limit = 3;
  assign(resources.memory.emplace(), &Memory::limit, 10, &Memory::swap, 20);
  resources.block_io.emplace().weight = 10;
  const std::vector<std::string> expected = {"pids", "memory", "io"};
  CHECK(cgroup::needed_controllers(plan_resources(resources, {})) == expected);
}

TEST_CASE("weights go to bfq's file where the cgroup has it") {
  const test::ScratchFolder cgroup;
  const std::string weight = cgroup.file("io.weight", "");
  const auto apply = [&] {
    const sys::OwnFd directory = sys::open_at(AT_FDCWD, cgroup.path(), O_RDONLY).or_throw("open");
    cgroup::apply_plan(plan_resources(with_io(&Io::weight, 500), {}), directory.get());
  };
  apply();
  CHECK(*sys::read_file_at(AT_FDCWD, weight) == "4950");
  const std::string bfq_weight = cgroup.file("io.bfq.weight", "");
  (void)cgroup.file("io.weight", "");
  apply();
  CHECK(sys::read_file_at(AT_FDCWD, weight)->empty());
  CHECK(*sys::read_file_at(AT_FDCWD, bfq_weight) == "500");
}

TEST_CASE("the way back has what the files say, in reverse, and takes away what they do not") {
  const test::ScratchFolder cgroup;
  (void)cgroup.file("pids.max", "max\n");
  (void)cgroup.file("cpuset.cpus", "\n");
  (void)cgroup.file("io.max", "8:0 rbps=1 wbps=max riops=max wiops=max\n");
  const cgroup::Plan plan = {{.file = "pids.max", .value = "5"},
                             {.file = "cpuset.cpus", .value = "0"},
                             {.file = "io.max", .value = "8:0 rbps=9"},
                             {.file = "io.max", .value = "8:16 rbps=9"},
                             {.file = "no.such", .value = "9"}};
  const sys::OwnFd directory = sys::open_at(AT_FDCWD, cgroup.path(), O_RDONLY).or_throw("open");
  const cgroup::Plan way_back = cgroup::plan_way_back(plan, directory.get());
  std::string text;
  for (const FileWrite& write : way_back) append(text, write.file, '=', write.value, ';');
  CHECK(text ==
        "io.max=8:0 rbps=max wbps=max riops=max wiops=max;"
        "io.max=8:16 rbps=max wbps=max riops=max wiops=max;"
        "io.max=8:0 rbps=1 wbps=max riops=max wiops=max;cpuset.cpus=\n;pids.max=max;");
  const std::string pids = cgroup.file("pids.max", "");
  cgroup::go_back(way_back, directory.get());
  CHECK(*sys::read_file_at(AT_FDCWD, pids) == "max");
}

TEST_CASE("needs_controllers: limits need a cgroup, what a new cgroup has anyway does not") {
  CHECK_FALSE(cgroup::needs_controllers({}));
  CHECK(cgroup::needs_controllers(with_memory(&Memory::limit, 100)));
  CHECK(cgroup::needs_controllers(with_cpu(&Cpu::shares, 2)));
  Resources devices;
  devices.devices.emplace_back();
  CHECK_FALSE(cgroup::needs_controllers(devices));
  Resources unlimited;
  unlimited.pids_limit = -1;
  CHECK_FALSE(cgroup::needs_controllers(unlimited));
}
