// The device filter of a container: `linux.resources.devices` as an eBPF program that the kernel
// asks before every open or mknod of a device node (bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE).
//
// For each device and each kind of access the last rule that covers it decides; an access is
// allowed when all of its kinds (read, write, mknod) are. What no rule covers is denied.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "brig/config.h"

namespace brig::cgroup {

// The rules that matter, first match first (the reverse of the config), and what holds when none
// matches.
struct DeviceFilter {
  struct Rule {
    bool allow = false;
    char type = 'a';                     // 'b', 'c' or 'a' for both
    std::optional<std::uint32_t> major;  // absent: any
    std::optional<std::uint32_t> minor;
    std::uint32_t access = 0;  // set of BPF_DEVCG_ACC_*
    bool operator==(const Rule&) const = default;
  };
  std::vector<Rule> rules;
  bool default_allow = false;

  // Nothing is ever denied: no program is needed.
  [[nodiscard]] bool allows_all() const noexcept { return default_allow && rules.empty(); }
};

// `rules` and, after them, those that every container gets (config-linux.md "Default Devices":
// mknod of anything; null, zero, full, random, urandom, tty, console, ptmx, pts and tun), without
// those that decide nothing. A negative number is a wildcard, as engines write it. Throws for a
// type, number or access that does not exist.
DeviceFilter plan_device_filter(const std::vector<DeviceRule>& rules);

// The program: it reads bpf_cgroup_dev_ctx and returns 1 (allow) or 0.
std::vector<bpf_insn> compile_device_filter(const DeviceFilter& filter);

// Makes `filter` the device program of the cgroup behind the directory descriptor `directory`.
// `existing` says that one may be attached already: it is replaced without a gap. An allow-all
// filter leaves none. For a rootless caller, whom the kernel permits no such program, nothing
// happens: neither he nor his containers can make device nodes either.
void attach_device_filter(const DeviceFilter& filter, int directory, bool existing);

}  // namespace brig::cgroup
