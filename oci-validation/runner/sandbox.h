// Where a case runs: a process of its own, number 1 of a new pid namespace with a new mount
// namespace. When it ends, for whatever reason, everything that it or the runtime started ends with
// it, and so do all mounts.
#ifndef OCI_VALIDATION_RUNNER_SANDBOX_H
#define OCI_VALIDATION_RUNNER_SANDBOX_H

#include <functional>
#include <string>

#include "process.h"
#include "value.h"

namespace kit {

struct Sandbox {
  pid_t pid = 0;
  Descriptor end;     // readable when it has ended
  Descriptor result;  // one JSON value, then the end of the stream
  std::string text;
  Clock::time_point started;
};

// In the new process `work` runs and what it returns is the result.
Sandbox start_sandbox(const std::function<Value()>& work);

// Runs `count` pieces of work, at most `jobs` at a time, each at most `limit` long. `done` gets the
// results in the order of the numbers: null when there is none, because the time was over or the
// process died. `clean` gets a number as soon as its process is gone. SIGINT and SIGTERM end all of
// it: KitError, after the cleaning.
struct Schedule {
  std::size_t count = 0;
  std::size_t jobs = 1;
  std::chrono::milliseconds limit{};
  std::function<Value(std::size_t)> work;
  std::function<void(std::size_t)> clean;
  std::function<void(std::size_t, Value, double seconds)> done;
};
void run_schedule(const Schedule& schedule);

}  // namespace kit

#endif
