#include "cgroup/resources.h"

#include <algorithm>
#include <cmath>

#include "base/concat.h"
#include "brig/error.h"
#include "cgroup/files.h"
#include "sys/file.h"

namespace brig::cgroup {

namespace {

constexpr std::string_view kRoot = "linux.resources.";

[[noreturn]] void refuse(std::string_view property, std::string_view why) {
  throw Error(concat(kRoot, property, ": ", why));
}

// Adds writes to a plan; `property` is relative to linux.resources.
class Planner {
 public:
  Planner(Plan& plan, const CurrentLimits& current) : plan_(plan), current_(current) {}

  FileWrite& add(std::string_view property, std::string_view file, std::string value) {
    FileWrite write;
    write.property = concat(kRoot, property);
    write.controller = std::string(file.substr(0, file.find('.')));
    write.file = std::string(file);
    write.value = std::move(value);
    plan_.push_back(std::move(write));
    return plan_.back();
  }

  void pids(const Resources& resources);
  void memory(const MemoryResources& memory);
  void block_io(const BlockIoResources& io);
  void cpu(const CpuResources& cpu);
  void cpuset(const CpuResources& cpu);
  void hugepages(const std::vector<HugepageLimit>& limits);
  void rdma(const std::map<std::string, RdmaLimit>& devices);
  void unified(const std::map<std::string, std::string>& files);

 private:
  void memory_size(std::string_view property, std::string_view file, std::int64_t bytes);
  void swap(const MemoryResources& memory);
  void weight(std::string_view property, std::string_view device, std::uint64_t weight);
  void io_max(const BlockIoResources& io);
  void bandwidth(const CpuResources& cpu);

