// eBPF programs of type BPF_PROG_TYPE_CGROUP_DEVICE: load, attach to a cgroup, find and replace.
// bpf(2). `cgroup` is the descriptor of a cgroup2 directory.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// BPF_PROG_LOAD. `log`, when given, receives what the verifier says; without it loading is faster.
Result<OwnFd> load_device_program(const std::vector<bpf_insn>& program, std::string* log = nullptr);

// BPF_PROG_ATTACH with BPF_F_ALLOW_MULTI: beside the programs that are attached, or in place of the
// program behind `replaced` (BPF_F_REPLACE) when that is >= 0.
Result<void> attach_device_program(int cgroup, int program, int replaced = -1);
// BPF_PROG_DETACH.
Result<void> detach_device_program(int cgroup, int program);

// BPF_PROG_QUERY: the ids of the device programs attached to this very cgroup, at most 64 (the
// kernel's own limit).
Result<std::vector<std::uint32_t>> attached_device_programs(int cgroup);
// BPF_PROG_GET_FD_BY_ID.
Result<OwnFd> open_bpf_program(std::uint32_t id);

}  // namespace brig::sys
