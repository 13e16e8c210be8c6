// CPU scheduling, I/O priority and CPU affinity of a process.
//
// `pid` 0 means the calling process: the container's init or the exec'd process, in its final
// cgroup (cpuset). The host side may call them for another process.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "brig/config.h"
#include "sys/sched.h"

namespace brig::isolate {

// process.scheduler by sched_setattr(2). Errors say which rule of sched(7) the values break.
void set_scheduler(const Scheduler& scheduler, pid_t pid = 0);

// process.ioPriority by ioprio_set(2).
void set_io_priority(const IoPriority& priority, pid_t pid = 0);

// The CPUs of a list (base/number_list.h). Throws on text that is none; an empty list is an empty
// mask.
sys::CpuMask parse_cpu_list(std::string_view list);

// The affinity named by `list`; `path` is the JSON path for messages
// ("process.execCPUAffinity.final"). An empty list leaves it as it is.
void set_cpu_affinity(std::string_view list, const char* path, pid_t pid = 0);

// All CPUs that the process's cpuset allows, now and when it changes: the container must not
// inherit the affinity of the runtime's caller. A failure leaves the inherited one.
void reset_cpu_affinity(pid_t pid = 0);

}  // namespace brig::isolate
