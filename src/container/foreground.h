// Waits for a container's process in the foreground: what `run` and `exec` do when they do not
// detach. Host side.
#pragma once

#include <sys/types.h>

#include <csignal>

#include "sys/fd.h"
#include "sys/process.h"

namespace brig::container {

class NotifySocket;

// What to do with a signal that brig got.
enum class SignalAction {
  kForward,  // to the container's process
  kResize,   // SIGWINCH: the terminal gets the size of brig's own
  kReap,     // SIGCHLD
  kDrop      // SIGURG as runc, and the SIGPIPE of brig's own writing
};
SignalAction decide_signal(int signal, bool from_self);

// Everything that must be arranged before the process exists, so that no signal or orphan is
// missed: blocks the signals that will be forwarded and opens a signalfd for them; becomes a child
// subreaper unless told not to. The destructor restores the mask and the subreaper setting.
class Foreground {
 public:
  explicit Foreground(bool subreaper);
  Foreground(const Foreground&) = delete;
  Foreground& operator=(const Foreground&) = delete;
  ~Foreground();

  // What wait() looks after. The terminal is closed when its output has lost its reader, so that
  // its writers learn of it, and at the end; the rest is borrowed.
  struct Watched {
    pid_t pid = -1;
    int pidfd = -1;
    sys::OwnFd terminal_master;      // none: the process has brig's own standard streams
    NotifySocket* notify = nullptr;  // null: none
  };

  // Before wait(), which forwards them as well: the signals that ask brig to end
  // (sys::open_end_signals).
  [[nodiscard]] int end_signals() const noexcept { return end_signals_.get(); }

  // Forwards signals to the process, relays brig's own terminal to `terminal_master` (raw mode
  // while it lasts) and what the container tells `notify` (MAINPID is brig's own pid), reaps
  // orphans, and returns how the process ended. All output of the terminal has been written by
  // then, unless a further signal told brig not to wait for the reader.
  sys::ExitStatus wait(Watched watched);

 private:
  class Loop;

  sigset_t previous_mask_;
  sys::OwnFd signal_fd_;
  sys::OwnFd end_signals_;
  bool subreaper_;
  bool was_subreaper_ = false;
};

}  // namespace brig::container
