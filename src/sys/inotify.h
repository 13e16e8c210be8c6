// File change notifications. inotify(7).
#pragma once

#include <cstdint>
#include <string>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// A close-on-exec, non-blocking inotify descriptor. inotify_init1(2).
Result<OwnFd> open_inotify();

// Watches `path` for `events` (IN_*). inotify_add_watch(2). Watches end with the descriptor.
Result<void> add_watch(int inotify, const std::string& path, std::uint32_t events);

// Takes everything that is pending and returns the union of the events' masks; 0 when nothing was.
Result<std::uint32_t> drain_inotify(int inotify);

}  // namespace brig::sys
