// Waits for a container's process in the foreground: what `run` and `exec` do when they do not
// detach. Host side.
#pragma once

#include <sys/types.h>

#include <csignal>

#include "sys/fd.h"
#include "sys/process.h"

namespace brig::container {

// Everything that must be arranged before the process exists, so that no signal or orphan is
// missed: blocks the signals that will be forwarded and opens a signalfd for them; becomes a child
// subreaper unless told not to. The destructor restores the mask and the subreaper setting.
class Foreground {
 public:
  explicit Foreground(bool subreaper);
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;
  ~Foreground();

  // The mask the child must restore before it executes anything.
  [[nodiscard]] const sigset_t& previous_mask() const noexcept { return previous_mask_; }

  // Forwards every signal to the process behind `pidfd` (SIGWINCH resizes the terminal instead,
  // SIGCHLD reaps orphans, SIGURG is dropped), relays brig's own terminal to `terminal_master` when
  // that is >= 0 (raw mode while it lasts), and returns how the process ended. All output of the
  // terminal has been written by then.
  sys::ExitStatus wait(pid_t pid, int pidfd, int terminal_master);

 private:
  sigset_t previous_mask_;
  sys::OwnFd signal_fd_;
  bool subreaper_;
  bool was_subreaper_ = false;
};

}  // namespace brig::container