  Plan& plan_;
  const CurrentLimits& current_;
};

void Planner::pids(const Resources& resources) {
  if (!resources.pids_limit) return;
  const std::int64_t limit = *resources.pids_limit;
  if (limit < 0) {
    add("pids.limit", "pids.max", "max").is_default = true;
    return;
  }
  add("pids.limit", "pids.max", concat(limit));
}

// Refuses limits that the processes have outgrown.
void check_memory(const MemoryResources& memory, const CurrentLimits& current) {
  if (!memory.check_before_update.value_or(false) || !current.usage) return;
  const auto check = [&](std::string_view property, std::int64_t limit) {
    if (limit > 0 && static_cast<std::uint64_t>(limit) < *current.usage)
      refuse(property, concat("limit ", limit, " is below the current usage of ", *current.usage,
                              " bytes (checkBeforeUpdate)"));
  };
  check("memory.swap", memory.swap.value_or(0));
  check("memory.limit", memory.limit.value_or(0));
}

void Planner::memory_size(std::string_view property, std::string_view file, std::int64_t bytes) {
  if (bytes == 0) return;
  if (bytes < -1) refuse(property, concat(bytes, " is no size; -1 means unlimited"));
  FileWrite& write = add(property, file, bytes == -1 ? std::string("max") : concat(bytes));
  write.is_default = bytes == -1 && property != "memory.reservation";
}

// The spec counts memory and swap together, the kernel swap alone.
void Planner::swap(const MemoryResources& memory) {
  constexpr std::string_view kProperty = "memory.swap";
  const std::int64_t total = memory.swap.value_or(0);
  std::int64_t limit = memory.limit.value_or(0);
  if (total < -1) refuse(kProperty, concat(total, " is no size; -1 means unlimited"));
  std::string value;
  if (total == -1 || (total == 0 && limit == -1)) {
    value = "max";
  } else if (total == 0) {
    return;
  } else {
    if (limit == 0 && current_.memory) limit = static_cast<std::int64_t>(*current_.memory);
    if (limit == 0)
      refuse(kProperty, "needs memory.limit: it is the limit of memory and swap together");
    if (limit > 0 && total < limit)
      refuse(kProperty, concat("must be at least memory.limit (", limit,
                               "): it is the limit of memory and swap together"));
    value = concat(limit > 0 ? total - limit : total);
  }
  FileWrite& write = add(kProperty, "memory.swap.max", std::move(value));
  write.is_default = write.value == "max";
  // Without swap accounting in the kernel there is no such file. Then no limit needs no write, and
  // there is no swap to forbid.
  write.optional = write.value == "max" || write.value == "0";
}

void Planner::memory(const MemoryResources& memory) {
  check_memory(memory, current_);
  // First the swap: when memory.max shrinks, what no longer fits can go where swap has grown.
  swap(memory);
  memory_size("memory.limit", "memory.max", memory.limit.value_or(0));
  memory_size("memory.reservation", "memory.low", memory.reservation.value_or(0));
}

// `device` is "MAJOR:MINOR " or empty for the whole cgroup. The bfq scheduler has a file of its own
// with the weights of cgroup v1.
void Planner::weight(std::string_view property, std::string_view device, std::uint64_t weight) {
  if (weight == 0) return;
  FileWrite& write = add(property, "io.weight", concat(device, io_weight(weight)));
  write.better_file = "io.bfq.weight";
  write.better_value = concat(device, weight);
}

std::string device_name(std::int64_t major, std::int64_t minor) {
  return concat(major, ':', minor);
}

// All limits of one device become one line, as io.max takes them.
void Planner::io_max(const BlockIoResources& io) {
  struct Kind {
    const std::vector<ThrottleDevice>* devices;
    std::string_view property;
    std::string_view key;
  };
  const Kind kinds[] = {
      {&io.throttle_read_bps_device, "throttleReadBpsDevice", "rbps"},
      {&io.throttle_write_bps_device, "throttleWriteBpsDevice", "wbps"},
      {&io.throttle_read_iops_device, "throttleReadIOPSDevice", "riops"},
      {&io.throttle_write_iops_device, "throttleWriteIOPSDevice", "wiops"},
  };
  const std::size_t first = plan_.size();
  for (const Kind& kind : kinds) {
    for (std::size_t i = 0; i < kind.devices->size(); ++i) {
      const ThrottleDevice& device = (*kind.devices)[i];
      const std::string name = device_name(device.major, device.minor);
      // A rate of 0 took a limit away in cgroup v1.
      const std::string rate = device.rate == 0 ? "max" : concat(device.rate);
      const auto same = [&](const FileWrite& write) {
        return write.value.starts_with(concat(name, ' '));
      };
      const auto line =
          std::find_if(plan_.begin() + static_cast<std::ptrdiff_t>(first), plan_.end(), same);
      if (line != plan_.end())
        append(line->value, ' ', kind.key, '=', rate);
      else
        add(concat("blockIO.", kind.property, "[", i, "]"), "io.max",
            concat(name, ' ', kind.key, '=', rate));
    }
  }
}

void Planner::block_io(const BlockIoResources& io) {
  weight("blockIO.weight", "", io.weight.value_or(0));
  for (std::size_t i = 0; i < io.weight_device.size(); ++i) {
    const WeightDevice& device = io.weight_device[i];
    const std::string property = concat("blockIO.weightDevice[", i, "]");
    weight(concat(property, ".weight"), concat(device_name(device.major, device.minor), ' '),
           device.weight.value_or(0));
  }
  io_max(io);
}

// cpu.max and cpu.max.burst. The kernel refuses a burst above the quota at every moment, so which
// goes first depends on the direction.
void Planner::bandwidth(const CpuResources& cpu) {
  const std::int64_t quota = cpu.quota.value_or(0);
  const std::uint64_t period = cpu.period.value_or(0);
  const bool burst_first = cpu.burst && current_.burst && *cpu.burst < *current_.burst;
  const auto add_burst = [&] {
    add("cpu.burst", "cpu.max.burst", concat(*cpu.burst)).is_default = *cpu.burst == 0;
  };
  if (burst_first) add_burst();
  if (quota != 0 || period != 0) {
    std::string value = "max";
    if (quota > 0)
      value = concat(quota);
    else if (quota == 0 && current_.quota)
      value = concat(*current_.quota);
    const bool unlimited = value == "max";
    // A quota alone keeps the period.
    if (period != 0) append(value, ' ', period);
    add(quota != 0 ? "cpu.quota" : "cpu.period", "cpu.max", std::move(value)).is_default =
        unlimited;
  }
  if (cpu.burst && !burst_first) add_burst();
}

void Planner::cpu(const CpuResources& cpu) {
  const std::int64_t idle = cpu.idle.value_or(0);
  if (cpu.idle) add("cpu.idle", "cpu.idle", concat(idle)).is_default = idle == 0;
  const std::uint64_t weight = cpu_weight(cpu.shares.value_or(0));
  // An idle cgroup has the least weight of all, and the kernel refuses to set another.
  if (weight != 0 && idle == 0)
    add("cpu.shares", "cpu.weight", concat(weight)).is_default = weight == 100;
  bandwidth(cpu);
}

void Planner::cpuset(const CpuResources& cpu) {
  if (!cpu.cpus.empty()) add("cpu.cpus", "cpuset.cpus", cpu.cpus);
  if (!cpu.mems.empty()) add("cpu.mems", "cpuset.mems", cpu.mems);
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.';
  });
}

