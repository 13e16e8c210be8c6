// faults [OPTION]...: does faults to a container runtime, one at each system call of its commands,
// and prints what became of it. README.md says what is expected; `run`, the script, is how to call
// it.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string_view>

#include "commands.h"

namespace faults {
namespace {

struct Options {
  Template from;
  unsigned jobs = 4;
  unsigned sample = 0;  // 0: all
  std::string command;  // "": all
  std::string point;    // "": all
  std::string fault;    // "": all
  bool verbose = false;
};

// What a worker says of one trial.
struct Slot {
  Verdict verdict;
  bool done;
  float milliseconds;
  char why[1000];
};

// Shared by all workers.
struct Board {
  std::atomic<std::size_t> next;
  Slot* slots;  // one for each trial
};

// Runs `work` in a worker: process 1 of a process id namespace of its own. Returns its pid here.
template <class Work>
pid_t start_worker(const Options& options, unsigned number, const Work& work) {
  const long pid = ::syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
  if (pid < 0) throw std::runtime_error(std::string("a worker: ") + std::strerror(errno));
  if (pid != 0) return static_cast<pid_t>(pid);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int status = 0;
  try {
    World world(options.from, number);
    Trials trials(world);
    work(trials);
  } catch (const std::exception& error) {
    std::printf("faults: worker %u: %s\n", number, error.what());
    status = 1;
  }
  std::fflush(stdout);
  ::_exit(status);
}

bool ended_well(pid_t worker) {
  int status = 0;
  return ::waitpid(worker, &status, 0) == worker && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool wanted(const Options& options, const Trial& trial) {
  if (!options.point.empty() && trial.point.name() != options.point) return false;
  return options.fault.empty() || fault_name(trial.fault) == options.fault;
}

// The trials of all wanted commands, found by a worker that runs each command once.
std::vector<Trial> list_trials(const Options& options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) throw std::runtime_error("pipe");
  const pid_t worker = start_worker(options, 0, [&](Trials& trials) {
    std::FILE* const out = ::fdopen(ends[1], "we");
    for (unsigned i = 0; i < commands().size(); ++i) {
      if (!options.command.empty() && options.command != commands()[i].name) continue;
      for (const Trial& trial : trials.list(i))
        std::fprintf(out, "%u %s %ld %u %d %d %u\n", i, trial.point.role.c_str(),
                     trial.point.number, trial.point.ordinal, static_cast<int>(trial.fault.kind),
                     trial.fault.error, trial.to_end);
    }
    std::fclose(out);
  });
  ::close(ends[1]);
  std::FILE* const in = ::fdopen(ends[0], "re");
  std::vector<Trial> all;
  Trial trial;
  char role[32];
  int kind = 0;
  while (std::fscanf(in, "%u %31s %ld %u %d %d %u", &trial.command, role, &trial.point.number,
                     &trial.point.ordinal, &kind, &trial.fault.error, &trial.to_end) == 7) {
    trial.point.role = role;
    trial.fault.kind = static_cast<Fault::Kind>(kind);
    if (wanted(options, trial)) all.push_back(trial);
  }
  std::fclose(in);
  if (!ended_well(worker)) throw std::runtime_error("the points cannot be listed");
  return all;
}

// Every n-th, the same each time.
std::vector<Trial> sample(const std::vector<Trial>& all, unsigned count) {
  if (count == 0 || count >= all.size()) return all;
  std::vector<Trial> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[i * all.size() / count]);
  return some;
}

void try_one(Trials& trials, const Trial& trial, Slot& slot) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const Judgement judgement = trials.run(trial);
  slot.verdict = judgement.verdict;
  std::snprintf(slot.why, sizeof slot.why, "%s", judgement.why.c_str());
  slot.milliseconds = std::chrono::duration<float, std::milli>(Clock::now() - start).count();
  slot.done = true;
}

