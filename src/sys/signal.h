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

// Every signal to its default action and none blocked: what a container's process starts with.
void reset_signals();

// A close-on-exec signalfd(2) for `set`, which must be blocked.
Result<OwnFd> open_signalfd(const sigset_t& set);

// The number of "9", "KILL", "SIGKILL", "sigkill", "RTMIN+3" or "SIGRTMAX-1"; none when it names no
// signal.
std::optional<int> signal_number(std::string_view name);

}  // namespace brig::sys
