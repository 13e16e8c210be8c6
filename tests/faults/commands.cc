#include "commands.h"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace faults {

namespace {

constexpr const char* kOther = "child";  // a process that has nothing to do with the container
const std::string kWaiting = std::string(kBundle) + "/waiting";
// With a user namespace, hooks and a terminal.
const std::string kUser = std::string(kBundle) + "/user";

std::string expect_status(const Trials& in, const std::vector<std::string>& allowed) {
  const std::string status = in.status();
  std::string wanted;
  for (const std::string& one : allowed) {
    if (one == status) return {};
    wanted += (wanted.empty() ? "" : " or ") + one;
  }
  return "the status is " + status + " instead of " + wanted;
}

// The first of them that is not "".
std::string first_of(std::initializer_list<std::string> problems) {
  for (const std::string& problem : problems)
    if (!problem.empty()) return problem;
  return {};
}

// Where two outputs differ, in few words.
std::string difference(const std::string& wanted, const std::string& seen) {
  if (wanted == seen) return {};
  std::size_t at = 0;
  while (at < wanted.size() && at < seen.size() && wanted[at] == seen[at]) ++at;
  const std::size_t from = at < 40 ? 0 : at - 40;
  return "the program sees \"..." + seen.substr(from, 100) + "\" instead of \"..." +
         wanted.substr(from, 100) + '"';
}

std::string succeeds(Trials& in, const Words& words) {
  const Finished done = in.world().call(words);
  if (done.in_time && done.status == 0) return {};
  return "then " + words[0] + (done.in_time ? " fails: " + done.err : " hangs");
}

// The container's program runs, prints what it always prints, and can be deleted.
std::string runs_to_its_end(Trials& in) {
  if (const int status = in.wait_for_init(); status != 0)
    return "the container's program ended with " + std::to_string(status);
  return first_of({in.compare("run", in.output()), expect_status(in, {"stopped"}),
                   succeeds(in, {"delete", kId})});
}

std::string created(Trials& in, const Finished& /*result*/) {
  if (std::string problem = expect_status(in, {"created"}); !problem.empty()) return problem;
  if (std::string problem = succeeds(in, {"start", kId}); !problem.empty()) return problem;
  return runs_to_its_end(in);
}

std::string started(Trials& in, const Finished& /*result*/) { return runs_to_its_end(in); }

std::string ran(Trials& in, const Finished& result) { return in.compare("run", result.out); }

std::string ran_user(Trials& in, const Finished& result) {
  return in.compare("run-user", result.out);
}

std::string executed(Trials& in, const Finished& result) {
  return first_of({in.compare("exec", result.out), expect_status(in, {"running"})});
}

std::string killed(Trials& in, const Finished& /*result*/) {
  if (const int status = in.wait_for_init(); status != 137)
    return "the container's program ended with " + std::to_string(status);
  return expect_status(in, {"stopped"});
}

std::string deleted(Trials& in, const Finished& /*result*/) { return expect_status(in, {"none"}); }

std::string told(Trials& /*in*/, const Finished& result) {
  if (result.out.find("\"status\": \"running\"") != std::string::npos) return {};
  return "it says " + result.out;
}

std::string paused(Trials& in, const Finished& /*result*/) { return expect_status(in, {"paused"}); }

std::string runs(Trials& in, const Finished& /*result*/) { return expect_status(in, {"running"}); }

std::string updated(Trials& in, const Finished& /*result*/) {
  if (in.limits() == in.new_limits()) return {};
  return "the limits are " + in.limits() + " instead of " + in.new_limits();
}

std::string nothing_remains(Trials& in) { return in.world().leftovers(); }

// A container whose process waits still may be started again.
std::string may_have_started(Trials& in) {
  return expect_status(in, {"created", "running", "stopped", "none"});
}

std::string still_runs(Trials& in) {
  if (std::string problem = expect_status(in, {"running"}); !problem.empty()) return problem;
  const std::string processes = read_text(in.world().cgroup_file("cgroup.procs"));
  if (processes.find('\n') + 1 == processes.size()) return {};
  return "the processes of the container are " + processes;
}

std::string may_have_ended(Trials& in) { return expect_status(in, {"running", "stopped"}); }

std::string may_be_gone(Trials& in) {
  return expect_status(in, {"running", "paused", "stopped", "none"});
}

std::string may_be_paused(Trials& in) { return expect_status(in, {"running", "paused"}); }

std::string not_updated(Trials& in) {
  if (in.limits() == in.old_limits()) return expect_status(in, {"running"});
  return "the limits are " + in.limits() + ", some new, instead of " + in.old_limits();
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands = {
      {"create",
       Before::kNothing,
       {"create", "--bundle", kBundle, "--pid-file", kPidFile, kId},
       "init",
       created,
       nothing_remains},
      {"start", Before::kCreated, {"start", kId}, "init", started, may_have_started},
      {"run",
       Before::kNothing,
       {"run", "--bundle", kBundle, "--pid-file", kPidFile, kId},
       "init",
       ran,
       nothing_remains},
      {"run-user",
       Before::kNothing,
       {"run", "--bundle", kUser, "--pid-file", kPidFile, kId},
       "init",
       ran_user,
       nothing_remains},
      {"exec",
       Before::kRunning,
       {"exec", kId, "/probe", "user", "capabilities", "no_new_privileges", "seccomp", "rlimits",
        "env", "cwd", "fds", "keyring", "cgroup", "hostname"},
       "process",
       executed,
       still_runs},
      {"kill", Before::kRunning, {"kill", kId, "KILL"}, kOther, killed, may_have_ended},
      {"delete", Before::kStopped, {"delete", kId}, kOther, deleted, may_be_gone},
      {"delete-force", Before::kRunning, {"delete", "--force", kId}, kOther, deleted, may_be_gone},
      {"state", Before::kRunning, {"state", kId}, kOther, told, still_runs},
      {"pause", Before::kRunning, {"pause", kId}, kOther, paused, still_runs},
      {"resume", Before::kPaused, {"resume", kId}, kOther, runs, may_be_paused},
      {"update",
       Before::kRunning,
       {"update", "--resources", std::string(kBundle) + "/resources.json", kId},
       kOther,
       updated,
       not_updated},
  };
  return kCommands;
}

// ---- One worker --------------------------------------------------------------------------------

namespace {

constexpr const char* kLimitFiles[] = {"cgroup.max.depth", "cgroup.max.descendants",
                                       "hugetlb.2MB.max",  "hugetlb.2MB.rsvd.max",
                                       "pids.max",         "memory.max",
                                       "memory.low",       "cpu.weight"};

// A program that was killed where it would have executed has ended, as its runtime sees it.
constexpr unsigned kLastCalls = 3;
// After "ready", `create` depends on init no more.
constexpr unsigned kCallsWhileCreated = 6;

bool is_one_line(const std::string& text) {
  return text.size() > 1 && text.find('\n') == text.size() - 1;
}

// What brig cannot hand on from the program's terminal is lost, as it is when nobody reads it: the
// program must not depend on that.
bool is_relayed(const Command& command, const Trial& trial) {
  return command.worked == ran_user && trial.point.role == "runtime" &&
         transfer_of(trial.point.number) != Transfer::kNone && !trial.fault.is_harmless();
}

// Whether the command runs its program itself, so that this one's output comes with it.
bool is_run(const Command& command) { return command.words[0] == "run"; }

// Where there are no user namespaces there is no bundle with one.
bool is_possible(const Command& command) {
  return !is_run(command) || ::access(command.words[2].c_str(), F_OK) == 0;
}

}  // namespace

Trials::Trials(World& world) : world_(world) {
  const auto output_of = [this](const Command& command) {
    const Finished done = world_.call(command.words);
    if (!done.in_time || done.status != 0)
      throw std::runtime_error(std::string(command.name) +
                               " does not work without faults: " + done.err);
    return done.out;
  };
  for (const Command& command : commands())
    if (is_run(command) && is_possible(command))
      for (int i = 0; i < 2; ++i) outputs_[command.name] = output_of(command);
  ::unlink(kPidFile);
  world_.remember();
  set_up(Before::kRunning);
  old_limits_ = limits();
  for (const Command& command : commands()) {
    if (command.worked == executed) outputs_[command.name] = output_of(command);
    if (command.worked != updated) continue;
    output_of(command);
    new_limits_ = limits();
  }
  if (std::string problem = remove(); !problem.empty()) throw std::runtime_error(problem);
  ::unlink(kPidFile);
  if (std::string left = world_.leftovers(); !left.empty())
    throw std::runtime_error("without faults it leaves behind: " + left);
}

void Trials::must(const Words& words) const {
  const Finished done = world_.call(words);
  if (!done.in_time || done.status != 0)
    throw std::runtime_error("set-up: " + words[0] + (done.in_time ? ": " + done.err : " hangs"));
}

void Trials::set_up(Before before) {
  out_.emplace();
  forget_ends();
  switch (before) {
    case Before::kNothing:
      return;
    case Before::kCreated: {
      const Deadline deadline(patience);
      const Ended done = wait_for(
          start(world_.command({"create", "--bundle", kBundle, "--pid-file", kPidFile, kId}),
                out_->fd(), out_->fd()));
      if (done.status != 0) throw std::runtime_error("set-up: create: " + out_->text());
      return;
    }
    case Before::kStopped:
      must({"create", "--bundle", kWaiting, "--pid-file", kPidFile, kId});
      must({"kill", kId, "KILL"});
      if (wait_for_init() != 137) throw std::runtime_error("set-up: kill does not kill");
      return;
    case Before::kPaused:
    case Before::kRunning:
      must({"run", "--detach", "--bundle", kWaiting, "--pid-file", kPidFile, kId});
      if (before == Before::kPaused) must({"pause", kId});
      return;
  }
}

std::string Trials::status() const {
  const Finished done = world_.call({"state", kId});
  if (!done.in_time) return "? state hangs";
  if (done.status != 0)
    return is_one_line(done.err) && done.err.find("does not exist") != std::string::npos
               ? "none"
               : "? (state: " + done.err + ")";
  constexpr std::string_view kKey = "\"status\": \"";
  const std::size_t at = done.out.find(kKey);
  if (at == std::string::npos) return "? (state: " + done.out + ")";
  const std::size_t from = at + kKey.size();
  return done.out.substr(from, done.out.find('"', from) - from);
}

int Trials::wait_for_init() const {
  const Deadline deadline(patience);
  const Ended ended = wait_for(std::atoi(read_text(kPidFile).c_str()));
  return ended.in_time ? ended.status : -1;
}

std::string Trials::limits() const {
  std::string text;
  for (const char* file : kLimitFiles) {
    const std::string value = read_text(world_.cgroup_file(file));
    if (!value.empty()) text += std::string(file) + ' ' + value.substr(0, value.size() - 1) + ", ";
  }
  return text;
}

std::string Trials::compare(const char* command, const std::string& seen) const {
  return may_differ_ ? std::string() : difference(outputs_.at(command), seen);
}

std::string Trials::remove() const {
  const Finished done = world_.call({"delete", "--force", kId});
  if (!done.in_time) return "delete --force hangs";
  return done.status == 0 ? std::string() : "delete --force fails: " + done.err;
}

TraceResult Trials::trace_command(const Command& command, const Trial* trial) {
  set_up(command.before);
  Traced traced;
  traced.command = world_.command(command.words);
  traced.child_role = command.child_role;
  if (command.before == Before::kCreated) traced.attach = std::atoi(read_text(kPidFile).c_str());
  may_differ_ = trial != nullptr &&
                (has_substitute(trial->point.number, trial->fault) || is_relayed(command, *trial));
  if (trial != nullptr) {
    traced.point = &trial->point;
    traced.fault = trial->fault;
  }
  const Output err;
  return trace(traced, *out_, err);
}

std::vector<Trial> Trials::list(unsigned number) {
  const Command& command = commands()[number];
  if (!is_possible(command)) return {};
  const TraceResult result = trace_command(command, nullptr);
  if (!result.in_time || result.status != 0)
    throw std::runtime_error(std::string(command.name) + " does not work when it is traced: " +
                             (result.in_time ? result.err : "it hangs"));
  std::string problem = command.worked(*this, result);
  if (problem.empty()) problem = remove();
  ::unlink(kPidFile);
  if (problem.empty()) problem = world_.leftovers();
  if (!problem.empty())
    throw std::runtime_error(std::string(command.name) +
                             " does not work when it is traced: " + problem);
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < result.seen.size(); ++i) {
    const Seen& seen = result.seen[i];
    Trial trial = {.command = number, .point = seen};
    for (std::size_t later = i + 1; later < result.seen.size(); ++later)
      if (result.seen[later].role == seen.role) ++trial.to_end;
    trials.push_back(trial);
    for (const Fault& fault : faults_of(seen.number, seen.can_be_short)) {
      trial.fault = fault;
      trials.push_back(trial);
    }
  }
  return trials;
}

