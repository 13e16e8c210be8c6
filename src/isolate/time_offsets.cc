#include "isolate/time_offsets.h"

#include "base/concat.h"
#include "brig/error.h"
#include "sys/procfs.h"

namespace brig::isolate {

std::string time_offsets_text(const std::map<std::string, TimeOffset>& offsets) {
  std::string text;
  for (const auto& [clock, offset] : offsets)
    append(text, clock, ' ', offset.secs, ' ', offset.nanosecs, '\n');
  return text;
}

void write_time_offsets(int proc, const std::map<std::string, TimeOffset>& offsets) {
  if (offsets.empty()) return;
  const sys::Result<void> written =
      sys::write_proc_file(proc, "self/timens_offsets", time_offsets_text(offsets));
  if (written.error() == ERANGE)
    throw Error("linux.timeOffsets: a clock would be negative or beyond 146 years");
  if (written.error() == EACCES)
    throw Error("linux.timeOffsets: a process is in the time namespace already");
  written.or_throw("linux.timeOffsets: write /proc/self/timens_offsets");
}

}  // namespace brig::isolate
