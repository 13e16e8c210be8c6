#include "isolate/scheduler.h"

#include <sched.h>

#include <limits>
#include <optional>
#include <string>

#include "base/concat.h"
#include "base/number_list.h"
#include "brig/error.h"

namespace brig::isolate {

namespace {

// Not in every libc's sched.h.
constexpr std::uint32_t kSchedIso = 4;
constexpr std::uint32_t kSchedDeadline = 6;

constexpr std::size_t kBitsPerWord = std::numeric_limits<unsigned long>::digits;
// NR_CPUS is at most 8192.
constexpr std::size_t kAllCpusWords = 8192 / kBitsPerWord;

std::uint32_t kernel_policy(SchedulerPolicy policy) {
  switch (policy) {
    case SchedulerPolicy::kOther:
      return SCHED_OTHER;
    case SchedulerPolicy::kFifo:
      return SCHED_FIFO;
    case SchedulerPolicy::kRoundRobin:
      return SCHED_RR;
    case SchedulerPolicy::kBatch:
      return SCHED_BATCH;
    case SchedulerPolicy::kIso:
      return kSchedIso;
    case SchedulerPolicy::kIdle:
      return SCHED_IDLE;
    case SchedulerPolicy::kDeadline:
      break;
  }
  return kSchedDeadline;
}

// Why sched_setattr(2) refused the values with EINVAL, as far as sched(7) tells.
std::string invalid_reason(const Scheduler& scheduler) {
  if (scheduler.policy == SchedulerPolicy::kIso)
    return "SCHED_ISO is reserved but not implemented by this kernel";
  if (scheduler.policy == SchedulerPolicy::kFifo ||
      scheduler.policy == SchedulerPolicy::kRoundRobin)
    return "SCHED_FIFO and SCHED_RR need a priority of 1 to 99";
  if (scheduler.policy != SchedulerPolicy::kDeadline)
    return "the kernel refuses the policy, nice value or flags";
  if (scheduler.runtime < 1024)
    return "SCHED_DEADLINE needs a runtime of at least 1024 nanoseconds";
  if (scheduler.runtime > scheduler.deadline)
    return "SCHED_DEADLINE needs a deadline that is not below the runtime";
  if (scheduler.period != 0 && scheduler.deadline > scheduler.period)
    return "SCHED_DEADLINE needs a period that is not below the deadline";
  return "SCHED_DEADLINE values must be below 2^63 and the period within "
         "/proc/sys/kernel/sched_deadline_period_{min,max}_us";
}

}  // namespace

void set_scheduler(const Scheduler& scheduler, pid_t pid) {
  const sys::SchedulingAttributes attributes = {
      .policy = kernel_policy(scheduler.policy),
      .flags = scheduler.flags,
      .nice = scheduler.nice.value_or(0),
      .priority = static_cast<std::uint32_t>(scheduler.priority.value_or(0)),
      .runtime = scheduler.runtime,
      .deadline = scheduler.deadline,
      .period = scheduler.period,
  };
  const sys::Result<void> done = sys::set_scheduling(pid, attributes);
  if (done.error() == EINVAL)
    throw Error(concat("process.scheduler: ", invalid_reason(scheduler)), EINVAL);
  if (done.error() == EPERM)
    throw Error(
        "process.scheduler: needs CAP_SYS_NICE in the host's user namespace, and SCHED_DEADLINE a "
        "cpuset without restrictions",
        EPERM);
  if (done.error() == EBUSY)
    throw Error("process.scheduler: the host has not that much SCHED_DEADLINE time left", EBUSY);
  done.or_throw("process.scheduler: set the policy");
}

void set_io_priority(const IoPriority& priority, pid_t pid) {
  const sys::Result<void> done =
      sys::set_io_priority(pid, static_cast<int>(priority.io_class), priority.priority);
  if (done.error() == EPERM)
    throw Error(
        "process.ioPriority: IOPRIO_CLASS_RT needs CAP_SYS_ADMIN or CAP_SYS_NICE on the host",
        EPERM);
  done.or_throw("process.ioPriority: set the priority");
}

sys::CpuMask parse_cpu_list(std::string_view list) {
  const std::optional<std::vector<NumberRange>> ranges = parse_number_list(list);
  if (!ranges) throw Error(concat("\"", list, "\" is not a list of CPUs such as \"0-3,7\""));
  return bit_mask(*ranges);
}

void set_cpu_affinity(std::string_view list, const char* path, pid_t pid) {
  if (list.empty()) return;
  with_context([path] { return std::string_view(path); },
               [&] {
                 const sys::Result<void> done = sys::set_cpu_affinity(pid, parse_cpu_list(list));
                 if (done.error() == EINVAL)
                   throw Error(
                       concat("no CPU of \"", list, "\" is online and in the container's cpuset"),
                       EINVAL);
                 done.or_throw("set the affinity to \"", list, "\"");
               });
}

void reset_cpu_affinity(pid_t pid) {
  // The kernel cuts the mask to its own size and, while it is in force, to the cpuset; a larger
  // cpuset later gives more CPUs.
  sys::set_cpu_affinity(pid, sys::CpuMask(kAllCpusWords, ~0UL))
      .ignore("the caller's affinity stays, as with any program it starts");
}

}  // namespace brig::isolate