void Planner::hugepages(const std::vector<HugepageLimit>& limits) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const HugepageLimit& entry = limits[i];
    const std::string property = concat("hugepageLimits[", i, "]");
    add(property, concat("hugetlb.", entry.page_size, ".max"), concat(entry.limit));
    // What a process reserves with mmap(2) counts only here; older kernels have no such file.
    add(property, concat("hugetlb.", entry.page_size, ".rsvd.max"), concat(entry.limit)).optional =
        true;
  }
}

void Planner::rdma(const std::map<std::string, RdmaLimit>& devices) {
  // The kernel takes signed numbers, the greatest of which is its "max".
  const auto value = [](std::uint32_t limit) {
    return limit >= 0x7fffffffU ? std::string("max") : concat(limit);
  };
  for (const auto& [device, limit] : devices) {
    const std::string property = concat("rdma[\"", device, "\"]");
    if (!is_plain_name(device)) refuse(property, "is no device name");
    std::string line = device;
    if (limit.hca_handles) append(line, " hca_handle=", value(*limit.hca_handles));
    if (limit.hca_objects) append(line, " hca_object=", value(*limit.hca_objects));
    if (limit.hca_handles || limit.hca_objects) add(property, "rdma.max", std::move(line));
  }
}

void Planner::unified(const std::map<std::string, std::string>& files) {
  for (const auto& [file, text] : files) {
    const std::string property = concat("unified[\"", file, "\"]");
    const std::size_t dot = file.find('.');
    if (!is_plain_name(file) || dot == 0 || dot == std::string::npos || dot + 1 == file.size())
      refuse(property, "must be the name of a cgroup file, CONTROLLER.PARAMETER");
    std::string_view rest = text;
    std::string_view line;
    bool wrote = false;
    while (next_line(rest, line)) {
      if (line.empty()) continue;
      wrote = true;
      add(property, file, std::string(line));
    }
    if (!wrote) add(property, file, "\n");
  }
  // Core files and pressure files are in every cgroup.
  for (FileWrite& write : plan_)
    if (write.controller == "cgroup" || write.file.ends_with(".pressure")) write.controller.clear();
}

// What takes away the limit that `write` sets to one device; empty for other files. That the file
// has no line of a device means that it has none.
std::string reset_device(const FileWrite& write) {
  std::string_view rest = write.value;
  const std::string_view device = next_word(rest);
  if (!write.file.starts_with("io.") || device.find(':') == std::string_view::npos) return {};
  if (write.file == "io.max") return concat(device, " rbps=max wbps=max riops=max wiops=max");
  return write.file.ends_with(".weight") ? concat(device, " default") : std::string();
}

// The writes of `plan` to the files that they will go to.
std::vector<FileWrite> existing_writes(const Plan& plan, int directory) {
  std::vector<FileWrite> writes = plan;
  for (FileWrite& write : writes) {
    if (write.better_file.empty() || !read_text(directory, write.better_file)) continue;
    write.file = write.better_file;
    write.value = write.better_value;
  }
  return writes;
}

// What to say beyond the errno of a failed write.
std::string write_problem(const FileWrite& write, int failed) {
  if (failed == ENOENT && write.file.starts_with("hugetlb."))
    return " (this host has no huge pages of that size)";
  if (failed == ENOENT && write.file == "memory.swap.max")
    return " (swap accounting is off: boot with swapaccount=1)";
  if (failed == ENOENT && write.file == "io.weight")
    return " (no I/O controller with weights is on: load bfq or configure io.cost.qos)";
  if (failed == ENOENT) return " (this kernel has no such file)";
  if (failed == ENODEV && write.controller == "io") return " (no such block device)";
  if (failed == EINVAL && write.file == "cpu.max.burst") return " (must not be above cpu.quota)";
  return {};
}

}  // namespace

std::uint64_t cpu_weight(std::uint64_t shares) {
  if (shares == 0) return 0;
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  const double l = std::log2(static_cast<double>(shares));
  return static_cast<std::uint64_t>(
      std::ceil(std::pow(10.0, (l * l + 125.0 * l) / 612.0 - 7.0 / 34.0)));
}