Judgement Trials::run(const Trial& trial) {
  Judgement judgement;
  try {
    const TraceResult result = trace_command(commands()[trial.command], &trial);
    judgement.why = judge(trial, result, judgement.verdict);
    ::unlink(kPidFile);
    if (judgement.why.empty()) {
      const std::string left = world_.leftovers();
      if (!left.empty()) judgement.why = "left behind: " + left;
    }
  } catch (const std::runtime_error& error) {
    judgement.why = error.what();
  }
  if (!judgement.why.empty()) {
    judgement.verdict = Verdict::kFailed;
    world_.clean();
  }
  return judgement;
}

std::string Trials::judge(const Trial& trial, const TraceResult& result, Verdict& verdict) {
  if (!result.in_time) return "hangs: it has not ended after " + std::to_string(patience) + " s";
  if (!result.reached) {
    verdict = Verdict::kUnreached;
    return remove();
  }
  if (trial.fault.kind != Fault::Kind::kKill) return judge_answer(trial, result, verdict);
  if (trial.point.role != "runtime") return judge_orphaned(trial, result, verdict);
  verdict = Verdict::kRemoved;
  return judge_killed();
}

// The runtime was killed: whatever is there is sane and can be removed. The scratch file beside the
// pid file belongs to the caller, as that does.
std::string Trials::judge_killed() const {
  std::string problem =
      expect_status(*this, {"creating", "created", "running", "paused", "stopped", "none"});
  if (problem.empty()) problem = remove();
  ::unlink("/run/faults/.pid");
  return problem;
}

