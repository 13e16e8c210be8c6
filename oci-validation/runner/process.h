// Programs that the kit starts, with both outputs in pipes and a deadline. Single-threaded callers
// only: it forks. Runs in a case's own process (sandbox.h), or in the runner before any case.
#ifndef OCI_VALIDATION_RUNNER_PROCESS_H
#define OCI_VALIDATION_RUNNER_PROCESS_H

#include <sys/types.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace kit {

using Clock = std::chrono::steady_clock;

// A descriptor that is closed with its owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Command {
  std::vector<std::string> words;
  std::string folder = "/";
};

struct Finished {
  int status = 0;  // as a shell says it: 128 + the signal that killed it
  std::string output;
  std::string errors;
  // What the command left open for others (a created container) can go on being read here.
  Descriptor later_output;
};

// Throws Failure (failure.h) when it does not end before the deadline; it is then killed.
Finished run_command(const Command& command, Clock::time_point deadline);

// Appends what comes until there is a whole line, and takes it off. Throws Failure at the end of
// the stream or at the deadline; `what` names the line.
std::string read_line(const Descriptor& from, std::string& buffer, Clock::time_point deadline,
                      const std::string& what);

// Waits for the end of any process by its number; false at the deadline. Reaps it when it is a
// child of the caller, and says how it ended in *status (-1: unknown).
bool wait_for_end(pid_t pid, Clock::time_point deadline, int* status);

int milliseconds_until(Clock::time_point deadline);

}  // namespace kit

#endif
