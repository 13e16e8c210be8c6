// Times commands against each other. In each round every command runs once, so that a change of the
// machine's load hits all of them alike; docs/performance.md says how to read the table.
//
//   time_commands TITLE ROUNDS WARM_UP JSON NAME[<=TARGET] COMMAND [ARGUMENT]... [-- NAME[<=TARGET]
//   COMMAND ...]...
//
// A COMMAND may be several with "+" between them, whose times are added; one behind a "~" is run
// but not timed. Those with "&" between them run at the same time; theirs is the time until all
// have ended. The ratios are those of the first command to each other one; TARGET is what its ratio
// may be. The figures are also appended to the file JSON, as one line: {"title": ..., "rounds":
// ..., "commands": [{"name": ...}]}.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Arguments = std::vector<char*>;

struct Part {
  std::vector<Arguments> at_once;
  bool timed = true;
};

struct Command {
  std::string name;
  double target = 0;  // 0: none
  std::vector<Part> parts;
  std::vector<double> wall;     // milliseconds
  std::vector<double> cpu;      // milliseconds of it and its descendants that were waited for
  std::vector<double> blocked;  // milliseconds in which neither it nor a processor worked for it
  std::vector<double> memory;   // KiB: the highest resident set of one of its processes
};

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "time_commands: %s\n", text.c_str());
  std::exit(1);
}

double now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

struct Sum {
  double wall = 0;
  rusage usage{};
};

// Starts a program without input and output.
pid_t start(const Command& command, const Arguments& argv, posix_spawn_file_actions_t& silence) {
  pid_t pid = 0;
  // The C library's posix_spawn() is clone() as vfork() does it, then exec.
  const int failed = ::posix_spawnp(&pid, argv[0], &silence, nullptr, argv.data(), environ);
  if (failed != 0) fail(command.name + ": " + argv[0] + ": " + std::strerror(failed));
  return pid;
}

// Runs one part of the command and adds up what it used.
void run_part(const Command& command, const Part& part, posix_spawn_file_actions_t& silence,
              Sum& sum) {
  const double begin = now();
  std::vector<pid_t> pids;
  for (const Arguments& argv : part.at_once) pids.push_back(start(command, argv, silence));
  for (const pid_t pid : pids) {
    int status = 0;
    rusage usage{};
    if (::wait4(pid, &status, 0, &usage) != pid) fail("wait4 failed");
    if (status != 0) fail(command.name + ": ended with wait status " + std::to_string(status));
    if (!part.timed) continue;
    timeradd(&sum.usage.ru_utime, &usage.ru_utime, &sum.usage.ru_utime);
    timeradd(&sum.usage.ru_stime, &usage.ru_stime, &sum.usage.ru_stime);
    sum.usage.ru_maxrss = std::max(sum.usage.ru_maxrss, usage.ru_maxrss);
  }
  if (part.timed) sum.wall += now() - begin;
}

// Runs the command once and records its figures if `count`.
void run(Command& command, posix_spawn_file_actions_t& silence, bool count) {
  Sum sum;
  for (const Part& part : command.parts) run_part(command, part, silence, sum);
  if (!count) return;
  const double cpu = milliseconds(sum.usage.ru_utime) + milliseconds(sum.usage.ru_stime);
  command.wall.push_back(sum.wall);
  command.cpu.push_back(cpu);
  command.blocked.push_back(std::max(0.0, sum.wall - cpu));
  command.memory.push_back(static_cast<double>(sum.usage.ru_maxrss));
}

// The value that `share` of the sorted values do not exceed.
double quantile(const std::vector<double>& sorted, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(index, sorted.size() - 1)];
}

bool is(const char* argument, const char* word) { return std::strcmp(argument, word) == 0; }

void check_parts(Command& command) {
  if (command.parts.empty()) fail(command.name + " has no command");
  for (Part& part : command.parts)
    for (Arguments& argv : part.at_once) {
      if (argv.empty()) fail(command.name + " has an empty command");
      argv.push_back(nullptr);
    }
}

