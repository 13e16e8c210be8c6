#include "sys/ns.h"

#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/process.h"

namespace brig::sys {

Result<void> enter_namespaces(int fd, int flags) { return Result<void>::of(::setns(fd, flags)); }

Result<void> leave_chroot() {
  // Whoever enters a mount namespace starts at its root, also who is in it already.
  const Result<OwnFd> self = open_pidfd(::getpid());
  if (!self) return Result<void>::failure(self.error());
  return enter_namespaces(self->get(), CLONE_NEWNS);
}

Result<void> unshare(int flags) { return Result<void>::of(::unshare(flags)); }

Result<OwnFd> open_own_namespace(const char* name) {
  return open_at(AT_FDCWD, concat("/proc/self/ns/", name), O_RDONLY);
}

bool in_initial_user_namespace() {
  // PROC_USER_INIT_INO of linux/proc_ns.h, the same since Linux 3.8.
  constexpr ino_t kInitialUserNamespace = 0xEFFFFFFDU;
  const Result<struct stat> own = stat_at(AT_FDCWD, "/proc/self/ns/user");
  return !own || own->st_ino == kInitialUserNamespace;
}

bool owns_mount_namespace() {
  const Result<OwnFd> mounts = open_own_namespace("mnt");
  if (!mounts) return false;
  // EPERM: the owner is a user namespace above the caller's.
  const OwnFd owner(::ioctl(mounts->get(), NS_GET_USERNS));
  if (!owner) return false;
  const Result<struct stat> of_mounts = stat_fd(owner.get());
  const Result<struct stat> own = stat_at(AT_FDCWD, "/proc/self/ns/user");
  return of_mounts && own && of_mounts->st_ino == own->st_ino;
}

}  // namespace brig::sys
