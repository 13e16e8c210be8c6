#include "process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <stdexcept>

namespace faults {

namespace {

volatile std::sig_atomic_t time_is_up = 0;

void note_time(int /*signal*/) { time_is_up = 1; }

std::map<pid_t, Ended>& ends() {
  static std::map<pid_t, Ended> known;
  return known;
}

}  // namespace

Output::Output() : fd_(::memfd_create("output", MFD_CLOEXEC)) {
  if (fd_ < 0 || ::fcntl(fd_, F_SETFL, O_APPEND) < 0) throw std::runtime_error("no memory file");
}

Output::~Output() { ::close(fd_); }

std::string Output::text() const {
  struct stat info = {};
  if (::fstat(fd_, &info) < 0) return {};
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  const ssize_t got = ::pread(fd_, text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

// It rings again and again, so that a signal that comes just before a wait does not get lost.
Deadline::Deadline(int seconds) {
  struct sigaction action = {};
  action.sa_handler = note_time;
  ::sigaction(SIGALRM, &action, nullptr);
  time_is_up = 0;
  const itimerval timer = {{0, 100'000}, {seconds, 0}};
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

Deadline::~Deadline() {
  const itimerval off = {};
  ::setitimer(ITIMER_REAL, &off, nullptr);
}

bool Deadline::passed() { return time_is_up != 0; }

int shell_status(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

pid_t start(const Words& words, int out, int err, bool stopped) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid > 0) return pid;
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  if (stopped) ::raise(SIGSTOP);
  ::execv(arguments[0], arguments.data());
  ::dprintf(STDERR_FILENO, "%s: %s\n", arguments[0], std::strerror(errno));
  ::_exit(127);
}

void note_end(pid_t child, int wait_status, long peak_kb) {
  ends()[child] = {true, shell_status(wait_status), peak_kb};
}

void forget_ends() { ends().clear(); }

Ended wait_for(pid_t child) {
  for (;;) {
    if (const auto known = ends().find(child); known != ends().end()) {
      const Ended ended = known->second;
      ends().erase(known);
      return ended;
    }
    int status = 0;
    rusage usage = {};
    const pid_t ended = ::wait4(-1, &status, __WALL, &usage);
    if (ended > 0)
      note_end(ended, status, usage.ru_maxrss);
    else if (errno != EINTR || Deadline::passed())
      return {};
  }
}

Finished run(const Words& words) {
  const Output out;
  const Output err;
  const Deadline deadline(patience);
  const pid_t pid = start(words, out.fd(), err.fd());
  Finished finished;
  static_cast<Ended&>(finished) = wait_for(pid);
  if (!finished.in_time) {
    ::kill(pid, SIGKILL);
    const Deadline more(patience);
    wait_for(pid);
  }
  finished.out = out.text();
  finished.err = err.text();
  return finished;
}

bool wait_for_all(int seconds) {
  const Deadline deadline(seconds);
  for (;;) {
    if (::waitpid(-1, nullptr, __WALL) > 0) continue;
    if (errno == ECHILD) return true;
    if (Deadline::passed()) return false;
  }
}

}  // namespace faults
