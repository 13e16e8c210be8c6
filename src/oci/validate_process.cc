// config.md: the rules of the `process` object.
#include <algorithm>
#include <cctype>

#include "base/number_list.h"
#include "oci/validate_rules.h"
#include "oci/words.h"

namespace brig::oci {

namespace {

constexpr std::uint32_t kMaxConsoleCells = 65535;  // struct winsize holds 16 bits
constexpr std::uint32_t kMaxUmask = 0777;

// The spec wants no error for names that the kernel does not know, but this is no name at all.
bool is_capability_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return false;
  return true;
}

void check_capability_set(const std::vector<std::string>& names, std::string_view prefix,
                          std::string_view set, Problems& problems) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!is_capability_name(names[i]))
      problems.add(prefix, "capabilities.", set, "[", i, "]: \"", names[i],
                   "\" is not the name of a capability (expected for example CAP_CHOWN)");
}

void check_capabilities(const Capabilities& capabilities, std::string_view prefix,
                        Problems& problems) {
  check_capability_set(capabilities.bounding, prefix, "bounding", problems);
  check_capability_set(capabilities.effective, prefix, "effective", problems);
  check_capability_set(capabilities.inheritable, prefix, "inheritable", problems);
  check_capability_set(capabilities.permitted, prefix, "permitted", problems);
  check_capability_set(capabilities.ambient, prefix, "ambient", problems);
}

void check_rlimits(const std::vector<Rlimit>& rlimits, std::string_view prefix,
                   Problems& problems) {
  for (std::size_t i = 0; i < rlimits.size(); ++i) {
    const Rlimit& rlimit = rlimits[i];
    if (rlimit.soft > rlimit.hard)
      problems.add(prefix, "rlimits[", i, "] (", rlimit.type, "): soft limit ", rlimit.soft,
                   " is greater than hard limit ", rlimit.hard);
    // There are few types, so the earlier entry is found among the first.
    const auto same = [&](const Rlimit& other) { return other.resource == rlimit.resource; };
    const std::size_t j =
        static_cast<std::size_t>(std::ranges::find_if(rlimits, same) - rlimits.begin());
    if (j < i)
      problems.add(prefix, "rlimits[", i, "].type: ", rlimit.type, " is already in ", prefix,
                   "rlimits[", j, "]");
  }
}

// sched_setattr(2): runtime <= deadline <= period, where an absent period equals the deadline.
bool is_deadline_consistent(const Scheduler& scheduler) {
  return scheduler.runtime > 0 && scheduler.runtime <= scheduler.deadline &&
         (scheduler.period == 0 || scheduler.deadline <= scheduler.period);
}

void check_scheduler(const Scheduler& scheduler, std::string_view prefix, Problems& problems) {
  const auto add = [&](const auto&... pieces) { problems.add(prefix, "scheduler", pieces...); };
  const bool realtime = scheduler.policy == SchedulerPolicy::kFifo ||
                        scheduler.policy == SchedulerPolicy::kRoundRobin;
  const std::int32_t nice = scheduler.nice.value_or(0);
  const std::int32_t priority = scheduler.priority.value_or(0);
  if (scheduler.policy == SchedulerPolicy::kIso) add(".policy: Linux does not implement SCHED_ISO");
  if (nice < -20 || nice > 19) add(".nice: ", nice, " is out of range (expected -20 to 19)");
  if (realtime && (priority < 1 || priority > 99))
    add(".priority: ", priority, " is out of range (expected 1 to 99)");
  if (!realtime && priority != 0) add(".priority: only for SCHED_FIFO and SCHED_RR");
  if (scheduler.policy == SchedulerPolicy::kDeadline) {
    if (!is_deadline_consistent(scheduler))
      add(": SCHED_DEADLINE needs 0 < runtime <= deadline <= period");
  } else if (scheduler.runtime != 0 || scheduler.deadline != 0 || scheduler.period != 0) {
    add(": runtime, deadline and period are only for SCHED_DEADLINE");
  }
}

void check_cpu_list(const std::string& list, std::string_view prefix, std::string_view name,
                    Problems& problems) {
  const std::optional<std::vector<NumberRange>> cpus = parse_number_list(list);
  if (!list.empty() && (!cpus || cpus->empty()))
    problems.add(prefix, "execCPUAffinity.", name, ": \"", list,
                 "\" is not a list of CPUs (expected for example 0-3,7)");
}

void check_program(const Process& process, std::string_view prefix, Problems& problems) {
  if (process.args.empty())
    problems.add(prefix, "args: needs at least one entry");
  else if (process.args[0].empty())
    problems.add(prefix, "args[0]: must not be empty");
  for (std::size_t i = 0; i < process.env.size(); ++i)
    if (process.env[i].find('=') == std::string::npos)
      problems.add(prefix, "env[", i, "]: \"", process.env[i], "\" has no '='");
  if (!process.command_line.empty()) problems.add(prefix, "commandLine: only for Windows");
  if (process.cwd.empty())
    problems.add(prefix, "cwd: required property is missing or empty");
  else if (!is_absolute(process.cwd))
    problems.add(prefix, "cwd: \"", process.cwd, "\" is not absolute");
}

void check_terminal(const Process& process, std::string_view prefix, Problems& problems) {
  if (!process.terminal || !process.console_size) return;
  if (process.console_size->height > kMaxConsoleCells ||
      process.console_size->width > kMaxConsoleCells)
    problems.add(prefix, "consoleSize: height and width reach to ", kMaxConsoleCells);
}

}  // namespace

void check_process(const Process& process, std::string_view prefix, Problems& problems) {
  check_program(process, prefix, problems);
  check_terminal(process, prefix, problems);
  if (process.user.umask && *process.user.umask > kMaxUmask)
    problems.add(prefix, "user.umask: ", *process.user.umask,
                 " is out of range (expected 0 to 511, which is octal 0777)");
  check_rlimits(process.rlimits, prefix, problems);
  if (process.capabilities) check_capabilities(*process.capabilities, prefix, problems);
  const std::int32_t score = process.oom_score_adj.value_or(0);
  if (score < -1000 || score > 1000)
    problems.add(prefix, "oomScoreAdj: ", score, " is out of range (expected -1000 to 1000)");
  if (process.scheduler) check_scheduler(*process.scheduler, prefix, problems);
  if (process.io_priority &&
      (process.io_priority->priority < 0 || process.io_priority->priority > 7))
    problems.add(prefix, "ioPriority.priority: ", process.io_priority->priority,
                 " is out of range (expected 0 to 7)");
  if (process.exec_cpu_affinity) {
    check_cpu_list(process.exec_cpu_affinity->initial, prefix, "initial", problems);
    check_cpu_list(process.exec_cpu_affinity->final, prefix, "final", problems);
  }
}

}  // namespace brig::oci