std::uint64_t io_weight(std::uint64_t weight) {
  return weight == 0 ? 0 : 1 + (weight - 10) * 9999 / 990;
}

Plan plan_resources(const Resources& resources, const CurrentLimits& current) {
  Plan plan;
  Planner planner(plan, current);
  planner.pids(resources);
  if (resources.memory) planner.memory(*resources.memory);
  if (resources.block_io) planner.block_io(*resources.block_io);
  if (resources.cpu) {
    planner.cpu(*resources.cpu);
    planner.cpuset(*resources.cpu);
  }
  planner.hugepages(resources.hugepage_limits);
  planner.rdma(resources.rdma);
  planner.unified(resources.unified);
  return plan;
}

bool let_first_process_in(Plan& plan) {
  bool later = false;
  for (FileWrite& write : plan) {
    if (write.file != "pids.max") continue;
    later = write.value == "0";
    if (later) write.value = "1";
  }
  return later;
}

bool needs_controllers(const Resources& resources) {
  const Plan plan = plan_resources(resources, {});
  return std::any_of(plan.begin(), plan.end(),
                     [](const FileWrite& write) { return !write.is_default; });
}

CurrentLimits read_current_limits(const Resources& resources, int directory) {
  CurrentLimits current;
  const auto limit = [&](const char* file) {
    std::optional<std::uint64_t> value = single_value(directory, file);
    if (value == UINT64_MAX) value.reset();
    return value;
  };
  if (resources.cpu && (resources.cpu->period || resources.cpu->burst)) {
    const std::string text = read_text(directory, "cpu.max").value_or("");
    std::string_view line = text;
    current.quota = parse_value(next_word(line));
    if (current.quota == UINT64_MAX) current.quota.reset();
    current.burst = limit("cpu.max.burst");
  }
  if (resources.memory) {
    current.memory = limit("memory.max");
    current.usage = limit("memory.current");
  }
  return current;
}

std::vector<std::string> needed_controllers(const Plan& plan) {
  std::vector<std::string> names;
  for (const FileWrite& write : plan)
    if (!write.controller.empty() &&
        std::find(names.begin(), names.end(), write.controller) == names.end())
      names.push_back(write.controller);
  return names;
}

Plan plan_way_back(const Plan& plan, int directory) {
  Plan way_back;
  const auto add = [&way_back](const FileWrite& write, std::string_view value) {
    way_back.push_back(
        {.property = write.property, .file = write.file, .value = std::string(value)});
  };
  const std::vector<FileWrite> writes = existing_writes(plan, directory);
  // In reverse, since one limit may have to be there for the next; each file once.
  for (std::size_t at = writes.size(); at-- > 0;) {
    const FileWrite& write = writes[at];
    if (std::any_of(writes.begin() + static_cast<std::ptrdiff_t>(at) + 1, writes.end(),
                    [&](const FileWrite& later) { return later.file == write.file; }))
      continue;
    const std::optional<std::string> text = read_text(directory, write.file);
    if (!text) continue;
    for (const FileWrite& other : writes)
      if (const std::string reset = reset_device(other); other.file == write.file && !reset.empty())
        add(write, reset);
    std::string_view rest = *text;
    std::string_view line;
    if (rest.empty() || rest == "\n") add(write, "\n");
    while (next_line(rest, line))
      if (!line.empty()) add(write, line);
  }
  return way_back;
}

void go_back(const Plan& way_back, int directory) noexcept {
  for (const FileWrite& write : way_back)
    sys::write_value_at(directory, write.file, write.value)
        .ignore("what made it necessary is the failure to report");
}

void apply_plan(const Plan& plan, int directory) {
  const auto put = [&](const FileWrite& write, const std::string& file, const std::string& value) {
    const sys::Result<void> written = sys::write_value_at(directory, file, value);
    const bool missing = !written && written.error() == ENOENT;
    if (missing && (write.optional || file == write.better_file)) return false;
    written.or_throw(write.property, ": write \"", value, "\" to ", file,
                     write_problem(write, written.error()));
    return true;
  };
  for (const FileWrite& write : plan)
    if (write.better_file.empty() || !put(write, write.better_file, write.better_value))
      put(write, write.file, write.value);
}

}  // namespace brig::cgroup
