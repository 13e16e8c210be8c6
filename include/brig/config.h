// The OCI container configuration (config.json) as plain data.
//
// Every aggregate is named after its object in the runtime-spec (config.md, config-linux.md) and
// every member after its property, in snake_case. An absent optional property is an empty
// std::optional, an empty vector or an empty string; where the spec distinguishes "absent" from
// "empty" the member is a std::optional. Words that the spec fixes are enums; everything else keeps
// the spec's unit.
//
// The structures hold no file descriptors and no pointers: they own all their memory and may be
// copied. oci::parse_config() fills them (shape and types), oci::validate() checks the rules
// between fields.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace brig {

// config.md "Root": the container's root file system. `path` is as written; relative means relative
// to the bundle.
struct Root {
  std::string path;
  bool readonly = false;
};

// config-linux.md "User namespace mappings" (also used by mounts). All three in the kernel's
// unsigned 32-bit id space.
struct IdMapping {
  std::uint32_t container_id = 0;
  std::uint32_t host_id = 0;
  std::uint32_t size = 0;
};

// config.md "Mounts". `options` are as written and in order; rootfs/mount_options.h gives them
// meaning.
struct Mount {
  std::string destination;
  std::string type;
  std::string source;
  std::vector<std::string> options;
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
};

// config.md "Process", `consoleSize`, in character cells.
struct ConsoleSize {
  std::uint32_t height = 0;
  std::uint32_t width = 0;
};

// config.md "User" (POSIX platform). An absent umask leaves the default of 0022.
struct User {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::optional<std::uint32_t> umask;
  std::vector<std::uint32_t> additional_gids;
};

