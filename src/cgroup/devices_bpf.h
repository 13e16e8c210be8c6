// The device filter of a container: `linux.resources.devices` as an eBPF program that the kernel
// asks before every open or mknod of a device node (bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE).
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "brig/config.h"

namespace brig::cgroup {

// `rules` reduced to what decides: devices that differ from the answer to all others.
struct DeviceFilter {
  struct Exception {
    bool block = false;                  // else a character device
    std::optional<std::uint32_t> major;  // absent: any
    std::optional<std::uint32_t> minor;
    std::uint32_t access = 0;  // BPF_DEVCG_ACC_*: the accesses it is about
    bool operator==(const Exception&) const = default;
  };
  bool default_allow = false;
  std::vector<Exception> exceptions;  // each allows when the default denies, and the reverse

  // Nothing is ever denied: no program is needed.
  [[nodiscard]] bool allows_all() const noexcept { return default_allow && exceptions.empty(); }
};

// Applies `rules` in order, then the rules that every container gets (config-linux.md "Default
// Devices": mknod of anything, use of null, zero, full, random, urandom, tty, ptmx, pts, console
// and tun). Denying type `a` or allowing it starts over, as in cgroup v1. Throws when a rule would
// punch a hole in a wildcard, which cannot be expressed as list of exceptions.
DeviceFilter plan_device_filter(const std::vector<DeviceRule>& rules);

// The program. It reads bpf_cgroup_dev_ctx and returns 1 (allow) or 0.
std::vector<bpf_insn> compile_device_filter(const DeviceFilter& filter);

// Makes `filter` the device program of the cgroup behind the directory descriptor `directory`;
// `existing` says that one may be attached already, which is then replaced without a gap. An
// allow-all filter removes it. In a user namespace, where the kernel does not permit it, nothing
// happens: mknod(2) is not permitted there either.
void attach_device_filter(const DeviceFilter& filter, int directory, bool existing);

}  // namespace brig::cgroup
