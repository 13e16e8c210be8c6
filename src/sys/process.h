// Making, finding, signalling and waiting for processes, by pidfd wherever the kernel allows it.
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// How clone_process() makes the child.
struct CloneOptions {
  std::uint64_t flags = 0;  // CLONE_NEW* and CLONE_PARENT; CLONE_PIDFD is always added
  int cgroup = -1;      // directory descriptor: the child starts in that cgroup (CLONE_INTO_CGROUP)
  int exit_signal = 0;  // signal to the parent when the child ends; 0 with CLONE_PARENT
};

// A process and the descriptor that stays with it when its number is used again.
struct ChildProcess {
  pid_t pid = -1;
  OwnFd pidfd;
};

// Forks with clone3(2) (no shared memory). In the parent: the child's pid and pidfd. In the child:
// pid 0.
Result<ChildProcess> clone_process(const CloneOptions& options);

// pidfd_open(2), pidfd_send_signal(2).
Result<OwnFd> open_pidfd(pid_t pid);
Result<void> send_signal(int pidfd, int signal);

// How a process ended: the exit status a shell would show (128 + signal when it was killed by one).
struct ExitStatus {
  int code = 0;
  int signal = 0;  // 0: it exited
  [[nodiscard]] int shell_status() const noexcept { return signal != 0 ? 128 + signal : code; }
};

// Waits for the child behind `pidfd` and reaps it; waitid(2) P_PIDFD. Retries EINTR.
Result<ExitStatus> wait_for_exit(int pidfd);

// True once the process behind `pidfd` has ended (poll(2)); waits for at most `timeout` (none: for
// ever).
Result<bool> wait_until_dead(int pidfd, std::optional<std::chrono::milliseconds> timeout);

// What /proc/PID/stat says: state letter ('Z' zombie, 'X' dead), whether it has begun to end,
// whether it has executed a program since it was forked, and start time in clock ticks since boot.
// pid and start time together name a process for the life of the system. ESRCH when it does not
// exist. proc(5), fields 3, 9 and 22.
struct ProcessStat {
  char state = '?';
  bool ending = false;
  bool has_executed = false;
  std::uint64_t start_time = 0;
};
Result<ProcessStat> process_stat(pid_t pid);

}  // namespace brig::sys
