// What `linux.resources` means on cgroup v2 (FEATURES of the kernel: admin-guide/cgroup-v2.rst):
// which value goes to which file, in which order. Planning is pure; apply_plan() writes.
//
// Values that engines write for "not set" (0 for cpu.shares, memory.limit, blockIO.weight and the
// like; memory.kernel, which no longer exists) set nothing. What cgroup v2 cannot express is an
// error that names the property.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brig/config.h"

namespace brig::cgroup {

// One write to one file of the cgroup.
struct FileWrite {
  std::string property;    // JSON path, for messages: "linux.resources.memory.limit"
  std::string controller;  // "memory"; empty: the file needs none
  std::string file;        // "memory.max"
  std::string value;
  bool is_default = false;  // what a new cgroup has anyway: of no account without the controller
  bool optional = false;    // the kernel may lack the file, and nothing is lost then
};
using Plan = std::vector<FileWrite>;

// What planning must know of the cgroup that an update changes. Absent values are unknown or "max".
struct CurrentLimits {
  bool existing = false;               // an update: keep what is not set
  std::optional<std::uint64_t> quota;  // cpu.max, microseconds
  std::optional<std::uint64_t> burst;  // cpu.max.burst, microseconds
  std::optional<std::int64_t> memory;  // memory.max, bytes
  std::optional<std::int64_t> usage;   // memory.current, bytes
  bool bfq = false;                    // there is an io.bfq.weight
};

// cpu.shares (2..262144) as cpu.weight (1..10000): the curve through both ends and the defaults
// 1024 and 100 that runc, crun and systemd agreed on. 0 stays 0.
std::uint64_t cpu_weight(std::uint64_t shares);
// blockIO.weight (10..1000) as io.weight (1..10000).
std::uint64_t io_weight(std::uint64_t weight);

// The writes for `resources`, in order; devices are not among them (devices_bpf.h). Throws an Error
// that names the JSON path of a value that is impossible on cgroup v2.
Plan plan_resources(const Resources& resources, const CurrentLimits& current);

// Whether planning depends on what the cgroup has now: whether to call read_current_limits().
bool needs_current_limits(const Resources& resources, bool existing);
// Reads them from the cgroup behind `directory`; files that are missing leave their value absent.
CurrentLimits read_current_limits(int directory, bool existing);

// Names of all controllers that the writes of `plan` need, each once, in order of first use.
std::vector<std::string> needed_controllers(const Plan& plan);
// Whether `list` (the text of cgroup.controllers) has `controller`.
bool has_controller(std::string_view list, std::string_view controller);

// Writes `plan` to the files below `directory`. An Error names the JSON path, file, value and
// cause.
void apply_plan(const Plan& plan, int directory);

}  // namespace brig::cgroup
