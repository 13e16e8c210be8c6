// The commands that faults are done to: what is there before, what must be there after, and how one
// point is tried and judged.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tracer.h"
#include "world.h"

namespace faults {

// A point with its fault, in the order in which they are tried.
struct Trial {
  unsigned command = 0;  // index in commands()
  Point point;
  Fault fault;
  unsigned to_end = 0;  // how many calls of the same role came after it in the run that listed them
};

enum class Verdict {
  kFailed,
  kRemoved,    // killed; delete --force removed what was left
  kRefused,    // one line, a status, nothing left
  kWorked,     // as if nothing had been
  kUnreached,  // the command ended without coming to the point
};

struct Judgement {
  Verdict verdict = Verdict::kFailed;
  std::string why;
};

// What is there before the command.
enum class Before { kNothing, kCreated, kRunning, kPaused, kStopped };

struct Command {
  const char* name;
  Before before;
  Words words;
  const char* child_role;
  // "" when the command that says that it worked did, else what is wrong. Leaves no container.
  std::string (*worked)(class Trials& in, const Finished& result);
  // The same for one that refused: the container must be as before, or what `command` may leave.
  std::string (*refused)(class Trials& in);
};

const std::vector<Command>& commands();

// The trials of one worker.
class Trials {
 public:
  // Runs each command once, so that caches are warm, and remembers what it does without faults.
  // Throws std::runtime_error when one does not work.
  explicit Trials(World& world);

  // All points of a command, with their faults.
  std::vector<Trial> list(unsigned command);
  Judgement run(const Trial& trial);

  // For the commands:
  [[nodiscard]] World& world() { return world_; }
  // "", or where what a program printed differs from what that of `command` prints without faults.
  [[nodiscard]] std::string compare(const char* command, const std::string& seen) const;
  // What the container's program has printed in this trial.
  [[nodiscard]] std::string output() const { return out_ ? out_->text() : std::string(); }
  // What `state` says: a status, "none" for no such container, or a text that starts with "?".
  [[nodiscard]] std::string status() const;
  // Waits for the end of the container's process: its status, or -1 when it does not end.
  [[nodiscard]] int wait_for_init() const;
  // The limits of the container's cgroup, before and after `update`.
  [[nodiscard]] std::string limits() const;
  [[nodiscard]] const std::string& old_limits() const { return old_limits_; }
  [[nodiscard]] const std::string& new_limits() const { return new_limits_; }
  // delete --force; "" or what is wrong.
  [[nodiscard]] std::string remove() const;

 private:
  void set_up(Before before);
  void must(const Words& words) const;
  TraceResult trace_command(const Command& command, const Trial* trial);
  std::string judge(const Trial& trial, const TraceResult& result, Verdict& verdict);
  static bool had_begun(const Trial& trial);
  std::string judge_killed() const;
  std::string judge_orphaned(const Trial& trial, const TraceResult& result, Verdict& verdict);
  std::string judge_answer(const Trial& trial, const TraceResult& result, Verdict& verdict);
  std::string judge_refusal(const Command& command, const TraceResult& result);

  World& world_;
  std::optional<Output> out_;
  bool may_differ_ = false;                     // in this trial (has_substitute)
  std::map<std::string, std::string> outputs_;  // by command
  std::string old_limits_;
  std::string new_limits_;
};

}  // namespace faults
