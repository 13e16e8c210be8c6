#include "isolate/oom.h"

#include <fcntl.h>

#include <string>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/file.h"
#include "sys/procfs.h"

namespace brig::isolate {

namespace {

constexpr const char* kFile = "oom_score_adj";

// The value the process has now, without the newline; empty when it cannot be read.
std::string current_value(int process_dir) {
  const sys::Result<sys::OwnFd> file = sys::open_proc_file(process_dir, kFile, O_RDONLY);
  if (!file) return {};
  sys::Result<std::string> text = sys::read_all((*file).get());
  if (!text) return {};
  return (*text).substr(0, (*text).find('\n'));
}

}  // namespace

void set_oom_score_adj(int process_dir, std::int32_t value) {
  const sys::Result<void> written = sys::write_proc_file(process_dir, kFile, concat(value));
  if (written.error() == EACCES || written.error() == EPERM)
    throw Error(concat("process.oomScoreAdj: ", value, " is lower than the inherited ",
                       current_value(process_dir),
                       ", which only a runtime with CAP_SYS_RESOURCE may set; use ",
                       current_value(process_dir), " or more"));
  if (written.error() == EINVAL)
    throw Error(concat("process.oomScoreAdj: ", value, " is not in -1000..1000"), EINVAL);
  written.or_throw("process.oomScoreAdj: set ", value);
}

}  // namespace brig::isolate