// Reads the commands; each ends at "--" or at the end.
std::vector<Command> parse(int argc, char** argv) {
  std::vector<Command> commands;
  for (int i = 5; i < argc; ++i) {
    Command command;
    command.name = argv[i];
    if (const std::size_t at = command.name.find("<="); at != std::string::npos) {
      command.target = std::atof(command.name.c_str() + at + 2);
      command.name.resize(at);
    }
    if (i + 1 < argc && !is(argv[i + 1], "~")) command.parts.push_back({.at_once = {{}}});
    for (++i; i < argc && !is(argv[i], "--"); ++i) {
      if (is(argv[i], "+") || is(argv[i], "~"))
        command.parts.push_back({.at_once = {{}}, .timed = is(argv[i], "+")});
      else if (is(argv[i], "&"))
        command.parts.back().at_once.emplace_back();
      else
        command.parts.back().at_once.back().push_back(argv[i]);
    }
    check_parts(command);
    commands.push_back(std::move(command));
  }
  return commands;
}

void print_table(std::vector<Command>& commands) {
  for (Command& command : commands) {
    std::sort(command.wall.begin(), command.wall.end());
    std::sort(command.cpu.begin(), command.cpu.end());
    std::sort(command.blocked.begin(), command.blocked.end());
    std::sort(command.memory.begin(), command.memory.end());
  }
  const Command& first = commands[0];
  std::printf("  %-12s %8s %8s %8s %8s %8s %8s   %s\n", "ms", "min", "median", "p99", "cpu",
              "blocked", "KiB", ("ratio of " + first.name + " to it").c_str());
  for (const Command& command : commands) {
    const double median = quantile(command.wall, 0.5);
    std::printf("  %-12s %8.2f %8.2f %8.2f %8.2f %8.2f %8.0f", command.name.c_str(),
                command.wall[0], median, quantile(command.wall, 0.99), quantile(command.cpu, 0.5),
                quantile(command.blocked, 0.5), quantile(command.memory, 0.5));
    if (&command != &first) {
      std::printf("   medians %.2f, minima %.2f", quantile(first.wall, 0.5) / median,
                  first.wall[0] / command.wall[0]);
      if (command.target > 0) std::printf(" (target: at most %.2f)", command.target);
    }
    std::printf("\n");
  }
}

// After print_table(), which sorts. The titles and names are the caller's and need no escapes.
void write_json(const char* path, const char* title, int rounds,
                const std::vector<Command>& commands) {
  std::FILE* const file = std::fopen(path, "ae");
  if (file == nullptr) fail(std::string(path) + ": " + std::strerror(errno));
  std::fprintf(file, R"({"title":"%s","rounds":%d,"commands":[)", title, rounds);
  for (const Command& command : commands) {
    std::fprintf(file, R"(%s{"name":"%s","kib":%.0f,"cpu":%.4f,"min":%.4f)",
                 &command == &commands[0] ? "" : ",", command.name.c_str(),
                 quantile(command.memory, 0.5), quantile(command.cpu, 0.5), command.wall[0]);
    std::fprintf(file, R"(,"p10":%.4f,"median":%.4f,"p99":%.4f})", quantile(command.wall, 0.1),
                 quantile(command.wall, 0.5), quantile(command.wall, 0.99));
  }
  std::fprintf(file, "]}\n");
  if (std::fclose(file) != 0) fail(std::string(path) + ": " + std::strerror(errno));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7)
    fail("usage: time_commands TITLE ROUNDS WARM_UP JSON NAME[<=TARGET] COMMAND... [-- ...]");
  const int rounds = std::atoi(argv[2]);
  const int warm_up = std::atoi(argv[3]);
  if (rounds < 1) fail("ROUNDS must be a positive number");
  std::vector<Command> commands = parse(argc, argv);
  posix_spawn_file_actions_t silence;
  ::posix_spawn_file_actions_init(&silence);
  ::posix_spawn_file_actions_addopen(&silence, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&silence, 1, "/dev/null", O_WRONLY, 0);
  for (int round = 0; round < warm_up + rounds; ++round)
    for (Command& command : commands) run(command, silence, round >= warm_up);
  ::posix_spawn_file_actions_destroy(&silence);
  std::printf("%s, %d rounds\n", argv[1], rounds);
  print_table(commands);
  write_json(argv[4], argv[1], rounds, commands);
  return 0;
}
