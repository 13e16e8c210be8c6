// Tells when the kernel killed a process of a cgroup for lack of memory, and when the cgroup is
// empty or gone: what `events` waits for.
#pragma once

#include <cstdint>
#include <string>

#include "sys/fd.h"

namespace brig::cgroup {

class OomWatch {
 public:
  // Watches the cgroup at `path`; throws when it does not exist.
  explicit OomWatch(const std::string& path);

  // Readable (POLLIN) when read() has something to say. The kernel tells nobody when a cgroup is
  // removed within 10 ms of its last process's end, so wait with a timeout, or for that process
  // too.
  [[nodiscard]] int fd() const noexcept { return inotify_.get(); }

  struct Happened {
    bool oom = false;   // processes were killed since the last call
    bool gone = false;  // no process is left, or the cgroup was removed
  };
  // Takes all pending notifications; does not block.
  Happened read();

 private:
  sys::OwnFd directory_;
  sys::OwnFd inotify_;
  std::uint64_t kills_ = 0;
};

}  // namespace brig::cgroup
