#include "sys/lock.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <csignal>

#include "sys/file.h"
#include "sys/process.h"
#include "tests/unit/scratch_folder.h"

using namespace brig::sys;
using namespace std::chrono_literals;

namespace {

OwnFd open_folder(const brig::test::ScratchFolder& folder) {
  return open_at(AT_FDCWD, folder.path(), O_RDONLY | O_DIRECTORY).or_throw("open the folder");
}

bool lock_within(const OwnFd& fd, std::chrono::milliseconds patience) {
  return lock_until(fd.get(), std::chrono::steady_clock::now() + patience).or_throw("lock");
}

}  // namespace

TEST_CASE("a lock that nobody has is taken at once, and again by who has it") {
  const brig::test::ScratchFolder folder;
  const OwnFd one = open_folder(folder);
  CHECK(*try_lock(one.get()));
  CHECK(lock_within(one, 0ms));
  CHECK_FALSE(*try_lock(open_folder(folder).get()));
  CHECK(lock_holder(open_folder(folder).get()) == ::getpid());
}

TEST_CASE("who waits for a lock gives up at the deadline, and has nothing then") {
  const brig::test::ScratchFolder folder;
  const OwnFd one = open_folder(folder);
  OwnFd other = open_folder(folder);
  REQUIRE(*try_lock(one.get()));
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(lock_within(other, 50ms));
  CHECK(std::chrono::steady_clock::now() - start >= 50ms);
  REQUIRE(::flock(one.get(), LOCK_UN) == 0);
  CHECK(*try_lock(open_folder(folder).get()));
}

TEST_CASE("a lock that another process lets go of is the waiting one's") {
  const brig::test::ScratchFolder folder;
  OwnFd other = open_folder(folder);
  int ready[2];
  REQUIRE(::pipe2(ready, O_CLOEXEC) == 0);
  ChildProcess holder = clone_process({.exit_signal = SIGCHLD}).or_throw("clone");
  if (holder.pid == 0) {
    const OwnFd mine = open_folder(folder);
    const bool locked = *try_lock(mine.get());
    if (::write(ready[1], "x", 1) != 1 || !locked) ::_exit(1);
    ::usleep(100'000);
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK(lock_holder(other.get()) == holder.pid);
  CHECK(lock_within(other, 20s));
  CHECK_FALSE(*try_lock(open_folder(folder).get()));
  CHECK(wait_for_exit(holder.pidfd.get()).or_throw("wait").code == 0);
  // Who waited in this process's place is gone by now.
  CHECK(lock_holder(other.get()) == 0);
  ::close(ready[0]);
  ::close(ready[1]);
}
