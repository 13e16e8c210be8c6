#include "base/no_sigpipe.h"

#include <ctime>

namespace brig {

namespace {

sigset_t only_sigpipe() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

bool is_pending() noexcept {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

}  // namespace

NoSigpipe::NoSigpipe() noexcept : previous_(), was_pending_(is_pending()) {
  const sigset_t set = only_sigpipe();
  pthread_sigmask(SIG_BLOCK, &set, &previous_);
}

NoSigpipe::~NoSigpipe() {
  const sigset_t set = only_sigpipe();
  constexpr timespec kAtOnce = {};
  // The one that a write of ours has raised must not wait for the old mask.
  if (!was_pending_ && is_pending()) sigtimedwait(&set, nullptr, &kAtOnce);
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

}  // namespace brig
