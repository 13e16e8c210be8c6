// Scheduling and resource limits of a process. `pid` 0 means the calling process everywhere.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "sys/result.h"

namespace brig::sys {

// The kernel's struct sched_attr up to its first version; times in nanoseconds.
struct SchedulingAttributes {
  std::uint32_t policy = 0;  // SCHED_*
  std::uint64_t flags = 0;   // SCHED_FLAG_*
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

// sched_setattr(2).
Result<void> set_scheduling(pid_t pid, const SchedulingAttributes& attributes);

// A set of CPUs: bit N of the concatenated words is CPU N.
using CpuMask = std::vector<unsigned long>;

// sched_setaffinity(2). Words past the kernel's own size are ignored; EINVAL when no CPU of the
// mask may be used.
Result<void> set_cpu_affinity(pid_t pid, const CpuMask& mask);

// ioprio_set(2) for one process; `io_class` is IOPRIO_CLASS_*, `level` 0 (highest) to 7.
Result<void> set_io_priority(pid_t pid, int io_class, int level);

// Soft and hard limit of one RLIMIT_* resource; RLIM_INFINITY (UINT64_MAX) is unlimited.
struct ResourceLimit {
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

// prlimit(2).
Result<ResourceLimit> get_resource_limit(pid_t pid, int resource);
Result<void> set_resource_limit(pid_t pid, int resource, const ResourceLimit& limit);

}  // namespace brig::sys
