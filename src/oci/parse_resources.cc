// config-linux.md: "Control groups", the `resources` object.
#include "oci/parse_objects.h"
#include "oci/words.h"

namespace brig::oci {

using json::Value;

namespace {

// Absent and -1 both mean every number.
std::optional<std::int64_t> parse_rule_number(const Value& in, std::string_view key) {
  const std::optional<std::int64_t> number = in.optional_integer<std::int64_t>(key);
  return number == -1 ? std::nullopt : number;
}

DeviceRule parse_device_rule(const Value& in) {
  return DeviceRule{
      .allow = in.require("allow").as_boolean(),
      .type = in.optional_word("type", kDeviceRuleTypeWords).value_or('a'),
      .major = parse_rule_number(in, "major"),
      .minor = parse_rule_number(in, "minor"),
      .access = in.string("access"),
  };
}

MemoryResources parse_memory(const Value& in) {
  return MemoryResources{
      .limit = in.optional_integer<std::int64_t>("limit"),
      .reservation = in.optional_integer<std::int64_t>("reservation"),
      .swap = in.optional_integer<std::int64_t>("swap"),
      .kernel = in.optional_integer<std::int64_t>("kernel"),
      .kernel_tcp = in.optional_integer<std::int64_t>("kernelTCP"),
      .swappiness = in.optional_integer<std::uint64_t>("swappiness"),
      .disable_oom_killer = in.optional_boolean("disableOOMKiller"),
      .use_hierarchy = in.optional_boolean("useHierarchy"),
      .check_before_update = in.optional_boolean("checkBeforeUpdate"),
  };
}

CpuResources parse_cpu(const Value& in) {
  return CpuResources{
      .shares = in.optional_integer<std::uint64_t>("shares"),
      .quota = in.optional_integer<std::int64_t>("quota"),
      .burst = in.optional_integer<std::uint64_t>("burst"),
      .period = in.optional_integer<std::uint64_t>("period"),
      .realtime_runtime = in.optional_integer<std::int64_t>("realtimeRuntime"),
      .realtime_period = in.optional_integer<std::uint64_t>("realtimePeriod"),
      .cpus = in.string("cpus"),
      .mems = in.string("mems"),
      .idle = in.optional_integer<std::int64_t>("idle"),
  };
}

WeightDevice parse_weight_device(const Value& in) {
  return WeightDevice{
      .major = in.required_integer<std::int64_t>("major"),
      .minor = in.required_integer<std::int64_t>("minor"),
      .weight = in.optional_integer<std::uint16_t>("weight"),
      .leaf_weight = in.optional_integer<std::uint16_t>("leafWeight"),
  };
}

ThrottleDevice parse_throttle_device(const Value& in) {
  return ThrottleDevice{
      .major = in.required_integer<std::int64_t>("major"),
      .minor = in.required_integer<std::int64_t>("minor"),
      .rate = in.required_integer<std::uint64_t>("rate"),
  };
}

BlockIoResources parse_block_io(const Value& in) {
  return BlockIoResources{
      .weight = in.optional_integer<std::uint16_t>("weight"),
      .leaf_weight = in.optional_integer<std::uint16_t>("leafWeight"),
      .weight_device = in.list("weightDevice", parse_weight_device),
      .throttle_read_bps_device = in.list("throttleReadBpsDevice", parse_throttle_device),
      .throttle_write_bps_device = in.list("throttleWriteBpsDevice", parse_throttle_device),
      .throttle_read_iops_device = in.list("throttleReadIOPSDevice", parse_throttle_device),
      .throttle_write_iops_device = in.list("throttleWriteIOPSDevice", parse_throttle_device),
  };
}

HugepageLimit parse_hugepage_limit(const Value& in) {
  return HugepageLimit{
      .page_size = in.required_string("pageSize"),
      .limit = in.required_integer<std::uint64_t>("limit"),
  };
}

InterfacePriority parse_interface_priority(const Value& in) {
  return InterfacePriority{
      .name = in.required_string("name"),
      .priority = in.required_integer<std::uint32_t>("priority"),
  };
}

NetworkResources parse_network(const Value& in) {
  return NetworkResources{
      .class_id = in.optional_integer<std::uint32_t>("classID"),
      .priorities = in.list("priorities", parse_interface_priority),
  };
}

std::optional<std::int64_t> parse_pids_limit(const Value& in) {
  const std::optional<Value> pids = in.find("pids");
  return pids ? pids->optional_integer<std::int64_t>("limit") : std::nullopt;
}

RdmaLimit parse_rdma_limit(const Value& in) {
  return RdmaLimit{
      .hca_handles = in.optional_integer<std::uint32_t>("hcaHandles"),
      .hca_objects = in.optional_integer<std::uint32_t>("hcaObjects"),
  };
}

}  // namespace

Resources parse_resources_object(const Value& in) {
  return Resources{
      .devices = in.list("devices", parse_device_rule),
      .memory = in.optional("memory", parse_memory),
      .cpu = in.optional("cpu", parse_cpu),
      .block_io = in.optional("blockIO", parse_block_io),
      .hugepage_limits = in.list("hugepageLimits", parse_hugepage_limit),
      .network = in.optional("network", parse_network),
      .pids_limit = parse_pids_limit(in),
      .rdma = in.map("rdma", parse_rdma_limit),
      .unified = in.string_map("unified"),
  };
}

}  // namespace brig::oci
