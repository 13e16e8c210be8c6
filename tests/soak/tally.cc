#include "tally.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <new>
#include <stdexcept>

namespace soak {

namespace {

// Memory that differs from run to run, with the pages that happen to be shared.
constexpr long kPeakNoiseKb = 1024;

Counts sum_of(const Tally& tally, unsigned command) {
  Counts sum;
  for (const WorkerTally& worker : tally.workers) {
    const Counts& one = worker.of[command];
    sum.worked += one.worked;
    sum.refused += one.refused;
    sum.killed += one.killed;
    sum.early_peak_kb = std::max(sum.early_peak_kb, one.early_peak_kb);
    sum.late_peak_kb = std::max(sum.late_peak_kb, one.late_peak_kb);
  }
  return sum;
}

}  // namespace

unsigned command_index(const std::string& name) {
  for (unsigned i = 0; i < kCommandCount; ++i)
    if (name == kCommands[i]) return i;
  throw std::runtime_error("no such command: " + name);
}

Tally& make_tally() {
  void* const memory =
      ::mmap(nullptr, sizeof(Tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::runtime_error("mmap");
  return *new (memory) Tally{};
}

bool print_commands(const Tally& tally) {
  bool flat = true;
  std::printf("%-8s %8s %8s %8s  %14s %14s\n", "command", "worked", "refused", "killed",
              "peak KB early", "late");
  for (unsigned i = 0; i < kCommandCount; ++i) {
    const Counts sum = sum_of(tally, i);
    std::printf("%-8s %8u %8u %8u  %14ld %14ld\n", kCommands[i], sum.worked, sum.refused,
                sum.killed, sum.early_peak_kb, sum.late_peak_kb);
    if (sum.early_peak_kb == 0 || sum.late_peak_kb <= sum.early_peak_kb + kPeakNoiseKb) continue;
    std::printf("FAIL: %s needs more memory than in the beginning\n", kCommands[i]);
    flat = false;
  }
  return flat;
}

}  // namespace soak
