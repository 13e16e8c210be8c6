#include "cgroup/events.h"

#include <sys/inotify.h>

#include "base/concat.h"
#include "cgroup/files.h"
#include "sys/file.h"
#include "sys/inotify.h"

namespace brig::cgroup {

OomWatch::OomWatch(const std::string& path)
    : directory_(sys::open_at(AT_FDCWD, path, O_RDONLY | O_DIRECTORY)
                     .or_throw("open the container's cgroup ", path)),
      inotify_(sys::open_inotify().or_throw("watch the container's cgroup ", path)) {
  sys::add_watch(inotify_.get(), concat(path, "/cgroup.events"), IN_MODIFY | IN_DELETE_SELF)
      .or_throw("watch ", path, "/cgroup.events");
  const sys::Result<void> watched =
      sys::add_watch(inotify_.get(), concat(path, "/memory.events"), IN_MODIFY);
  // Without the memory controller there is no such file and no such event.
  if (!watched && watched.error() != ENOENT) watched.or_throw("watch ", path, "/memory.events");
  kills_ = flat_value(directory_.get(), "memory.events", "oom_kill").value_or(0);
}

OomWatch::Happened OomWatch::read() {
  sys::drain_inotify(inotify_.get()).or_throw("read the notifications of the container's cgroup");
  Happened happened;
  const std::uint64_t kills =
      flat_value(directory_.get(), "memory.events", "oom_kill").value_or(kills_);
  happened.oom = kills > kills_;
  kills_ = kills;
  happened.gone = flat_value(directory_.get(), "cgroup.events", "populated").value_or(0) == 0;
  return happened;
}

}  // namespace brig::cgroup