// A process of the container was killed: the runtime says so in one line and leaves nothing.
// Whether the runtime may take the end of that process for one of the container's own.
bool Trials::had_begun(const Trial& trial) {
  const Command& command = commands()[trial.command];
  if (trial.point.role == "runtime" || command.child_role == kOther) return false;
  return trial.to_end < (command.worked == created ? kCallsWhileCreated : kLastCalls);
}

// A process of the container was killed: the runtime says so in one line and leaves nothing.
std::string Trials::judge_orphaned(const Trial& trial, const TraceResult& result,
                                   Verdict& verdict) {
  const Command& command = commands()[trial.command];
  if (had_begun(trial) && (result.status == 0 || result.status == 137)) {
    verdict = Verdict::kRemoved;
    if (command.worked == executed) return first_of({expect_status(*this, {"running"}), remove()});
    return first_of({expect_status(*this, {"stopped", "none"}), remove()});
  }
  if (result.status == 0) return "it says that it worked, without " + trial.point.role;
  verdict = Verdict::kRefused;
  return judge_refusal(command, result);
}

std::string Trials::judge_answer(const Trial& trial, const TraceResult& result, Verdict& verdict) {
  const Command& command = commands()[trial.command];
  if (result.status == 0 && command.worked == created && had_begun(trial) &&
      status() == "stopped") {
    verdict = Verdict::kRemoved;
    return remove();
  }
  if (result.status == 0) {
    verdict = Verdict::kWorked;
    const std::string problem = command.worked(*this, result);
    if (!problem.empty()) return "it says that it worked, but " + problem;
    return command.before == Before::kNothing ? std::string() : remove();
  }
  verdict = Verdict::kRefused;
  if (trial.fault.is_harmless())
    return "fails for what is no failure, with status " + std::to_string(result.status) + ": " +
           result.err;
  return judge_refusal(command, result);
}

std::string Trials::judge_refusal(const Command& command, const TraceResult& result) {
  if (result.status > 128 && result.status != 255)
    return "died of signal " + std::to_string(result.status - 128) + ": " + result.err;
  if (!is_one_line(result.err))
    return "ends with status " + std::to_string(result.status) +
           " and instead of one line says: \"" + result.err + '"';
  // What `run` could not remove of a container that has ended is as what `delete` could not.
  const bool removing = is_run(command) && result.out == outputs_.at(command.name);
  std::string problem = removing ? std::string() : command.refused(*this);
  if (!problem.empty())
    return "after \"" + result.err.substr(0, result.err.size() - 1) + "\": " + problem;
  return command.before == Before::kNothing && !removing ? std::string() : remove();
}

}  // namespace faults
