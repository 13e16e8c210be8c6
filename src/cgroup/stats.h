// The resource usage of a cgroup, read from its files: what `events --stats` prints.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace brig::cgroup {

// Pressure stall information of one resource (psi.rst): percentages, and microseconds in `total`.
struct PressureLine {
  double avg10 = 0;
  double avg60 = 0;
  double avg300 = 0;
  std::uint64_t total = 0;
};
struct Pressure {
  PressureLine some;
  PressureLine full;
};

// Times in nanoseconds.
struct CpuStats {
  std::uint64_t total = 0;
  std::uint64_t user = 0;
  std::uint64_t kernel = 0;
  std::uint64_t periods = 0;
  std::uint64_t throttled_periods = 0;
  std::uint64_t throttled_time = 0;
  std::optional<Pressure> pressure;
};

// Bytes; a limit of UINT64_MAX means none.
struct MemoryEntry {
  std::uint64_t usage = 0;
  std::uint64_t max = 0;  // highest usage seen
  std::uint64_t limit = 0;
};
struct MemoryStats {
  std::uint64_t cache = 0;
  MemoryEntry usage;
  MemoryEntry swap;                          // memory and swap together, as cgroup v1 counts
  std::map<std::string, std::uint64_t> raw;  // memory.stat
  std::optional<Pressure> pressure;
};

// `limit` 0: none.
struct PidsStats {
  std::uint64_t current = 0;
  std::uint64_t limit = 0;
};

// One counter of one device; `op` is "Read" or "Write".
struct BlkioEntry {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  const char* op = "";
  std::uint64_t value = 0;
};
struct BlkioStats {
  std::vector<BlkioEntry> service_bytes;
  std::vector<BlkioEntry> serviced;
  std::optional<Pressure> pressure;
};

struct HugetlbStats {
  std::uint64_t usage = 0;
  std::uint64_t failcnt = 0;
};

struct Stats {
  CpuStats cpu;
  MemoryStats memory;
  PidsStats pids;
  BlkioStats blkio;
  std::map<std::string, HugetlbStats> hugetlb;  // by page size: "2MB"
};

// Reads the files below the directory descriptor `directory`. What its controllers do not provide
// stays zero or empty; only a directory that is gone throws.
Stats read_stats(int directory);

}  // namespace brig::cgroup
