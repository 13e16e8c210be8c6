#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "failure.h"
#include "value.h"

namespace kit {
namespace {

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) throw KitError(std::string("pipe: ") + std::strerror(errno));
  return {Descriptor(fds[0]), Descriptor(fds[1])};
}

// In the child. The runtime starts with an empty input, default signals and nothing else open.
[[noreturn]] void execute(const Command& command, const Pipe& out, const Pipe& err) {
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(null, STDIN_FILENO);
  dup2(out.write.get(), STDOUT_FILENO);
  dup2(err.write.get(), STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (chdir(command.folder.c_str()) == 0) execvp(words[0], words.data());
  const std::string line =
      "cannot execute " + command.words[0] + ": " + std::strerror(errno) + "\n";
  static_cast<void>(!write(STDERR_FILENO, line.data(), line.size()));
  _exit(127);
}

// Takes what is there; false at the end of the stream.
bool drain(const Descriptor& from, std::string& into) {
  char buffer[65536];
  for (;;) {
    pollfd ready{from.get(), POLLIN, 0};
    if (poll(&ready, 1, 0) <= 0) return true;
    const ssize_t n = read(from.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    into.append(buffer, static_cast<std::size_t>(n));
  }
}

int shell_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<long long>(left, 0));
}

Finished run_command(const Command& command, Clock::time_point deadline) {
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  const pid_t child = fork();
  if (child < 0) throw KitError(std::string("fork: ") + std::strerror(errno));
  if (child == 0) execute(command, out, err);
  out.write = Descriptor();
  err.write = Descriptor();
  const Descriptor end(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  Finished finished;
  bool out_open = true;
  bool err_open = true;
  for (;;) {
    pollfd fds[3] = {{end.get(), POLLIN, 0},
                     {out_open ? out.read.get() : -1, POLLIN, 0},
                     {err_open ? err.read.get() : -1, POLLIN, 0}};
    const int n = poll(fds, 3, milliseconds_until(deadline));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
      throw Failure("`" + command.words[0] +
                    " ...' did not end in time; it printed: " + finished.output + finished.errors);
    }
    out_open = out_open && drain(out.read, finished.output);
    err_open = err_open && drain(err.read, finished.errors);
    if (fds[0].revents != 0) break;
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (out_open) drain(out.read, finished.output);
  if (err_open) drain(err.read, finished.errors);
  finished.status = shell_status(status);
  finished.later_output = std::move(out.read);
  return finished;
}

std::string read_line(const Descriptor& from, std::string& buffer, Clock::time_point deadline,
                      const std::string& what) {
  for (;;) {
    if (const std::size_t end = buffer.find('\n'); end != std::string::npos) {
      std::string line = buffer.substr(0, end);
      buffer.erase(0, end + 1);
      while (!line.empty() && line.back() == '\r') line.pop_back();
      return line;
    }
    pollfd ready{from.get(), POLLIN, 0};
    const int n = poll(&ready, 1, milliseconds_until(deadline));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) throw Failure(what + ": the container's process printed nothing in time");
    char bytes[65536];
    const ssize_t got = read(from.get(), bytes, sizeof bytes);
    if (got <= 0)
      throw Failure(
          std::string(what).append(": the container's process ended and printed: ").append(buffer));
    buffer.append(bytes, static_cast<std::size_t>(got));
  }
}

bool wait_for_end(pid_t pid, Clock::time_point deadline, int* status) {
  *status = -1;
  const Descriptor end(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!end.is_open()) return true;
  pollfd ready{end.get(), POLLIN, 0};
  while (poll(&ready, 1, milliseconds_until(deadline)) < 0 && errno == EINTR) {
  }
  if (ready.revents == 0) return false;
  int raw = 0;
  if (waitpid(pid, &raw, WNOHANG) == pid) *status = shell_status(raw);
  return true;
}

}  // namespace kit
