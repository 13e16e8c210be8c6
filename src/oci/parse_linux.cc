// config-linux.md: the `linux` object, except for its resources and its seccomp filter.
#include "oci/parse_objects.h"
#include "oci/words.h"

namespace brig::oci {

using json::Value;

namespace {

// os.FileMode may carry file type bits (podman writes the whole st_mode); only permissions count.
constexpr std::uint32_t kPermissionBits = 07777;

TimeOffset parse_time_offset(const Value& in) {
  return TimeOffset{
      .secs = in.integer<std::int64_t>("secs"),
      .nanosecs = in.integer<std::uint32_t>("nanosecs"),
  };
}

// Numbers are required but for a FIFO, which has none.
std::int64_t parse_device_number(const Value& in, std::string_view key, char type) {
  if (type == 'p') return in.integer<std::int64_t>(key);
  return in.required_integer<std::int64_t>(key);
}

Device parse_device(const Value& in) {
  const char type = in.required_word("type", kDeviceTypeWords);
  std::optional<std::uint32_t> file_mode = in.optional_integer<std::uint32_t>("fileMode");
  if (file_mode) *file_mode &= kPermissionBits;
  return Device{
      .type = type,
      .path = in.required_string("path"),
      .major = parse_device_number(in, "major", type),
      .minor = parse_device_number(in, "minor", type),
      .file_mode = file_mode,
      .uid = in.optional_integer<std::uint32_t>("uid"),
      .gid = in.optional_integer<std::uint32_t>("gid"),
  };
}

NetDevice parse_net_device(const Value& in) { return NetDevice{.name = in.string("name")}; }

// Go writes the empty string for "not set".
std::optional<RootfsPropagation> parse_propagation(const Value& in) {
  if (in.string("rootfsPropagation").empty()) return std::nullopt;
  return in.required_word("rootfsPropagation", kPropagationWords);
}

Personality parse_personality(const Value& in) {
  return Personality{
      .domain = in.required_word("domain", kPersonalityDomainWords),
      .flags = in.strings("flags"),
  };
}

IntelRdt parse_intel_rdt(const Value& in) {
  return IntelRdt{
      .clos_id = in.optional_string("closID"),
      .l3_cache_schema = in.optional_string("l3CacheSchema"),
      .mem_bw_schema = in.optional_string("memBwSchema"),
      .schemata = in.strings("schemata"),
      .enable_monitoring = in.boolean("enableMonitoring"),
  };
}

std::uint32_t parse_memory_policy_flags(const Value& in) {
  std::uint32_t flags = 0;
  in.each("flags", [&](const Value& flag) { flags |= flag.as_word(kMemoryPolicyFlagWords); });
  return flags;
}

}  // namespace

MemoryPolicy parse_memory_policy(const Value& in) {
  return MemoryPolicy{
      .mode = in.required_word("mode", kMemoryPolicyModeWords),
      .nodes = in.string("nodes"),
      .flags = parse_memory_policy_flags(in),
  };
}

IdMapping parse_id_mapping(const Value& in) {
  return IdMapping{
      .container_id = in.required_integer<std::uint32_t>("containerID"),
      .host_id = in.required_integer<std::uint32_t>("hostID"),
      .size = in.required_integer<std::uint32_t>("size"),
  };
}

Namespace parse_namespace(const Value& in) {
  return Namespace{
      .type = in.required_word("type", kNamespaceWords),
      .path = in.string("path"),
  };
}

Linux parse_linux(const Value& in) {
  return Linux{
      .namespaces = in.list("namespaces", parse_namespace),
      .uid_mappings = in.list("uidMappings", parse_id_mapping),
      .gid_mappings = in.list("gidMappings", parse_id_mapping),
      .time_offsets = in.map("timeOffsets", parse_time_offset),
      .devices = in.list("devices", parse_device),
      .net_devices = in.map("netDevices", parse_net_device),
      .cgroups_path = in.string("cgroupsPath"),
      .resources = in.optional("resources", parse_resources_object).value_or(Resources{}),
      .rootfs_propagation = parse_propagation(in),
      .seccomp = in.optional("seccomp", parse_seccomp),
      .sysctl = in.string_map("sysctl"),
      .masked_paths = in.strings("maskedPaths"),
      .readonly_paths = in.strings("readonlyPaths"),
      .mount_label = in.string("mountLabel"),
      .intel_rdt = in.optional("intelRdt", parse_intel_rdt),
      .memory_policy = in.optional("memoryPolicy", parse_memory_policy),
      .personality = in.optional("personality", parse_personality),
  };
}

}  // namespace brig::oci
