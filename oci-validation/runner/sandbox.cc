#include "sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace kit {
namespace {

[[noreturn]] void live(const std::function<Value()>& work, int result) {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::string text;
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
    text = to_json(Value::make_text(std::string("no /proc for the case: ") + std::strerror(errno)));
  } else {
    text = to_json(work());
  }
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t n = write(result, &text[at], text.size() - at);
    if (n < 0) break;
    at += static_cast<std::size_t>(n);
  }
  _exit(0);
}

volatile sig_atomic_t interrupted = 0;
void interrupt(int /*number*/) { interrupted = 1; }

// Until its end, SIGINT and SIGTERM stop the schedule instead of the process.
class StopOnSignal {
 public:
  StopOnSignal() {
    struct sigaction action {};
    action.sa_handler = interrupt;
    sigaction(SIGINT, &action, &on_interrupt_);
    sigaction(SIGTERM, &action, &on_terminate_);
  }
  ~StopOnSignal() {
    sigaction(SIGINT, &on_interrupt_, nullptr);
    sigaction(SIGTERM, &on_terminate_, nullptr);
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

 private:
  struct sigaction on_interrupt_ {};
  struct sigaction on_terminate_ {};
};

struct Slot {
  std::size_t number;
  Sandbox sandbox;
};
struct Ended {
  Value value;
  double seconds = 0;
};

class Pool {
 public:
  explicit Pool(const Schedule& schedule) : schedule_(schedule), ended_(schedule.count) {}

  void run() {
    while (next_ < schedule_.count || !slots_.empty()) {
      while (next_ < schedule_.count && slots_.size() < schedule_.jobs) start();
      wait();
      report();
      if (interrupted != 0) stop();
    }
  }

 private:
  void start() {
    const std::size_t number = next_++;
    slots_.push_back({number, start_sandbox([&] { return schedule_.work(number); })});
  }

  void wait() {
    std::vector<pollfd> fds;
    Clock::time_point nearest = Clock::time_point::max();
    for (const Slot& slot : slots_) {
      fds.push_back({slot.sandbox.end.get(), POLLIN, 0});
      fds.push_back({slot.sandbox.result.get(), POLLIN, 0});
      nearest = std::min(nearest, slot.sandbox.started + schedule_.limit);
    }
    poll(fds.data(), fds.size(), milliseconds_until(nearest));
    for (std::size_t i = slots_.size(); i-- > 0;) {
      if (fds[2 * i + 1].revents != 0) take_text(slots_[i].sandbox);
      const bool late = Clock::now() >= slots_[i].sandbox.started + schedule_.limit;
      if (late) kill(slots_[i].sandbox.pid, SIGKILL);
      if (late || fds[2 * i].revents != 0) finish(i);
    }
  }

  [[noreturn]] void stop() {
    for (const Slot& slot : slots_) kill(slot.sandbox.pid, SIGKILL);
    while (!slots_.empty()) finish(slots_.size() - 1);
    throw KitError("interrupted");
  }

  static void take_text(Sandbox& sandbox) {
    char buffer[65536];
    const ssize_t n = read(sandbox.result.get(), buffer, sizeof buffer);
    if (n > 0) sandbox.text.append(buffer, static_cast<std::size_t>(n));
  }

  void finish(std::size_t index) {
    Sandbox& sandbox = slots_[index].sandbox;
    const std::size_t number = slots_[index].number;
    waitpid(sandbox.pid, nullptr, 0);
    for (std::size_t before = std::string::npos; before != sandbox.text.size();) {
      before = sandbox.text.size();
      pollfd more{sandbox.result.get(), POLLIN, 0};
      if (poll(&more, 1, 0) > 0) take_text(sandbox);
    }
    const std::chrono::duration<double> took = Clock::now() - sandbox.started;
    Ended ended{.seconds = took.count()};
    if (!sandbox.text.empty()) ended.value = parse_json(sandbox.text);
    ended_[number] = std::move(ended);
    slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(index));
    schedule_.clean(number);
  }

  void report() {
    for (; reported_ < ended_.size() && ended_[reported_]; reported_++) {
      schedule_.done(reported_, std::move(ended_[reported_]->value), ended_[reported_]->seconds);
    }
  }

  const Schedule& schedule_;
  std::vector<std::optional<Ended>> ended_;
  std::vector<Slot> slots_;
  std::size_t next_ = 0;
  std::size_t reported_ = 0;
};

}  // namespace

Sandbox start_sandbox(const std::function<Value()>& work) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) throw KitError(std::string("pipe: ") + std::strerror(errno));
  const Descriptor write_end(fds[1]);
  Sandbox sandbox;
  sandbox.result = Descriptor(fds[0]);
  sandbox.started = Clock::now();
  // As fork, into new namespaces.
  sandbox.pid = static_cast<pid_t>(
      syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  if (sandbox.pid == 0) live(work, write_end.get());
  if (sandbox.pid < 0) throw KitError(std::string("no sandbox: ") + std::strerror(errno));
  sandbox.end = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, sandbox.pid, 0)));
  return sandbox;
}

void run_schedule(const Schedule& schedule) {
  const StopOnSignal stop_on_signal;
  Pool(schedule).run();
}

}  // namespace kit
