// soak --runtime FILE --root DIR --folder DIR --cgroup DIR [--lifecycles N] [--workers N] [--seed
// N]
//      [--only WORKER:NUMBER]
// Lives of containers, many and at random, of several workers at a time; `run`, the script, is how
// to call it and says what must be true.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "lifecycle.h"
#include "machine.h"

namespace soak {
namespace {

constexpr unsigned kRounds = 16;
// What a worker that finds so much wrong would find further is of no use.
constexpr unsigned kEnoughFailures = 5;

struct Options {
  World world;
  unsigned lifecycles = 20000;
  std::string only;  // "": all
};

void set_option(Options& options, const std::string& option, const std::string& value) {
  World& world = options.world;
  if (option == "--runtime")
    world.runtime = value;
  else if (option == "--root")
    world.root = value;
  else if (option == "--folder")
    world.folder = value;
  else if (option == "--cgroup")
    world.cgroup = value;
  else if (option == "--lifecycles")
    options.lifecycles = static_cast<unsigned>(std::stoul(value));
  else if (option == "--workers")
    world.workers = std::clamp(static_cast<unsigned>(std::stoul(value)), 1U, kMostWorkers);
  else if (option == "--seed")
    world.seed = std::stoull(value);
  else if (option == "--patience")
    faults::patience = static_cast<int>(std::stoul(value));
  else if (option == "--only")
    options.only = value;
  else
    throw std::runtime_error("unknown option " + option);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc) throw std::runtime_error(std::string(argv[i]) + " needs a value");
    set_option(options, argv[i], argv[i + 1]);
  }
  for (const Shape& shape : all_shapes()) {
    const std::string file = options.world.folder + '/' + shape.name + ".json";
    if (::access(file.c_str(), F_OK) != 0)
      std::printf("SKIP: soak: containers of the kind %s\n", shape.name);
    else
      options.world.shapes.insert(options.world.shapes.end(), shape.weight, &shape);
  }
  return options;
}

// The processes that a killed command leaves behind come to the worker that started it.
void adopt_orphans() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) throw std::runtime_error("become a subreaper");
}

// The lifecycles from `begin` to `end` of one worker, in a process of its own.
pid_t start_worker(const Worker& worker, unsigned begin, unsigned end) {
  std::fflush(stdout);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int status = 0;
  try {
    adopt_orphans();
    for (unsigned i = begin; i < end && worker.own().failures < kEnoughFailures; ++i)
      Lifecycle(worker, i).run();
  } catch (const std::exception& error) {
    std::printf("FAIL: worker %u: %s\n", worker.index, error.what());
    status = 1;
  }
  std::fflush(stdout);
  ::_exit(status);
}

// Waits for them, and reaps what others left behind meanwhile.
bool wait_for_workers(std::vector<pid_t> workers) {
  bool well = true;
  while (!workers.empty()) {
    int status = 0;
    const pid_t ended = ::waitpid(-1, &status, __WALL);
    if (ended < 0 && errno != EINTR) return false;
    const auto worker = std::find(workers.begin(), workers.end(), ended);
    if (worker == workers.end()) continue;
    workers.erase(worker);
    if (status == 0) continue;
    well = false;
    std::printf("FAIL: a worker ended with %d\n", faults::shell_status(status));
  }
  return well;
}