// config.md "POSIX process", `rlimits`. `resource` is the kernel's RLIMIT_* number; `type` is the
// word as written (RLIMIT_NOFILE), kept for messages. UINT64_MAX means unlimited.
struct Rlimit {
  std::string type;
  int resource = 0;
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

// config.md "Linux Process", `capabilities`: the names as written (CAP_CHOWN). Names that this
// kernel does not know are kept: the spec wants a warning for them, not an error.
struct Capabilities {
  std::vector<std::string> bounding;
  std::vector<std::string> effective;
  std::vector<std::string> inheritable;
  std::vector<std::string> permitted;
  std::vector<std::string> ambient;
};

enum class SchedulerPolicy { kOther, kFifo, kRoundRobin, kBatch, kIso, kIdle, kDeadline };

// config.md "Linux Process", `scheduler`, for sched_setattr(2). `flags` is the or of the kernel's
// SCHED_FLAG_* bits. Times are in nanoseconds.
struct Scheduler {
  SchedulerPolicy policy = SchedulerPolicy::kOther;
  std::optional<std::int32_t> nice;
  std::optional<std::int32_t> priority;
  std::uint64_t flags = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

enum class IoPriorityClass { kRealtime = 1, kBestEffort = 2, kIdle = 3 };

// config.md "Linux Process", `ioPriority`, for ioprio_set(2). `priority` is 0 (highest) to 7.
struct IoPriority {
  IoPriorityClass io_class = IoPriorityClass::kBestEffort;
  std::int32_t priority = 4;
};

// config.md "Linux Process", `execCPUAffinity`: lists as cpuset(7) writes them ("0-3,7").
struct ExecCpuAffinity {
  std::string initial;
  std::string final;
};

// config.md "Process".
struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> console_size;
  std::string cwd;
  std::vector<std::string> env;
  std::vector<std::string> args;
  std::string command_line;  // Windows only; kept so that validation can refuse it.
  User user;
  std::vector<Rlimit> rlimits;
  std::optional<Capabilities> capabilities;
  bool no_new_privileges = false;
  std::string apparmor_profile;
  std::string selinux_label;
  std::optional<std::int32_t> oom_score_adj;
  std::optional<Scheduler> scheduler;
  std::optional<IoPriority> io_priority;
  std::optional<ExecCpuAffinity> exec_cpu_affinity;
};

// config.md "POSIX-platform Hooks". `timeout` in seconds; absent means no limit.
struct Hook {
  std::string path;
  std::vector<std::string> args;  // argv, args[0] included; empty means {path}.
  std::vector<std::string> env;
  std::optional<std::int64_t> timeout;
};

struct Hooks {
  std::vector<Hook> prestart;
  std::vector<Hook> create_runtime;
  std::vector<Hook> create_container;
  std::vector<Hook> start_container;
  std::vector<Hook> poststart;
  std::vector<Hook> poststop;
};

enum class NamespaceType { kPid, kNetwork, kMount, kIpc, kUts, kUser, kCgroup, kTime };

// config-linux.md "Namespaces". An empty `path` means: create a new one.
struct Namespace {
  NamespaceType type = NamespaceType::kPid;
  std::string path;
};

// config-linux.md "Offset for Time Namespace"; nanosecs is in 0..999999999.
struct TimeOffset {
  std::int64_t secs = 0;
  std::uint32_t nanosecs = 0;
};

// config-linux.md "Devices". `type` is one of c, u (same as c), b, p. file_mode holds permission
// bits only.
struct Device {
  char type = 'c';
  std::string path;
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::optional<std::uint32_t> file_mode;
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
};

// config-linux.md "Allowed Device list". An absent major or minor is a wildcard; type is a, c or b.
struct DeviceRule {
  bool allow = false;
  char type = 'a';
  std::optional<std::int64_t> major;
  std::optional<std::int64_t> minor;
  std::string access;  // subset of "rwm"; empty means "rwm"
};

// config-linux.md "Memory". All sizes in bytes; -1 means unlimited.
struct MemoryResources {
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> reservation;
  std::optional<std::int64_t> swap;
  std::optional<std::int64_t> kernel;
  std::optional<std::int64_t> kernel_tcp;
  std::optional<std::uint64_t> swappiness;
  std::optional<bool> disable_oom_killer;
  std::optional<bool> use_hierarchy;
  std::optional<bool> check_before_update;
};

// config-linux.md "CPU". quota, burst and period in microseconds.
struct CpuResources {
  std::optional<std::uint64_t> shares;
  std::optional<std::int64_t> quota;
  std::optional<std::uint64_t> burst;
  std::optional<std::uint64_t> period;
  std::optional<std::int64_t> realtime_runtime;
  std::optional<std::uint64_t> realtime_period;
  std::string cpus;
  std::string mems;
  std::optional<std::int64_t> idle;
};

// config-linux.md "Block IO".
struct WeightDevice {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::optional<std::uint16_t> weight;
  std::optional<std::uint16_t> leaf_weight;
};

struct ThrottleDevice {
  std::int64_t major = 0;
  std::int64_t minor = 0;
  std::uint64_t rate = 0;  // bytes or operations per second
};

struct BlockIoResources {
  std::optional<std::uint16_t> weight;
  std::optional<std::uint16_t> leaf_weight;
  std::vector<WeightDevice> weight_device;
  std::vector<ThrottleDevice> throttle_read_bps_device;
  std::vector<ThrottleDevice> throttle_write_bps_device;
  std::vector<ThrottleDevice> throttle_read_iops_device;
  std::vector<ThrottleDevice> throttle_write_iops_device;
};

// config-linux.md "Huge page limits": page_size as the kernel names it ("2MB"), limit in bytes.
struct HugepageLimit {
  std::string page_size;
  std::uint64_t limit = 0;
};

struct InterfacePriority {
  std::string name;
  std::uint32_t priority = 0;
};

struct NetworkResources {
  std::optional<std::uint32_t> class_id;
  std::vector<InterfacePriority> priorities;
};

struct RdmaLimit {
  std::optional<std::uint32_t> hca_handles;
  std::optional<std::uint32_t> hca_objects;
};

// config-linux.md "Control groups", `resources`; what each becomes on cgroup v2 is in
// cgroup/resources.h.
struct Resources {
  std::vector<DeviceRule> devices;
  std::optional<MemoryResources> memory;
  std::optional<CpuResources> cpu;
  std::optional<BlockIoResources> block_io;
  std::vector<HugepageLimit> hugepage_limits;
  std::optional<NetworkResources> network;
  std::optional<std::int64_t> pids_limit;
  std::map<std::string, RdmaLimit> rdma;
  std::map<std::string, std::string> unified;
};

enum class SeccompAction {
  kKillThread,
  kKillProcess,
  kTrap,
  kErrno,
  kTrace,
  kAllow,
  kLog,
  kNotify
};
enum class SeccompOperator {
  kNotEqual,
  kLess,
  kLessEqual,
  kEqual,
  kGreaterEqual,
  kGreater,
  kMaskedEqual
};

struct SeccompArg {
  std::uint32_t index = 0;
  std::uint64_t value = 0;
  std::uint64_t value_two = 0;
  SeccompOperator op = SeccompOperator::kEqual;
};

struct SeccompSyscall {
  std::vector<std::string> names;
  SeccompAction action = SeccompAction::kAllow;
  std::optional<std::uint32_t> errno_ret;
  std::vector<SeccompArg> args;
};

// config-linux.md "Seccomp". `flags` and `architectures` hold the spec's words
// (SECCOMP_FILTER_FLAG_LOG, SCMP_ARCH_X86_64), checked by parsing. Absent flags mean
// SECCOMP_FILTER_FLAG_SPEC_ALLOW, empty mean none.
struct Seccomp {
  SeccompAction default_action = SeccompAction::kAllow;
  std::optional<std::uint32_t> default_errno_ret;
  std::vector<std::string> architectures;
  std::optional<std::vector<std::string>> flags;
  std::string listener_path;
  std::string listener_metadata;
  std::vector<SeccompSyscall> syscalls;
};

enum class Propagation { kShared, kSlave, kPrivate, kUnbindable };

// config-linux.md "Rootfs Mount Propagation".
struct RootfsPropagation {
  Propagation kind = Propagation::kSlave;
  bool recursive = true;
};

// config-linux.md "Personality". `domain` is PER_LINUX or PER_LINUX32 of personality(2).
struct Personality {
  std::uint64_t domain = 0;
  std::vector<std::string> flags;
};

struct IntelRdt {
  std::optional<std::string> clos_id;
  std::optional<std::string> l3_cache_schema;
  std::optional<std::string> mem_bw_schema;
  std::vector<std::string> schemata;
  bool enable_monitoring = false;
};

// The kernel's numbers; not every libc header names them all.
enum class MemoryPolicyMode {
  kDefault = 0,
  kPreferred = 1,
  kBind = 2,
  kInterleave = 3,
  kLocal = 4,
  kPreferredMany = 5,
  kWeightedInterleave = 6
};

// config-linux.md "Memory policy", for set_mempolicy(2). `nodes` is a list as cpuset(7) writes it;
// `flags` is the or of the kernel's MPOL_F_* bits.
struct MemoryPolicy {
  MemoryPolicyMode mode = MemoryPolicyMode::kDefault;
  std::string nodes;
  std::uint32_t flags = 0;
};

struct NetDevice {
  std::string name;
};

// config-linux.md, the `linux` object.
struct Linux {
  std::vector<Namespace> namespaces;
  std::vector<IdMapping> uid_mappings;
  std::vector<IdMapping> gid_mappings;
  std::map<std::string, TimeOffset> time_offsets;  // keys: monotonic, boottime
  std::vector<Device> devices;
  std::map<std::string, NetDevice> net_devices;
  std::string cgroups_path;
  Resources resources;
  std::optional<RootfsPropagation> rootfs_propagation;
  std::optional<Seccomp> seccomp;
  std::map<std::string, std::string> sysctl;
  std::vector<std::string> masked_paths;
  std::vector<std::string> readonly_paths;
  std::string mount_label;
  std::optional<IntelRdt> intel_rdt;
  std::optional<MemoryPolicy> memory_policy;
  std::optional<Personality> personality;
};

// A whole config.json.
struct Config {
  std::string oci_version;
  std::optional<Root> root;
  std::vector<Mount> mounts;
  std::optional<Process> process;
  std::string hostname;
  std::string domainname;
  Hooks hooks;
  std::map<std::string, std::string> annotations;
  Linux linux;

  // The namespace entry of `type`, or null when the config does not list it (the container then
  // shares the host's).
  [[nodiscard]] const Namespace* find_namespace(NamespaceType type) const noexcept {
    for (const Namespace& entry : linux.namespaces)
      if (entry.type == type) return &entry;
    return nullptr;
  }
};

}  // namespace brig
