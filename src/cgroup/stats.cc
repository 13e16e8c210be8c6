#include "cgroup/stats.h"

#include <charconv>
#include <limits>

#include "base/concat.h"
#include "brig/error.h"
#include "cgroup/files.h"
#include "sys/file.h"

namespace brig::cgroup {

namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kNanosecondsPerMicrosecond = 1000;

double parse_double(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "avg10=0.00 avg60=0.00 avg300=0.00 total=0"
PressureLine parse_pressure_line(std::string_view line) {
  PressureLine pressure;
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = word.substr(0, equals);
    const std::string_view value = word.substr(equals + 1);
    if (key == "avg10") pressure.avg10 = parse_double(value);
    if (key == "avg60") pressure.avg60 = parse_double(value);
    if (key == "avg300") pressure.avg300 = parse_double(value);
    if (key == "total") pressure.total = parse_value(value).value_or(0);
  }
  return pressure;
}

// None when the kernel keeps no pressure information (psi=0, or switched off for the cgroup).
std::optional<Pressure> read_pressure(int directory, const char* file) {
  const std::optional<std::string> text = read_text(directory, file);
  if (!text) return std::nullopt;
  Pressure pressure;
  std::string_view rest = *text;
  std::string_view line;
  while (next_line(rest, line)) {
    const std::string_view kind = next_word(line);
    if (kind == "some") pressure.some = parse_pressure_line(line);
    if (kind == "full") pressure.full = parse_pressure_line(line);
  }
  return pressure;
}

CpuStats read_cpu(int directory) {
  // Every cgroup has this file, with or without the controller.
  const std::string text =
      sys::read_file_at(directory, "cpu.stat").or_throw("read cpu.stat of the container's cgroup");
  const auto nanoseconds = [&](std::string_view key) {
    return find_flat_value(text, key).value_or(0) * kNanosecondsPerMicrosecond;
  };
  CpuStats cpu;
  cpu.total = nanoseconds("usage_usec");
  cpu.user = nanoseconds("user_usec");
  cpu.kernel = nanoseconds("system_usec");
  cpu.periods = find_flat_value(text, "nr_periods").value_or(0);
  cpu.throttled_periods = find_flat_value(text, "nr_throttled").value_or(0);
  cpu.throttled_time = nanoseconds("throttled_usec");
  cpu.pressure = read_pressure(directory, "cpu.pressure");
  return cpu;
}

MemoryEntry read_memory_entry(int directory, const std::string& prefix) {
  MemoryEntry entry;
  entry.usage = single_value(directory, prefix + ".current").value_or(0);
  entry.limit = single_value(directory, prefix + ".max").value_or(0);
  entry.max = single_value(directory, prefix + ".peak").value_or(0);
  return entry;
}

MemoryStats read_memory(int directory) {
  MemoryStats memory;
  memory.pressure = read_pressure(directory, "memory.pressure");
  const std::optional<std::string> text = read_text(directory, "memory.stat");
  if (!text) return memory;
  std::string_view rest = *text;
  std::string_view line;
  while (next_line(rest, line)) {
    const std::string key(next_word(line));
    if (const std::optional<std::uint64_t> value = parse_value(next_word(line)))
      memory.raw.emplace(key, *value);
  }
  const auto file = memory.raw.find("file");
  memory.cache = file == memory.raw.end() ? 0 : file->second;
  memory.usage = read_memory_entry(directory, "memory");
  memory.swap = read_memory_entry(directory, "memory.swap");
  memory.swap.usage += memory.usage.usage;
  const bool unlimited = memory.swap.limit == kNone || memory.usage.limit == kNone;
  memory.swap.limit = unlimited ? kNone : memory.swap.limit + memory.usage.limit;
  // The two peaks need not have been at the same time.
  memory.swap.max = 0;
  return memory;
}

PidsStats read_pids(int directory) {
  PidsStats pids;
  if (const std::optional<std::uint64_t> current = single_value(directory, "pids.current")) {
    pids.current = *current;
    const std::uint64_t limit = single_value(directory, "pids.max").value_or(kNone);
    pids.limit = limit == kNone ? 0 : limit;
    return pids;
  }
  // Without the controller: at least the processes of this very cgroup.
  std::optional<std::string> list = read_text(directory, "cgroup.procs");
  if (!list) list = read_text(directory, "cgroup.threads");
  std::string_view rest = list ? std::string_view(*list) : std::string_view();
  for (std::string_view line; next_line(rest, line);) ++pids.current;
  return pids;
}

// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6"
void parse_io_line(std::string_view line, BlkioStats& blkio) {
  const std::string_view device = next_word(line);
  const std::size_t colon = device.find(':');
  if (colon == std::string_view::npos) return;
  BlkioEntry entry;
  entry.major = parse_value(device.substr(0, colon)).value_or(0);
  entry.minor = parse_value(device.substr(colon + 1)).value_or(0);
  for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = word.substr(0, equals);
    entry.value = parse_value(word.substr(equals + 1)).value_or(0);
    entry.op = key.starts_with('r') ? "Read" : "Write";
    if (key == "rbytes" || key == "wbytes") blkio.service_bytes.push_back(entry);
    if (key == "rios" || key == "wios") blkio.serviced.push_back(entry);
  }
}

BlkioStats read_blkio(int directory) {
  BlkioStats blkio;
  blkio.pressure = read_pressure(directory, "io.pressure");
  const std::optional<std::string> text = read_text(directory, "io.stat");
  if (!text) return blkio;
  std::string_view rest = *text;
  std::string_view line;
  while (next_line(rest, line)) parse_io_line(line, blkio);
  return blkio;
}

std::map<std::string, HugetlbStats> read_hugetlb(int directory) {
  std::map<std::string, HugetlbStats> sizes;
  const sys::Result<std::vector<sys::DirectoryEntry>> files = sys::list_directory(directory);
  if (!files) return sizes;
  constexpr std::string_view kPrefix = "hugetlb.";
  constexpr std::string_view kSuffix = ".events";
  for (const sys::DirectoryEntry& file : *files) {
    std::string_view size = file.name;
    if (!size.starts_with(kPrefix) || !size.ends_with(kSuffix)) continue;
    size.remove_prefix(kPrefix.size());
    size.remove_suffix(kSuffix.size());
    if (size.find('.') != std::string_view::npos) continue;  // hugetlb.2MB.events.local and others
    std::optional<std::uint64_t> usage =
        single_value(directory, concat(kPrefix, size, ".rsvd.current"));
    if (!usage) usage = single_value(directory, concat(kPrefix, size, ".current"));
    sizes[std::string(size)] = {usage.value_or(0),
                                flat_value(directory, file.name, "max").value_or(0)};
  }
  return sizes;
}

}  // namespace

Stats read_stats(int directory) {
  Stats stats;
  stats.cpu = read_cpu(directory);
  stats.memory = read_memory(directory);
  stats.pids = read_pids(directory);
  stats.blkio = read_blkio(directory);
  stats.hugetlb = read_hugetlb(directory);
  return stats;
}

}  // namespace brig::cgroup
