#include "sys/process.h"

#include <linux/sched.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "sys/file.h"

namespace brig::sys {

namespace {

// PF_EXITING and PF_FORKNOEXEC of the kernel's sched.h, as /proc/PID/stat shows them.
constexpr unsigned long kExiting = 4;
constexpr unsigned long kForkNoExec = 0x40;

}  // namespace

Result<ChildProcess> clone_process(const CloneOptions& options) {
  int pidfd = -1;
  clone_args args = {};
  args.flags = options.flags | CLONE_PIDFD;
  args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  args.exit_signal = static_cast<std::uint64_t>(options.exit_signal);
  if (options.cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<std::uint64_t>(options.cgroup);
  }
  const long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0) return Result<ChildProcess>::last_error();
  ChildProcess child;
  child.pid = static_cast<pid_t>(pid);
  if (pid > 0) child.pidfd.reset(pidfd);
  return child;
}

Result<OwnFd> open_pidfd(pid_t pid) {
  const long fd = ::syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0) return Result<OwnFd>::last_error();
  return OwnFd(static_cast<int>(fd));
}

Result<void> send_signal(int pidfd, int signal) {
  return Result<void>::of(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

Result<ExitStatus> wait_for_exit(int pidfd) {
  siginfo_t info = {};
  int done;
  do {
    done = ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED);
  } while (done < 0 && errno == EINTR);
  if (done < 0) return Result<ExitStatus>::last_error();
  ExitStatus status;
  if (info.si_code == CLD_EXITED)
    status.code = info.si_status;
  else
    status.signal = info.si_status;
  return status;
}

Result<bool> wait_until_dead(int pidfd, std::optional<std::chrono::milliseconds> timeout) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = timeout ? std::optional(Clock::now() + *timeout) : std::nullopt;
  for (;;) {
    int wait_ms = -1;
    if (deadline) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(*deadline - Clock::now()).count();
      wait_ms = left > 0 ? static_cast<int>(left) : 0;
    }
    pollfd watch = {pidfd, POLLIN, 0};
    const int ready = ::poll(&watch, 1, wait_ms);
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return Result<bool>::last_error();
  }
}

Result<ProcessStat> process_stat(pid_t pid) {
  Result<std::string> text = read_file_at(AT_FDCWD, concat("/proc/", pid, "/stat"));
  if (!text) return Result<ProcessStat>::failure(text.error() == ENOENT ? ESRCH : text.error());
  // The command name (field 2) may hold spaces and parentheses; the fields after it start behind
  // the last ')'.
  const std::size_t name_end = text->rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text->size())
    return Result<ProcessStat>::failure(EPROTO);
  ProcessStat stat;
  stat.state = (*text)[name_end + 2];
  std::size_t field_at = name_end + 2;
  for (int field = 3; field < 22; ++field) {
    field_at = text->find(' ', field_at);
    if (field_at == std::string::npos) return Result<ProcessStat>::failure(EPROTO);
    ++field_at;
    if (field == 8) {
      const unsigned long flags = std::strtoul(text->c_str() + field_at, nullptr, 10);
      stat.ending = (flags & kExiting) != 0;
      stat.has_executed = (flags & kForkNoExec) == 0;
    }
  }
  stat.start_time = std::strtoull(text->c_str() + field_at, nullptr, 10);
  return stat;
}

}  // namespace brig::sys
