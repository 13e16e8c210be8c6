// config.md: the rules of the `process` object.
#include <cctype>
#include <charconv>

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
    for (std::size_t j = 0; j < i; ++j)
      if (rlimits[j].resource == rlimit.resource)
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

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "7" or "0-3".
bool is_cpu_range(std::string_view text) {
  unsigned first = 0;
  const char* const end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, first);
  if (error != std::errc()) return false;
  if (next == end) return true;
  unsigned last = 0;
  if (*next != '-') return false;
  const auto [after, last_error] = std::from_chars(next + 1, end, last);
  return last_error == std::errc() && after == end && first <= last;
}

// A list of ranges with at least one; blanks and empty elements are tolerated as runc does.
bool is_cpu_list(std::string_view list) {
  bool any = false;
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view range = trim(list.substr(0, comma));
    if (!range.empty()) {
      if (!is_cpu_range(range)) return false;
      any = true;
    }
    if (comma == std::string_view::npos) return any;
    list.remove_prefix(comma + 1);
  }
}

void check_cpu_list(const std::string& list, std::string_view prefix, std::string_view name,
                    Problems& problems) {
  if (!list.empty() && !is_cpu_list(list))
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
