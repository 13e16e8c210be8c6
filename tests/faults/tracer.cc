#include "tracer.h"

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <map>
#include <set>
#include <stdexcept>

#include "world.h"

namespace faults {

namespace {

constexpr const char* kRuntime = "runtime";

// Where a stopped process has the number of its system call, its third argument and its result.
#ifdef __x86_64__
constexpr std::size_t kNumber = offsetof(user, regs.orig_rax);
constexpr std::size_t kSize = offsetof(user, regs.rdx);
constexpr std::size_t kReturned = offsetof(user, regs.rax);
#else
constexpr std::size_t kNumber = 0;
constexpr std::size_t kSize = 0;
constexpr std::size_t kReturned = 0;
#endif

std::string link_of(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t length = ::readlink(path.c_str(), target, sizeof target);
  return length < 0 ? std::string() : std::string(target, static_cast<std::size_t>(length));
}

void set_register(pid_t pid, std::size_t offset, long value) {
  ::ptrace(PTRACE_POKEUSER, pid, offset, value);
}

// Files of the kernel take a value in one write(2) or not at all, and messages are whole.
bool knows_short_transfers(pid_t pid, int fd, Transfer direction) {
  const std::string file = link_of("/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd));
  if (file.starts_with("socket:") || file.starts_with("anon_inode:")) return false;
  if (direction == Transfer::kRead) return true;
  return !file.starts_with("/proc/") && !file.starts_with("/sys/");
}

class Tracer {
 public:
  explicit Tracer(const Traced& traced) : traced_(traced) {
    const std::string& program = traced.command[0];
    program_ = program.substr(program.rfind('/') + 1);
  }

  void begin(int out, int err) {
    main_ = start(traced_.command, out, err, true);
    int status = 0;
    if (::waitpid(main_, &status, WUNTRACED) != main_ || !WIFSTOPPED(status))
      throw std::runtime_error("the command does not start");
    seize(main_, kRuntime);
    if (traced_.attach != 0) {
      seize(traced_.attach, traced_.child_role);
      ::ptrace(PTRACE_INTERRUPT, traced_.attach, 0, 0);
      ++children_;
    }
    ::kill(main_, SIGCONT);
  }

  // Until the command has ended and what it made waits for something else; false when that takes
  // too long.
  bool follow() {
    while (!result_.in_time || is_any_at_work()) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, result_.in_time ? __WALL | WNOHANG : __WALL);
      if (pid <= 0 && Deadline::passed()) {
        result_.in_time = false;
        return false;
      }
      if (pid < 0 && errno == ECHILD) throw std::runtime_error("the command is lost");
      if (pid == 0) ::sched_yield();
      if (pid <= 0) continue;
      if (WIFSTOPPED(status))
        stopped(pid, status);
      else
        ended(pid, status);
    }
    return true;
  }

  // Lets go of what goes on without the command.
  void release() {
    for (const pid_t pid : waiting_) ::ptrace(PTRACE_DETACH, pid, 0, 0);
    while (!roles_.empty()) {
      const pid_t pid = roles_.begin()->first;
      ::ptrace(PTRACE_INTERRUPT, pid, 0, 0);
      int status = 0;
      const pid_t ended = ::waitpid(pid, &status, __WALL);
      if (ended == pid && WIFSTOPPED(status)) {
        const bool event = status >> 16 != 0 || WSTOPSIG(status) == (SIGTRAP | 0x80);
        ::ptrace(PTRACE_DETACH, pid, 0, event ? 0 : WSTOPSIG(status));
      } else if (ended < 0 && errno == EINTR && !Deadline::passed()) {
        continue;
      } else if (ended == pid) {
        note_end(pid, status);
      }
      roles_.erase(pid);
    }
  }

  [[nodiscard]] TraceResult take_result() { return std::move(result_); }

 private:
  void seize(pid_t pid, const std::string& role) {
    constexpr long kOptions = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE |
                              PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
    if (::ptrace(PTRACE_SEIZE, pid, 0, kOptions) < 0)
      throw std::runtime_error(std::string("ptrace: ") + std::strerror(errno));
    roles_[pid] = role;
  }

  void ended(pid_t pid, int status) {
    roles_.erase(pid);
    if (pid == main_) {
      result_.in_time = true;
      result_.status = shell_status(status);
    } else {
      note_end(pid, status);
    }
  }

  // Whether one of those that are followed does not sleep in a system call.
  [[nodiscard]] bool is_any_at_work() const {
    for (const auto& [pid, role] : roles_) {
      const std::string stat = read_text("/proc/" + std::to_string(pid) + "/stat");
      const std::size_t name_end = stat.rfind(')');
      if (name_end != std::string::npos && stat[name_end + 2] != 'S') return true;
    }
    return false;
  }