Words on_root(const World& world, const Words& words) {
  Words all = {world.runtime, "--root", world.root};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

// What the workers shared; and whatever of them has not ended.
bool clear_shared(const World& world) {
  bool well = true;
  for (unsigned i = 0; i < kSharedIds; ++i) {
    const faults::Finished done = faults::run(on_root(world, {"delete", "--force", shared_id(i)}));
    if (done.in_time && done.status == 0 && done.err.empty()) continue;
    std::printf("FAIL: delete --force %s: status %d: %s\n", shared_id(i).c_str(), done.status,
                done.err.c_str());
    well = false;
  }
  // A process that was killed takes a moment to end.
  faults::wait_for_all(faults::patience);
  return well;
}

unsigned sum_of(const Tally& tally, unsigned WorkerTally::*member) {
  unsigned sum = 0;
  for (const WorkerTally& worker : tally.workers) sum += worker.*member;
  return sum;
}

class Soak {
 public:
  explicit Soak(const Options& options)
      : options_(options),
        world_(options.world),
        tally_(make_tally()),
        places_{world_.root, world_.folder, world_.cgroup} {}

  bool run() {
    adopt_orphans();
    warm_up();
    first_ = look(places_, 0);
    print_head();
    print_sample(first_);
    const unsigned each = (options_.lifecycles + world_.workers - 1) / world_.workers;
    const unsigned rounds = std::min(kRounds, each);
    for (unsigned i = 0; i < rounds && well_; ++i)
      round(each * i / rounds, each * (i + 1) / rounds, each);
    return report();
  }

  bool run_one(const std::string& which) {
    adopt_orphans();
    const std::size_t colon = which.find(':');
    if (colon == std::string::npos) throw std::runtime_error("--only takes WORKER:NUMBER");
    const Worker worker = {.world = world_,
                           .tally = tally_,
                           .index = static_cast<unsigned>(std::stoul(which)) % kMostWorkers};
    first_ = look(places_, 0);
    {
      Lifecycle one(worker, static_cast<unsigned>(std::stoul(which.substr(colon + 1))));
      well_ = one.run();
      std::printf("%s\n", one.history().c_str());
    }
    return rest() && well_;
  }

 private:
  // What the first containers leave on purpose: mount points in the root file system, and the
  // folder of filters.
  void warm_up() {
    const faults::Finished done = faults::run(on_root(world_, {"list", "--quiet"}));
    if (done.status != 0) throw std::runtime_error("list does not work: " + done.err);
  }

  void round(unsigned begin, unsigned end, unsigned each) {
    std::vector<pid_t> workers;
    for (unsigned i = 0; i < world_.workers; ++i)
      workers.push_back(start_worker({.world = world_,
                                      .tally = tally_,
                                      .index = i,
                                      .early = begin < each / 4,
                                      .late = begin >= each - each / 4 - 1},
                                     begin, end));
    if (!wait_for_workers(std::move(workers))) well_ = false;
    if (!rest()) well_ = false;
    if (sum_of(tally_, &WorkerTally::failures) >= kEnoughFailures * world_.workers) well_ = false;
  }

  // No worker is at work. False when something is there that ought not to be.
  bool rest() {
    const bool cleared = clear_shared(world_);
    const Sample sample = look(places_, sum_of(tally_, &WorkerTally::lifecycles));
    print_sample(sample);
    if (is_flat(first_, sample)) return cleared;
    std::printf("FAIL: left behind: %s\n", name_leftovers(places_).c_str());
    return false;
  }

  bool report() {
    using Seconds = std::chrono::duration<double>;
    const double seconds = Seconds(std::chrono::steady_clock::now() - begin_).count();
    const unsigned lifecycles = sum_of(tally_, &WorkerTally::lifecycles);
    const unsigned failures = sum_of(tally_, &WorkerTally::failures);
    std::printf("\n");
    if (!print_commands(tally_)) well_ = false;
    std::printf(
        "\nsoak: %u lifecycles by %u workers in %.0f s, %u with others or kills; seed %llu; %u "
        "failures\n",
        lifecycles, world_.workers, seconds, sum_of(tally_, &WorkerTally::disturbed),
        static_cast<unsigned long long>(world_.seed), failures);
    return well_ && failures == 0 && lifecycles >= options_.lifecycles;
  }

  const Options& options_;
  const World& world_;
  Tally& tally_;
  const Places places_;
  Sample first_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool well_ = true;
};

}  // namespace
}  // namespace soak

int main(int argc, char** argv) {
  try {
    faults::patience = 60;
    const soak::Options options = soak::parse(argc, argv);
    soak::Soak soak(options);
    const bool well = options.only.empty() ? soak.run() : soak.run_one(options.only);
    return well ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "soak: %s\n", error.what());
    return 2;
  }
}
