// config-linux.md: the rules of namespaces, id mappings, time offsets and devices; config.md: those
// of mounts, which depend on the namespaces.
#include <algorithm>
#include <cctype>
#include <map>

#include "base/number_list.h"
#include "oci/validate_rules.h"
#include "oci/words.h"

namespace brig::oci {

namespace {

constexpr std::size_t kMaxIdMappings = 340;  // user_namespaces(7)
constexpr std::uint64_t kIdSpace = std::uint64_t{1} << 32U;
constexpr std::uint32_t kNanosecondsPerSecond = 1'000'000'000;

bool overlaps(std::uint32_t a, std::uint32_t b, std::uint32_t a_size, std::uint32_t b_size) {
  return a < std::uint64_t{b} + b_size && b < std::uint64_t{a} + a_size;
}

void check_namespace_entries(const std::vector<Namespace>& namespaces, Problems& problems) {
  for (std::size_t i = 0; i < namespaces.size(); ++i) {
    const Namespace& entry = namespaces[i];
    const std::string_view type = word_of(kNamespaceWords, entry.type);
    if (!entry.path.empty() && !is_absolute(entry.path))
      problems.add("linux.namespaces[", i, "].path: \"", entry.path, "\" is not absolute");
    // There are few types, so the earlier entry is found among the first.
    const auto same = [&](const Namespace& other) { return other.type == entry.type; };
    const std::size_t j =
        static_cast<std::size_t>(std::ranges::find_if(namespaces, same) - namespaces.begin());
    if (j < i)
      problems.add("linux.namespaces[", i, "].type: ", type, " is already in linux.namespaces[", j,
                   "]");
  }
}

void check_user_namespace(const Config& config, Problems& problems) {
  const Linux& linux = config.linux;
  const Namespace* user = config.find_namespace(NamespaceType::kUser);
  check_id_mappings(linux.uid_mappings, "linux.uidMappings", problems);
  check_id_mappings(linux.gid_mappings, "linux.gidMappings", problems);
  if (user == nullptr) {
    constexpr std::string_view kNeeds =
        ": needs a user namespace (add {\"type\": \"user\"} to linux.namespaces)";
    if (!linux.uid_mappings.empty()) problems.add("linux.uidMappings", kNeeds);
    if (!linux.gid_mappings.empty()) problems.add("linux.gidMappings", kNeeds);
  } else if (user->path.empty()) {
    constexpr std::string_view kMissing =
        ": required with a new user namespace (add for example "
        "{\"containerID\": 0, \"hostID\": 100000, \"size\": 65536})";
    if (linux.uid_mappings.empty()) problems.add("linux.uidMappings", kMissing);
    if (linux.gid_mappings.empty()) problems.add("linux.gidMappings", kMissing);
  }
}

void check_time_offsets(const Config& config, Problems& problems) {
  if (config.linux.time_offsets.empty()) return;
  const Namespace* time = config.find_namespace(NamespaceType::kTime);
  if (time == nullptr)
    problems.add(
        "linux.timeOffsets: needs a time namespace (add {\"type\": \"time\"} to "
        "linux.namespaces)");
  else if (!time->path.empty())
    problems.add(
        "linux.timeOffsets: cannot change the clocks of the time namespace that is joined");
  for (const auto& [clock, offset] : config.linux.time_offsets) {
    if (clock != "monotonic" && clock != "boottime")
      problems.add("linux.timeOffsets: unknown clock \"", clock,
                   "\" (expected monotonic or boottime)");
    if (offset.nanosecs >= kNanosecondsPerSecond)
      problems.add("linux.timeOffsets.", clock, ".nanosecs: ", offset.nanosecs,
                   " is out of range (expected 0 to 999999999)");
  }
}

bool has_option(const Mount& mount, std::string_view option) {
  return std::find(mount.options.begin(), mount.options.end(), option) != mount.options.end();
}

void check_mount_source(const Mount& mount, std::size_t index, Problems& problems) {
  const bool bind = has_option(mount, "bind") || has_option(mount, "rbind");
  if (bind && mount.source.empty() && !has_option(mount, "remount"))
    problems.add("mounts[", index, "] (", mount.destination, "): a bind mount needs a source");
}

void check_mount_mappings(const Mount& mount, std::size_t index, bool has_user_namespace,
                          Problems& problems) {
  const std::string path = concat("mounts[", index, "] (", mount.destination, ")");
  if (mount.uid_mappings.empty() != mount.gid_mappings.empty())
    problems.add(path, ": uidMappings and gidMappings must be given together");
  check_id_mappings(mount.uid_mappings, concat(path, ".uidMappings"), problems);
  check_id_mappings(mount.gid_mappings, concat(path, ".gidMappings"), problems);
  const bool wants_mapping = has_option(mount, "idmap") || has_option(mount, "ridmap");
  if (wants_mapping && mount.uid_mappings.empty() && !has_user_namespace)
    problems.add(path, ": idmap needs uidMappings and gidMappings, or a user namespace");
}

}  // namespace

void check_id_mappings(const std::vector<IdMapping>& mappings, std::string_view path,
                       Problems& problems) {
  if (mappings.size() > kMaxIdMappings) {
    problems.add(path, ": more than ", kMaxIdMappings, " entries");
    return;
  }
  for (std::size_t i = 0; i < mappings.size(); ++i) {
    const IdMapping& entry = mappings[i];
    if (entry.size == 0) problems.add(path, "[", i, "].size: must not be zero");
    // The last id, 4294967295, means "unchanged" to system calls and cannot be mapped.
    if (std::uint64_t{entry.container_id} + entry.size >= kIdSpace ||
        std::uint64_t{entry.host_id} + entry.size >= kIdSpace)
      problems.add(path, "[", i, "]: reaches beyond id 4294967294");
    for (std::size_t j = 0; j < i; ++j) {
      const IdMapping& other = mappings[j];
      if (overlaps(entry.container_id, other.container_id, entry.size, other.size) ||
          overlaps(entry.host_id, other.host_id, entry.size, other.size))
        problems.add(path, "[", i, "]: overlaps with ", path, "[", j, "]");
    }
  }
}

void check_namespaces(const Config& config, Problems& problems) {
  check_namespace_entries(config.linux.namespaces, problems);
  // Without one, pivoting into the root file system would change the host's mounts.
  if (config.find_namespace(NamespaceType::kMount) == nullptr)
    problems.add(
        "linux.namespaces: a container without a mount namespace is not supported "
        "(add {\"type\": \"mount\"})");
  check_user_namespace(config, problems);
  check_time_offsets(config, problems);
}

void check_mounts(const Config& config, Problems& problems) {
  const bool has_user_namespace = config.find_namespace(NamespaceType::kUser) != nullptr;
  for (std::size_t i = 0; i < config.mounts.size(); ++i) {
    const Mount& mount = config.mounts[i];
    // A relative destination is deprecated but means relative to "/".
    if (mount.destination.empty()) problems.add("mounts[", i, "].destination: must not be empty");
    check_mount_source(mount, i, problems);
    check_mount_mappings(mount, i, has_user_namespace, problems);
  }
}

void check_intel_rdt(const IntelRdt& rdt, Problems& problems) {
  const std::string clos = rdt.clos_id.value_or("");
  for (const std::string_view taken : {".", "..", "info", "mon_groups", "mon_data"})
    if (clos == taken)
      problems.add("linux.intelRdt.closID: \"", clos, "\" is not the name of a class of service");
  if (clos != "/" && clos.find_first_of("/\n") != std::string::npos)
    problems.add("linux.intelRdt.closID: \"", clos,
                 "\" is not one component of a path (or / for the default class of service)");
  const std::string bandwidth = rdt.mem_bw_schema.value_or("");
  if (!bandwidth.empty() && !bandwidth.starts_with("MB:"))
    problems.add("linux.intelRdt.memBwSchema: \"", bandwidth, "\" does not start with MB:");
  if (bandwidth.find('\n') != std::string::npos)
    problems.add("linux.intelRdt.memBwSchema: must not contain a newline");
  for (std::size_t i = 0; i < rdt.schemata.size(); ++i)
    if (rdt.schemata[i].find('\n') != std::string::npos)
      problems.add("linux.intelRdt.schemata[", i, "]: must not contain a newline");
}

// The kernel's dev_valid_name(); a template holds exactly one '%', and that as "%d".
void check_net_device_name(std::string_view name, bool may_be_template, const std::string& path,
                           Problems& problems) {
  constexpr std::size_t kMaxName = 15;
  const bool bad_character = std::any_of(name.begin(), name.end(), [](char c) {
    return c == '/' || c == ':' || c == '\0' || std::isspace(static_cast<unsigned char>(c)) != 0;
  });
  const std::size_t percent = name.find('%');
  const bool bad_template =
      percent != std::string_view::npos &&
      (!may_be_template || name.substr(percent, 2) != "%d" || name.rfind('%') != percent);
  if (name.empty() || name.size() > kMaxName || name == "." || name == ".." || bad_character ||
      bad_template)
    problems.add(path, ": \"", name, "\" is not the name of a network device (1 to ", kMaxName,
                 " bytes without blanks, / and :", may_be_template ? "; one %d is a number" : "",
                 ")");
}

void check_net_devices(const Config& config, Problems& problems) {
  const std::map<std::string, NetDevice>& devices = config.linux.net_devices;
  if (!devices.empty() && config.find_namespace(NamespaceType::kNetwork) == nullptr)
    problems.add(
        "linux.netDevices: needs a network namespace (add {\"type\": \"network\"} to "
        "linux.namespaces)");
  std::map<std::string_view, std::string_view> names;  // in the container, of which device
  for (const auto& [host_name, device] : devices) {
    const std::string path = concat("linux.netDevices[\"", host_name, "\"]");
    check_net_device_name(host_name, false, path, problems);
    if (!device.name.empty())
      check_net_device_name(device.name, true, concat(path, ".name"), problems);
    const std::string_view name = device.name.empty() ? host_name : device.name;
    const auto [other, added] = names.emplace(name, host_name);
    if (!added && name.find('%') == std::string_view::npos)
      problems.add(path, ": ", name, " is already the name of linux.netDevices[\"", other->second,
                   "\"] in the container");
  }
}

// What set_mempolicy(2) answers with EINVAL alone.
void check_memory_policy(const MemoryPolicy& policy, Problems& problems) {
  using Mode = MemoryPolicyMode;
  const std::string_view mode = word_of(kMemoryPolicyModeWords, policy.mode);
  const std::optional<std::vector<NumberRange>> nodes = parse_number_list(policy.nodes);
  if (!nodes) {
    problems.add("linux.memoryPolicy.nodes: \"", policy.nodes,
                 "\" is not a list of memory nodes (expected for example 0-3,7)");
    return;
  }
  const bool without_nodes = policy.mode == Mode::kDefault || policy.mode == Mode::kLocal;
  if (without_nodes && !nodes->empty())
    problems.add("linux.memoryPolicy.nodes: ", mode, " takes none");
  if (!without_nodes && policy.mode != Mode::kPreferred && nodes->empty())
    problems.add("linux.memoryPolicy.nodes: ", mode, " needs at least one node");
  const std::uint32_t kind = policy.flags & (kStaticNodes | kRelativeNodes);
  if (kind == (kStaticNodes | kRelativeNodes))
    problems.add(
        "linux.memoryPolicy.flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each "
        "other");
  else if (kind != 0 && nodes->empty())
    problems.add("linux.memoryPolicy.flags: ", word_of(kMemoryPolicyFlagWords, kind),
                 " needs linux.memoryPolicy.nodes");
  if ((policy.flags & kNumaBalancing) != 0 && policy.mode != Mode::kBind &&
      policy.mode != Mode::kPreferredMany)
    problems.add(
        "linux.memoryPolicy.flags: MPOL_F_NUMA_BALANCING is only for MPOL_BIND and "
        "MPOL_PREFERRED_MANY");
}

void check_devices(const std::vector<Device>& devices, Problems& problems) {
  std::map<std::string_view, std::size_t> first_with_path;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const Device& device = devices[i];
    if (!is_absolute(device.path))
      problems.add("linux.devices[", i, "].path: \"", device.path, "\" is not absolute");
    if (device.major < 0 || device.minor < 0 || device.major > 0xFFF || device.minor > 0xFFFFF)
      problems.add("linux.devices[", i, "] (", device.path, "): ", device.major, ":", device.minor,
                   " is not a device number (expected 0:0 to 4095:1048575)");
    const std::size_t j = first_with_path.try_emplace(device.path, i).first->second;
    const Device& other = devices[j];
    if (device.type != other.type || device.major != other.major || device.minor != other.minor)
      problems.add("linux.devices[", i, "].path: ", device.path,
                   " is already another device in linux.devices[", j, "]");
  }
}

}  // namespace brig::oci
