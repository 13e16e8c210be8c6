// What all workers count, in memory that they share; each writes its own part only, but for what is
// said to be common.
#pragma once

#include <atomic>
#include <string>

namespace soak {

inline constexpr unsigned kMostWorkers = 32;

inline constexpr const char* kCommands[] = {"create", "start",  "run",   "exec", "kill",
                                            "delete", "state",  "list",  "ps",   "pause",
                                            "resume", "update", "events"};
inline constexpr unsigned kCommandCount = sizeof kCommands / sizeof *kCommands;

unsigned command_index(const std::string& name);

struct Counts {
  unsigned worked = 0;
  unsigned refused = 0;
  unsigned killed = 0;     // at a random moment
  long early_peak_kb = 0;  // the most memory of one, in the first and in the last quarter
  long late_peak_kb = 0;
};

struct WorkerTally {
  // The lifecycle whose container the others may use, plus 1; 0: none.
  std::atomic<unsigned> open_number{0};
  unsigned lifecycles = 0;
  unsigned failures = 0;
  unsigned disturbed = 0;  // lifecycles whose outcome others, or a kill, had a part in
  Counts of[kCommandCount];
};

struct Tally {
  WorkerTally workers[kMostWorkers];
};

// Zeroed, shared with all processes that are forked from now on. Throws std::runtime_error.
Tally& make_tally();

// The sums of all workers, a line for each command. False when commands need more memory late than
// early.
bool print_commands(const Tally& tally);

}  // namespace soak
