// What `linux.resources` means on cgroup v2 (Linux admin-guide/cgroup-v2.rst): which value goes to
// which file, in which order. Planning is pure; apply_plan() writes.
//
// The resources have passed oci::validate_resources(): what cgroup v2 cannot express at all is
// refused there. Values that engines write for "not set" (0 for cpu.shares, memory.limit,
// blockIO.weight and the like; memory.kernel, which no longer exists) set nothing.
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
  // What is written instead where the cgroup has this file, which shows only once its controller is
  // on: "io.bfq.weight".
  std::string better_file = {};
  std::string better_value = {};
};
using Plan = std::vector<FileWrite>;

// What planning must know of the cgroup. Limits that are not known or not set are absent.
struct CurrentLimits {
  std::optional<std::uint64_t> quota;   // cpu.max, microseconds
  std::optional<std::uint64_t> burst;   // cpu.max.burst, microseconds
  std::optional<std::uint64_t> memory;  // memory.max, bytes
  std::optional<std::uint64_t> usage;   // memory.current, bytes
};

// cpu.shares (2..262144) as cpu.weight (1..10000): the curve through both ends and the defaults
// 1024 and 100 that runc, crun and youki agreed on. 0 stays 0.
std::uint64_t cpu_weight(std::uint64_t shares);
// blockIO.weight (10..1000) as io.weight (1..10000). 0 stays 0.
std::uint64_t io_weight(std::uint64_t weight);

// The writes for `resources`, in order; devices are not among them (devices_bpf.h). Throws an Error
// that names the JSON path of a swap limit without a memory limit to subtract, of names that are
// not those of a cgroup file or RDMA device, and of a memory limit below the usage when
// `checkBeforeUpdate` is set.
Plan plan_resources(const Resources& resources, const CurrentLimits& current);

// pids.max 0 permits the processes that are there and no other (config-linux.md calls it a valid
// limit), so none can be started in the cgroup: makes that 1 in a plan for a cgroup that is to get
// its first process, and tells whether 0 must be written once that is there.
bool let_first_process_in(Plan& plan);

// Whether `resources` sets any limit, so that a cgroup is needed to hold it.
bool needs_controllers(const Resources& resources);

// Reads what planning `resources` depends on from the cgroup behind `directory`, and no more. One
// that was only just made has no limits yet: {}.
CurrentLimits read_current_limits(const Resources& resources, int directory);

// Names of all controllers that the writes of `plan` need, each once, in order of first use.
std::vector<std::string> needed_controllers(const Plan& plan);

// What writes the values back that apply_plan() is about to replace. Files that say nothing of what
// is written to them are not among them.
Plan plan_way_back(const Plan& plan, int directory);
// Writes it as far as that goes.
void go_back(const Plan& way_back, int directory) noexcept;

// Writes `plan` to the files below `directory`. An Error names the JSON path, file, value and
// cause.
void apply_plan(const Plan& plan, int directory);

}  // namespace brig::cgroup
