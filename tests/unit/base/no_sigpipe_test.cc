#include "base/no_sigpipe.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

using brig::NoSigpipe;

namespace {

bool sigpipe_is_pending() {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

TEST_CASE("a write to a pipe without a reader is an error, and nothing of it stays") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  ::close(ends[0]);
  {
    const NoSigpipe no_sigpipe;
    CHECK(::write(ends[1], "x", 1) == -1);
    CHECK(errno == EPIPE);
    CHECK(sigpipe_is_pending());
  }
  CHECK_FALSE(sigpipe_is_pending());
  sigset_t mask;
  REQUIRE(sigprocmask(SIG_BLOCK, nullptr, &mask) == 0);
  CHECK(sigismember(&mask, SIGPIPE) == 0);
  ::close(ends[1]);
}

TEST_CASE("a signal that waited before still waits") {
  sigset_t only;
  sigset_t before;
  sigemptyset(&only);
  sigaddset(&only, SIGPIPE);
  REQUIRE(sigprocmask(SIG_BLOCK, &only, &before) == 0);
  REQUIRE(::raise(SIGPIPE) == 0);
  { const NoSigpipe no_sigpipe; }
  CHECK(sigpipe_is_pending());
  constexpr timespec kAtOnce = {};
  CHECK(sigtimedwait(&only, nullptr, &kAtOnce) == SIGPIPE);
  REQUIRE(sigprocmask(SIG_SETMASK, &before, nullptr) == 0);
}
