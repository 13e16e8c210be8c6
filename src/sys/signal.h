// Signal masks and signalfd.
#pragma once

#include <csignal>
#include <optional>
#include <string_view>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// Blocks every signal while it lives and then restores the mask it found: used around
// clone_process(), so that the child starts with a mask it chose itself.
class [[nodiscard]] BlockAllSignals {
 public:
  BlockAllSignals();
  BlockAllSignals(const BlockAllSignals&) = delete;
  BlockAllSignals& operator=(const BlockAllSignals&) = delete;
  ~BlockAllSignals();

 private:
  sigset_t previous_;
};

// Blocks SIGHUP, SIGINT, SIGQUIT and SIGTERM, which ask a program to end, while it lives.
class [[nodiscard]] BlockEndSignals {
 public:
  BlockEndSignals();
  BlockEndSignals(const BlockEndSignals&) = delete;
  BlockEndSignals& operator=(const BlockEndSignals&) = delete;
  ~BlockEndSignals();

 private:
  sigset_t previous_;
};

// Every signal to its default action and none blocked: what a container's process starts with.
void reset_signals();

// A close-on-exec signalfd(2) for `set`, which must be blocked.
Result<OwnFd> open_signalfd(const sigset_t& set);

// A signalfd for the signals of BlockEndSignals, which must be blocked.
Result<OwnFd> open_end_signals();
// Takes one of them from it. None: there is none but such as the program was told to ignore when it
// was started (nohup(1)).
std::optional<int> take_end_signal(int signal_fd);

// The number of "9", "KILL", "SIGKILL", "sigkill", "RTMIN+3" or "SIGRTMAX-1"; none when it names no
// signal.
std::optional<int> signal_number(std::string_view name);

}  // namespace brig::sys
