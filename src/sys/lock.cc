#include "sys/lock.h"

#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "sys/file.h"
#include "sys/process.h"

namespace brig::sys {

namespace {

// In the child, which must not outlive the process that it waits for.
[[noreturn]] void wait_in_child(int fd, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || ::getppid() != parent) ::_exit(1);
  int locked;
  do {
    locked = ::flock(fd, LOCK_EX);
  } while (locked < 0 && errno == EINTR);
  ::_exit(locked < 0 ? 1 : 0);
}

}  // namespace

Result<bool> try_lock(int fd) {
  int locked;
  do {
    locked = ::flock(fd, LOCK_EX | LOCK_NB);
  } while (locked < 0 && errno == EINTR);
  if (locked < 0 && errno == EWOULDBLOCK) return false;
  if (locked < 0) return Result<bool>::last_error();
  return true;
}

Result<bool> lock_until(int fd, Deadline deadline) {
  Result<bool> locked = try_lock(fd);
  if (!locked || *locked) return locked;
  const pid_t parent = ::getpid();
  const Result<ChildProcess> child = clone_process({.exit_signal = SIGCHLD});
  if (!child) return Result<bool>::failure(child.error());
  if (child->pid == 0) wait_in_child(fd, parent);
  const Result<bool> ended = wait_for(child->pidfd.get(), POLLIN, deadline);
  send_signal(child->pidfd.get(), SIGKILL).ignore("it may have ended by itself");
  wait_for_exit(child->pidfd.get()).ignore("it may have been reaped");
  if (!ended) return Result<bool>::failure(ended.error());
  // What the child has locked is locked for this process too: then this changes nothing.
  return try_lock(fd);
}

// A line of proc_locks(5) is "1: FLOCK  ADVISORY  WRITE 719 08:03:3966158 0 EOF"; the first of a
// file is its holder's.
pid_t lock_holder(int fd) {
  const Result<struct stat> file = stat_fd(fd);
  const Result<std::string> locks = read_file_at(AT_FDCWD, "/proc/locks");
  if (!file || !locks) return 0;
  char name[64];
  (void)std::snprintf(name, sizeof name, " %02x:%02x:%lu ", major(file->st_dev),
                      minor(file->st_dev), static_cast<unsigned long>(file->st_ino));
  const std::size_t behind = locks->find(name);
  if (behind == std::string::npos) return 0;
  const std::size_t start = locks->rfind(' ', behind - 1);
  const pid_t holder = std::atoi(locks->c_str() + (start == std::string::npos ? 0 : start));
  return holder > 0 && (::kill(holder, 0) == 0 || errno == EPERM) ? holder : 0;
}

}  // namespace brig::sys
