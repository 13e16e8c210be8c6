// Times commands against each other. In each round every command runs once, so that a change of the
// machine's load hits all of them alike; docs/performance.md says how to read the table.
//
//   time_commands ROUNDS WARM_UP NAME[<=TARGET] COMMAND [ARGUMENT]... [-- NAME[<=TARGET] COMMAND
//   ...]...
//
// The ratios are those of the first command to each other one; TARGET is what its ratio may be.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

struct Command {
  std::string name;
  double target = 0;  // 0: none
  std::vector<char*> argv;
  std::vector<double> wall;  // milliseconds
  std::vector<double> cpu;   // milliseconds of it and its descendants that were waited for
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

// Runs the command once, without input and output, and records its times if `count`.
void run(Command& command, posix_spawn_file_actions_t& silence, bool count) {
  const double start = now();
  pid_t pid = 0;
  // The C library's posix_spawn() is clone() as vfork() does it, then exec.
  const int failed =
      ::posix_spawnp(&pid, command.argv[0], &silence, nullptr, command.argv.data(), environ);
  if (failed != 0) fail(command.name + ": " + command.argv[0] + ": " + std::strerror(failed));
  int status = 0;
  rusage usage{};
  if (::wait4(pid, &status, 0, &usage) != pid) fail("wait4 failed");
  const double end = now();
  if (status != 0) fail(command.name + ": ended with wait status " + std::to_string(status));
  if (!count) return;
  command.wall.push_back(end - start);
  command.cpu.push_back(milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime));
}

// The value that `share` of the sorted values do not exceed.
double quantile(const std::vector<double>& sorted, double share) {
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(index, sorted.size() - 1)];
}

// Reads the commands; each ends at "--" or at the end.
std::vector<Command> parse(int argc, char** argv) {
  std::vector<Command> commands;
  for (int i = 3; i < argc; ++i) {
    Command command;
    command.name = argv[i];
    if (const std::size_t at = command.name.find("<="); at != std::string::npos) {
      command.target = std::atof(command.name.c_str() + at + 2);
      command.name.resize(at);
    }
    for (++i; i < argc && std::strcmp(argv[i], "--") != 0; ++i) command.argv.push_back(argv[i]);
    if (command.argv.empty()) fail(command.name + " has no command");
    command.argv.push_back(nullptr);
    commands.push_back(std::move(command));
  }
  return commands;
}

void print_table(std::vector<Command>& commands) {
  for (Command& command : commands) {
    std::sort(command.wall.begin(), command.wall.end());
    std::sort(command.cpu.begin(), command.cpu.end());
  }
  const Command& first = commands[0];
  std::printf("  %-16s %9s %9s %9s %9s   %s\n", "milliseconds", "min", "median", "p90", "cpu",
              ("ratio of " + first.name + " to it").c_str());
  for (const Command& command : commands) {
    const double median = quantile(command.wall, 0.5);
    std::printf("  %-16s %9.2f %9.2f %9.2f %9.2f", command.name.c_str(), command.wall[0], median,
                quantile(command.wall, 0.9), quantile(command.cpu, 0.5));
    if (&command != &first) {
      std::printf("   medians %.2f, minima %.2f", quantile(first.wall, 0.5) / median,
                  first.wall[0] / command.wall[0]);
      if (command.target > 0) std::printf(" (target: at most %.2f)", command.target);
    }
    std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) fail("usage: time_commands ROUNDS WARM_UP NAME[<=TARGET] COMMAND... [-- ...]");
  const int rounds = std::atoi(argv[1]);
  const int warm_up = std::atoi(argv[2]);
  if (rounds < 1) fail("ROUNDS must be a positive number");
  std::vector<Command> commands = parse(argc, argv);
  posix_spawn_file_actions_t silence;
  ::posix_spawn_file_actions_init(&silence);
  ::posix_spawn_file_actions_addopen(&silence, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&silence, 1, "/dev/null", O_WRONLY, 0);
  for (int round = 0; round < warm_up + rounds; ++round)
    for (Command& command : commands) run(command, silence, round >= warm_up);
  ::posix_spawn_file_actions_destroy(&silence);
  print_table(commands);
  return 0;
}
