#include "sys/inotify.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cstring>

namespace brig::sys {

Result<OwnFd> open_inotify() {
  const int fd = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return Result<OwnFd>::last_error();
  return OwnFd(fd);
}

Result<void> add_watch(int inotify, const std::string& path, std::uint32_t events) {
  return Result<void>::of(::inotify_add_watch(inotify, path.c_str(), events));
}

Result<std::uint32_t> drain_inotify(int inotify) {
  std::uint32_t seen = 0;
  char block[4096];
  for (;;) {
    const ssize_t got = ::read(inotify, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return seen;
    if (got < 0) return Result<std::uint32_t>::last_error();
    const char* const end = block + got;
    for (const char* at = block; at < end;) {
      inotify_event event;
      std::memcpy(&event, at, sizeof event);
      seen |= event.mask;
      at += sizeof event + event.len;
    }
  }
}

}  // namespace brig::sys
