#include "base/timings.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>

#include "base/concat.h"
#include "brig/error.h"

namespace brig::timings {

namespace {

using Nanoseconds = std::int64_t;

struct Phase {
  const char* name = nullptr;
  Nanoseconds start = 0;
};

struct List {
  int fd = -1;
  std::string head;  // what all lines start with
  const char* side = "host";
  Nanoseconds origin = 0;
  std::array<Phase, 32> phases;
  std::size_t count = 0;
};

List& list() {
  static List the_list;
  return the_list;
}

Nanoseconds read_clock(clockid_t clock) noexcept {
  timespec now = {};
  ::clock_gettime(clock, &now);
  return now.tv_sec * Nanoseconds{1'000'000'000} + now.tv_nsec;
}

// Microseconds with one decimal.
std::string microseconds(Nanoseconds duration) {
  return concat(duration / 1000, '.', duration % 1000 / 100);
}

}  // namespace

void configure(const std::string& file, std::string_view command, std::string_view container) {
  List& the = list();
  the.fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
  if (the.fd < 0) throw Error(concat("open timings file ", file), errno);
  the.head = concat(R"({"command":")", command, R"(","id":")", container, '"');
  the.origin = read_clock(CLOCK_MONOTONIC) - read_clock(CLOCK_PROCESS_CPUTIME_ID);
  the.phases[0] = {"start-up", the.origin};
  the.count = 1;
  enabled = true;
  begin("options");
}

namespace detail {

void note(const char* phase) noexcept {
  List& the = list();
  if (the.count == the.phases.size()) return;  // it counts to the last one
  the.phases[the.count++] = {phase, read_clock(CLOCK_MONOTONIC)};
}

void write() noexcept {
  List& the = list();
  try {
    std::string lines;
    const Nanoseconds now = read_clock(CLOCK_MONOTONIC);
    for (std::size_t i = 0; i < the.count; ++i) {
      const Nanoseconds start = the.phases[i].start;
      const Nanoseconds end = i + 1 < the.count ? the.phases[i + 1].start : now;
      append(lines, the.head, R"(,"side":")", the.side, R"(","phase":")", the.phases[i].name,
             R"(","start_us":)", microseconds(start - the.origin), R"(,"us":)",
             microseconds(end - start), "}\n");
    }
    the.count = 0;
    // Nobody waits for the figures of a command that has done its work.
    [[maybe_unused]] const ssize_t put = ::write(the.fd, lines.data(), lines.size());
  } catch (const std::exception&) {
    the.count = 0;  // no memory for the lines
  }
}

}  // namespace detail

void enter_container() noexcept {
  if (!enabled) return;
  list().side = "container";
  list().count = 0;
}

}  // namespace brig::timings
