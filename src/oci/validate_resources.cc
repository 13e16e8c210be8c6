// config-linux.md "Control groups": the rules of the `resources` object, for cgroup v2. Zero means
// "not set" for most limits, because that is how Docker, Podman and containerd write them.
#include <charconv>

#include "oci/validate_rules.h"

namespace brig::oci {

namespace {

constexpr std::int64_t kUnlimited = -1;
constexpr std::uint16_t kMinWeight = 10;
constexpr std::uint16_t kMaxWeight = 1000;
constexpr std::string_view kNotOnV2 = "not available on cgroup v2";

void check_device_rules(const std::vector<DeviceRule>& rules, std::string_view prefix,
                        Problems& problems) {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const DeviceRule& rule = rules[i];
    if (rule.access.find_first_not_of("rwm") != std::string::npos)
      problems.add(prefix, "devices[", i, "].access: \"", rule.access,
                   "\" is not made of r, w and m");
    if (rule.major.value_or(0) < 0 || rule.minor.value_or(0) < 0)
      problems.add(prefix, "devices[", i,
                   "]: major and minor must not be negative, except -1 for all");
  }
}

void check_size(std::optional<std::int64_t> size, std::string_view prefix, std::string_view name,
                Problems& problems) {
  if (size && *size < kUnlimited)
    problems.add(prefix, "memory.", name, ": ", *size, " is no size (-1 means unlimited)");
}

// kernel and kernelTCP are deprecated and ignored: docker update still sends them.
void check_memory(const MemoryResources& memory, std::string_view prefix, Problems& problems) {
  check_size(memory.limit, prefix, "limit", problems);
  check_size(memory.reservation, prefix, "reservation", problems);
  check_size(memory.swap, prefix, "swap", problems);
  const std::int64_t limit = memory.limit.value_or(0);
  const std::int64_t swap = memory.swap.value_or(0);
  if (swap > 0 && swap < limit)
    problems.add(prefix, "memory.swap: ", swap, " is less than memory.limit ", limit,
                 " (it is the limit of memory and swap together)");
  if (memory.swappiness.value_or(0) != 0) problems.add(prefix, "memory.swappiness: ", kNotOnV2);
  if (memory.disable_oom_killer.value_or(false))
    problems.add(prefix, "memory.disableOOMKiller: ", kNotOnV2);
}

void check_cpu(const CpuResources& cpu, std::string_view prefix, Problems& problems) {
  if (cpu.realtime_runtime.value_or(0) != 0)
    problems.add(prefix, "cpu.realtimeRuntime: ", kNotOnV2);
  if (cpu.realtime_period.value_or(0) != 0) problems.add(prefix, "cpu.realtimePeriod: ", kNotOnV2);
  const std::int64_t quota = cpu.quota.value_or(0);
  if (quota > 0 && cpu.burst.value_or(0) > static_cast<std::uint64_t>(quota))
    problems.add(prefix, "cpu.burst: ", *cpu.burst, " is greater than cpu.quota ", quota);
  const std::int64_t idle = cpu.idle.value_or(0);
  if (idle != 0 && idle != 1)
    problems.add(prefix, "cpu.idle: ", idle, " is out of range (expected 0 or 1)");
}

void check_weight(std::optional<std::uint16_t> weight, std::string_view path, Problems& problems) {
  if (weight.value_or(0) == 0) return;
  if (*weight < kMinWeight || *weight > kMaxWeight)
    problems.add(path, ": ", *weight, " is out of range (expected ", kMinWeight, " to ", kMaxWeight,
                 ")");
}

void check_throttle(const std::vector<ThrottleDevice>& devices, std::string_view prefix,
                    std::string_view name, Problems& problems) {
  for (std::size_t i = 0; i < devices.size(); ++i)
    if (devices[i].major < 0 || devices[i].minor < 0)
      problems.add(prefix, "blockIO.", name, "[", i, "]: major and minor must not be negative");
}

void check_block_io(const BlockIoResources& block_io, std::string_view prefix, Problems& problems) {
  check_weight(block_io.weight, concat(prefix, "blockIO.weight"), problems);
  if (block_io.leaf_weight.value_or(0) != 0) problems.add(prefix, "blockIO.leafWeight: ", kNotOnV2);
  for (std::size_t i = 0; i < block_io.weight_device.size(); ++i) {
    const WeightDevice& device = block_io.weight_device[i];
    const std::string path = concat(prefix, "blockIO.weightDevice[", i, "]");
    if (!device.weight && !device.leaf_weight) problems.add(path, ": needs weight or leafWeight");
    if (device.major < 0 || device.minor < 0)
      problems.add(path, ": major and minor must not be negative");
    check_weight(device.weight, concat(path, ".weight"), problems);
    if (device.leaf_weight.value_or(0) != 0) problems.add(path, ".leafWeight: ", kNotOnV2);
  }
  check_throttle(block_io.throttle_read_bps_device, prefix, "throttleReadBpsDevice", problems);
  check_throttle(block_io.throttle_write_bps_device, prefix, "throttleWriteBpsDevice", problems);
  check_throttle(block_io.throttle_read_iops_device, prefix, "throttleReadIOPSDevice", problems);
  check_throttle(block_io.throttle_write_iops_device, prefix, "throttleWriteIOPSDevice", problems);
}

// "64KB", "2MB", "1GB": it becomes part of a file name.
bool is_page_size(std::string_view text) {
  unsigned size = 0;
  const auto [unit, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  const std::string_view suffix(unit, static_cast<std::size_t>(text.data() + text.size() - unit));
  return error == std::errc() && size != 0 && !text.starts_with('0') &&
         (suffix == "KB" || suffix == "MB" || suffix == "GB");
}

void check_hugepages(const std::vector<HugepageLimit>& limits, std::string_view prefix,
                     Problems& problems) {
  for (std::size_t i = 0; i < limits.size(); ++i)
    if (!is_page_size(limits[i].page_size))
      problems.add(prefix, "hugepageLimits[", i, "].pageSize: \"", limits[i].page_size,
                   "\" is not a page size (expected for example 2MB)");
}

void check_unified(const std::map<std::string, std::string>& unified, std::string_view prefix,
                   Problems& problems) {
  for (const auto& [key, value] : unified)
    if (key.empty() || key == "." || key == ".." || key.find('/') != std::string::npos)
      problems.add(prefix, "unified[\"", key, "\"]: not the name of a cgroup file");
}

}  // namespace

void check_resources(const Resources& resources, std::string_view prefix, Problems& problems) {
  check_device_rules(resources.devices, prefix, problems);
  if (resources.memory) check_memory(*resources.memory, prefix, problems);
  if (resources.cpu) check_cpu(*resources.cpu, prefix, problems);
  if (resources.block_io) check_block_io(*resources.block_io, prefix, problems);
  check_hugepages(resources.hugepage_limits, prefix, problems);
  if (resources.network) {
    if (resources.network->class_id.value_or(0) != 0)
      problems.add(prefix, "network.classID: ", kNotOnV2);
    if (!resources.network->priorities.empty())
      problems.add(prefix, "network.priorities: ", kNotOnV2);
  }
  for (const auto& [device, limit] : resources.rdma)
    if (!limit.hca_handles && !limit.hca_objects)
      problems.add(prefix, "rdma[\"", device, "\"]: needs hcaHandles or hcaObjects");
  check_unified(resources.unified, prefix, problems);
}

}  // namespace brig::oci
