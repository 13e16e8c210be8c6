#include "sys/sched.h"

#include <linux/sched/types.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace brig::sys {

namespace {
// From linux/ioprio.h, which is not valid C++ (a parameter named `class`).
constexpr int kIoPriorityWhoProcess = 1;
constexpr int kIoPriorityClassShift = 13;
}  // namespace

Result<void> set_scheduling(pid_t pid, const SchedulingAttributes& attributes) {
  sched_attr attr = {};
  attr.size = sizeof attr;
  attr.sched_policy = attributes.policy;
  attr.sched_flags = attributes.flags;
  attr.sched_nice = attributes.nice;
  attr.sched_priority = attributes.priority;
  attr.sched_runtime = attributes.runtime;
  attr.sched_deadline = attributes.deadline;
  attr.sched_period = attributes.period;
  return Result<void>::of(::syscall(SYS_sched_setattr, pid, &attr, 0));
}

Result<void> set_cpu_affinity(pid_t pid, const CpuMask& mask) {
  return Result<void>::of(
      ::syscall(SYS_sched_setaffinity, pid, mask.size() * sizeof mask[0], mask.data()));
}

Result<void> set_io_priority(pid_t pid, int io_class, int level) {
  return Result<void>::of(::syscall(SYS_ioprio_set, kIoPriorityWhoProcess, pid,
                                    io_class << kIoPriorityClassShift | level));
}

Result<ResourceLimit> get_resource_limit(pid_t pid, int resource) {
  rlimit64 found = {};
  if (::syscall(SYS_prlimit64, pid, resource, nullptr, &found) < 0)
    return Result<ResourceLimit>::last_error();
  return ResourceLimit{found.rlim_cur, found.rlim_max};
}

Result<void> set_resource_limit(pid_t pid, int resource, const ResourceLimit& limit) {
  const rlimit64 wanted = {limit.soft, limit.hard};
  return Result<void>::of(::syscall(SYS_prlimit64, pid, resource, &wanted, nullptr));
}

}  // namespace brig::sys