Board& make_board(std::size_t count) {
  void* const memory = ::mmap(nullptr, sizeof(Board) + count * sizeof(Slot), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap");
  auto& board = *new (memory) Board{};
  board.slots = static_cast<Slot*>(static_cast<void*>(static_cast<char*>(memory) + sizeof(Board)));
  return board;
}

// False when a worker could not do its work.
bool try_all(const Options& options, const std::vector<Trial>& trials, Board& board) {
  std::vector<pid_t> workers;
  for (unsigned i = 0; i < options.jobs && i < trials.size(); ++i)
    workers.push_back(start_worker(options, i, [&](Trials& in) {
      for (std::size_t at; (at = board.next++) < trials.size();)
        try_one(in, trials[at], board.slots[at]);
    }));
  bool well = true;
  for (const pid_t worker : workers) well = ended_well(worker) && well;
  return well;
}

// ---- The report --------------------------------------------------------------------------------

const char* word(const Slot& slot) {
  if (!slot.done) return "FAIL";
  switch (slot.verdict) {
    case Verdict::kRemoved:
      return "removed";
    case Verdict::kRefused:
      return "refused";
    case Verdict::kWorked:
      return "worked";
    case Verdict::kUnreached:
      return "unreached";
    case Verdict::kFailed:
      break;
  }
  return "FAIL";
}

void print_trial(const Trial& trial, const Slot& slot) {
  std::printf("%s: --command %s --point %s --errno %s", word(slot), commands()[trial.command].name,
              trial.point.name().c_str(), fault_name(trial.fault).c_str());
  if (!slot.done)
    std::printf(": its worker died");
  else if (slot.why[0] != '\0')
    std::printf(": %s", slot.why);
  std::printf("\n");
}

struct Sums {
  unsigned kills = 0;
  unsigned errors = 0;
  unsigned count[5] = {};
  double milliseconds = 0;
};

// A command that takes another way now and then does not come to some points; more than a few mean
// that the trials are none.
constexpr unsigned kUnreachedShare = 20;
constexpr unsigned kUnreachedFew = 3;

int report(const std::vector<Trial>& trials, const Board& board, bool verbose) {
  std::vector<Sums> sums(commands().size());
  unsigned failed = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const Slot& slot = board.slots[i];
    Sums& sum = sums[trials[i].command];
    ++(trials[i].fault.kind == Fault::Kind::kKill ? sum.kills : sum.errors);
    const Verdict verdict = slot.done ? slot.verdict : Verdict::kFailed;
    ++sum.count[static_cast<int>(verdict)];
    sum.milliseconds += static_cast<double>(slot.milliseconds);
    if (verdict == Verdict::kFailed) ++failed;
    if (verbose || verdict == Verdict::kFailed) print_trial(trials[i], slot);
  }
  std::printf("%-14s %6s %6s  %7s %7s %7s %6s %9s %7s\n", "command", "kills", "errors", "removed",
              "refused", "worked", "FAIL", "unreached", "ms each");
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const Sums& sum = sums[i];
    const unsigned all = sum.kills + sum.errors;
    if (all == 0) continue;
    const auto of = [&sum](Verdict verdict) { return sum.count[static_cast<int>(verdict)]; };
    std::printf("%-14s %6u %6u  %7u %7u %7u %6u %9u %7.1f\n", commands()[i].name, sum.kills,
                sum.errors, of(Verdict::kRemoved), of(Verdict::kRefused), of(Verdict::kWorked),
                of(Verdict::kFailed), of(Verdict::kUnreached), sum.milliseconds / all);
    if (of(Verdict::kUnreached) > all / kUnreachedShare + kUnreachedFew) {
      std::printf("FAIL: %s did not come to %u of %u points\n", commands()[i].name,
                  of(Verdict::kUnreached), all);
      ++failed;
    }
  }
  std::printf("%zu points, %u failed\n", trials.size(), failed);
  return failed == 0 ? 0 : 1;
}

// ---- The command line --------------------------------------------------------------------------

void set_option(Options& options, const std::string& option, const std::string& value) {
  const auto number = [&value] { return static_cast<unsigned>(std::stoul(value)); };
  if (option == "--runtime")
    options.from.runtime = value;
  else if (option == "--bundle")
    options.from.bundle = value;
  else if (option == "--cgroup")
    options.from.cgroup = value;
  else if (option == "--jobs")
    options.jobs = number();
  else if (option == "--sample")
    options.sample = number();
  else if (option == "--patience")
    patience = static_cast<int>(number());
  else if (option == "--command")
    options.command = value;
  else if (option == "--point")
    options.point = value;
  else if (option == "--errno")
    options.fault = fault_name(parse_fault(value));
  else
    throw std::runtime_error("unknown option " + option);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--pure-v2")
      options.from.pure_v2 = true;
    else if (option == "--verbose")
      options.verbose = true;
    else if (++i == argc)
      throw std::runtime_error(option + " needs a value");
    else
      set_option(options, option, argv[i]);
  }
  return options;
}

int run_all(int argc, char** argv) {
  const Options options = parse(argc, argv);
  if (!can_trace()) {
    std::printf("SKIP: faults: knows the registers of x86_64 only\n");
    return 77;
  }
  const std::vector<Trial> trials = sample(list_trials(options), options.sample);
  if (trials.empty()) throw std::runtime_error("there is no such point");
  Board& board = make_board(trials.size());
  const bool well = try_all(options, trials, board);
  const int status = report(trials, board, options.verbose);
  return well ? status : 1;
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
  try {
    return faults::run_all(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "faults: %s\n", error.what());
    return 2;
  }
}
