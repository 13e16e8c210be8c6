#include "sys/ns.h"

#include <sched.h>

#include "sys/file.h"

namespace brig::sys {

Result<void> enter_namespaces(int fd, int flags) { return Result<void>::of(::setns(fd, flags)); }

Result<void> unshare(int flags) { return Result<void>::of(::unshare(flags)); }

Result<OwnFd> open_own_namespace(const char* name) {
  return open_at(AT_FDCWD, concat("/proc/self/ns/", name), O_RDONLY);
}

}  // namespace brig::sys
