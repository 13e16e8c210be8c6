#include "container/self_exe.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include <string>
#include <string_view>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/exec.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/mount_api.h"

namespace brig::container {

namespace {

constexpr const char* kOwnPath = "/proc/self/exe";

bool is_on_read_only_mount(int fd) {
  const sys::Result<unsigned long> flags = sys::mount_flags(fd);
  return flags && (*flags & ST_RDONLY) != 0;
}

bool is_sealed_memory() {
  // Seals need an open file; an executable that cannot be read is none of ours.
  const sys::Result<sys::OwnFd> file = sys::open_at(AT_FDCWD, kOwnPath, O_RDONLY);
  return file && sys::is_sealed((*file).get());
}

bool is_safe(int fd) {
  if (is_on_read_only_mount(fd)) return true;
  const sys::Result<bool> verity = sys::has_verity(fd);
  return (verity && *verity) || is_sealed_memory();
}

// The clone is attached nowhere. When its descriptor closes at the execution, the kernel dissolves
// it: the running program keeps the mount alive, but nobody can change its attributes any more.
sys::Result<sys::OwnFd> read_only_clone() {
  sys::Result<sys::OwnFd> clone = sys::clone_mount(AT_FDCWD, kOwnPath);
  if (!clone) return clone;
  const sys::Result<void> changed =
      sys::set_mount_attributes((*clone).get(), {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV});
  if (!changed) return sys::Result<sys::OwnFd>::failure(changed.error());
  if (!is_on_read_only_mount((*clone).get())) return sys::Result<sys::OwnFd>::failure(EROFS);
  return clone;
}

sys::Result<sys::OwnFd> memory_copy() {
  const sys::Result<sys::OwnFd> own = sys::open_at(AT_FDCWD, kOwnPath, O_RDONLY);
  if (!own) return sys::Result<sys::OwnFd>::failure(own.error());
  return sys::sealed_memory_copy("brig", (*own).get());
}

// The name under which ps(1) shows the process was that of the descriptor before Linux 6.14.
void restore_name(const char* argv0) {
  std::string_view name = argv0;
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos)
    name.remove_prefix(slash + 1);
  sys::set_thread_name(std::string(name).c_str()).ignore("it is for people to read");
}

}  // namespace

bool is_executed_again(char** argv) {
  if (::getenv(kExecutedAgain) == nullptr)
    return false;              // NOLINT(concurrency-mt-unsafe): one thread
  ::unsetenv(kExecutedAgain);  // NOLINT(concurrency-mt-unsafe): one thread
  if (argv[0] != nullptr) restore_name(argv[0]);
  return true;
}

void protect_own_executable(char** argv, bool again) {
  const sys::OwnFd own = sys::open_at(AT_FDCWD, kOwnPath, O_PATH).or_throw("open ", kOwnPath);
  if (is_safe(own.get())) return;
  if (again)
    throw Error(
        "protect the own executable: executed again, it is still writable (is brig run by "
        "an emulator?)");
  ::setenv(kExecutedAgain, "1", 1);  // NOLINT(concurrency-mt-unsafe): one thread
  if (const sys::Result<sys::OwnFd> clone = read_only_clone())
    sys::execute_descriptor((*clone).get(), argv).ignore("a copy in memory is tried next");
  const sys::OwnFd copy = memory_copy().or_throw("protect the own executable: copy it to memory");
  const sys::Result<void> executed = sys::execute_descriptor(copy.get(), argv);
  ::unsetenv(kExecutedAgain);  // NOLINT(concurrency-mt-unsafe): one thread
  executed.or_throw("protect the own executable: execute its copy in memory");
}

}  // namespace brig::container