  void go_on(pid_t pid, int signal = 0) {
    // After the fault only events count.
    ::ptrace(result_.reached ? PTRACE_CONT : PTRACE_SYSCALL, pid, 0, signal);
  }

  void stopped(pid_t pid, int status) {
    const int signal = WSTOPSIG(status);
    const int event = status >> 16;
    if (!roles_.contains(pid)) {
      waiting_.insert(pid);  // its maker's event is about to come
      return;
    }
    if (signal == (SIGTRAP | 0x80)) return at_syscall(pid);
    switch (event) {
      case 0:
        return go_on(pid, signal);
      case PTRACE_EVENT_STOP:
        if (signal == SIGTRAP) return go_on(pid);
        ::ptrace(PTRACE_LISTEN, pid, 0, 0);
        return;
      case PTRACE_EVENT_EXEC:
        return executed(pid);
      case PTRACE_EVENT_CLONE:
      case PTRACE_EVENT_FORK:
      case PTRACE_EVENT_VFORK:
        made_process(pid);
        return go_on(pid);
      default:
        return go_on(pid);
    }
  }

  void made_process(pid_t pid) {
    unsigned long made = 0;
    ::ptrace(PTRACE_GETEVENTMSG, pid, 0, &made);
    const auto child = static_cast<pid_t>(made);
    if (is_thread(child, pid))
      roles_[child] = roles_[pid];
    else if (++children_ == 1)
      roles_[child] = traced_.child_role;
    else
      roles_[child] = "child" + std::to_string(children_);
    if (waiting_.erase(child) != 0) go_on(child);
  }

  static bool is_thread(pid_t child, pid_t of) {
    struct stat info = {};
    const std::string path = "/proc/" + std::to_string(of) + "/task/" + std::to_string(child);
    return ::stat(path.c_str(), &info) == 0;
  }

  // A runtime may execute itself again; any other program is none of ours.
  void executed(pid_t pid) {
    if (pid == main_) begun_ = true;
    const std::string file = link_of("/proc/" + std::to_string(pid) + "/exe");
    if (roles_[pid] == kRuntime || file.find(program_, file.rfind('/')) != std::string::npos)
      return go_on(pid);
    ::ptrace(PTRACE_DETACH, pid, 0, 0);
    roles_.erase(pid);
  }

  void at_syscall(pid_t pid) {
    __ptrace_syscall_info info = {};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      if (begun_ && !result_.reached) enters(pid, info);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && pid == failing_) {
      set_register(pid, kReturned, -traced_.fault.error);
      failing_ = 0;
    }
    if (pid == failing_)
      ::ptrace(PTRACE_SYSCALL, pid, 0, 0);
    else
      go_on(pid);
  }

  void enters(pid_t pid, const __ptrace_syscall_info& info) {
    Seen seen;
    seen.role = roles_[pid];
    seen.number = static_cast<long>(info.entry.nr);
    seen.ordinal = ++counts_[{seen.role, seen.number}];
    if (traced_.point == nullptr) {
      const Transfer transfer = transfer_of(seen.number);
      seen.can_be_short =
          transfer != Transfer::kNone && info.entry.args[2] > 1 &&
          knows_short_transfers(pid, static_cast<int>(info.entry.args[0]), transfer);
      result_.seen.push_back(std::move(seen));
    } else if (static_cast<const Point&>(seen) == *traced_.point) {
      result_.reached = true;
      do_fault(pid);
    }
  }

  void do_fault(pid_t pid) {
    switch (traced_.fault.kind) {
      case Fault::Kind::kKill:
        ::kill(pid, SIGKILL);
        return;
      case Fault::Kind::kErrno:
        set_register(pid, kNumber, -1);
        failing_ = pid;
        return;
      case Fault::Kind::kShort:
        set_register(pid, kSize, 1);
        return;
    }
  }

  const Traced& traced_;
  std::string program_;
  pid_t main_ = 0;
  pid_t failing_ = 0;   // waits for the end of the call that fails
  bool begun_ = false;  // the command is executed: what came before was the harness
  unsigned children_ = 0;
  std::map<pid_t, std::string> roles_;  // of the processes that are followed
  std::set<pid_t> waiting_;
  std::map<std::pair<std::string, long>, unsigned> counts_;
  TraceResult result_;
};

}  // namespace

bool can_trace() {
#ifdef __x86_64__
  return true;
#else
  return false;
#endif
}

std::string Point::name() const {
  return role + ':' + syscall_name(number) + ':' + std::to_string(ordinal);
}

TraceResult trace(const Traced& traced, const Output& out, const Output& err) {
  const Deadline deadline(patience);
  Tracer tracer(traced);
  tracer.begin(out.fd(), err.fd());
  if (tracer.follow()) tracer.release();
  TraceResult result = tracer.take_result();
  result.out = out.text();
  result.err = err.text();
  return result;
}

}  // namespace faults
