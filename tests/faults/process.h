// Programs that a worker runs, their output in memory files, and one deadline for whatever a worker
// waits for. Single-threaded callers only.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace faults {

using Words = std::vector<std::string>;

// A file in memory that takes the output of programs; a container may keep it open for longer than
// the program that was started with it.
class Output {
 public:
  Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output();
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::string text() const;

 private:
  int fd_;
};

// How something that was waited for came to its end.
struct Ended {
  bool in_time = false;
  int status = 0;    // as a shell says it: 128 + the signal that killed it
  long peak_kb = 0;  // the most memory that it had
};

struct Finished : Ended {
  std::string out;
  std::string err;
};

// While it lives, waiting for processes is interrupted once its time has passed.
class Deadline {
 public:
  explicit Deadline(int seconds);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline();
  [[nodiscard]] static bool passed();
};

inline int patience = 10;  // seconds, for whatever must come to its end by itself

int shell_status(int wait_status);

// Starts it with these outputs, /dev/null as standard input. `stopped`: it waits until it is traced
// and continued (tracer.cc).
pid_t start(const Words& words, int out, int err, bool stopped = false);

// Waits for a child of this process, and meanwhile reaps the others: a container's process ends
// only when all in its process id namespace are reaped.
Ended wait_for(pid_t child);
// For who waits for processes otherwise: one that ended, which wait_for() may be called for later.
void note_end(pid_t child, int wait_status, long peak_kb = 0);
// Forgets them.
void forget_ends();

// Both; one that does not end in time is killed.
Finished run(const Words& words);

// Waits for all children, those that others left to this process 1 too, and those that are waited
// for elsewhere: only between commands. False when some are left when the time has passed.
bool wait_for_all(int seconds);

}  // namespace faults
