// Carries bytes between brig's own standard streams and the master of a container's terminal. Host
// side, driven by the loop of foreground.cc.
//
// Nothing here blocks for long: the master is non-blocking, and brig's streams, whose flags are
// shared with the caller's shell and must stay as they are, are read and written only after poll(2)
// said so, and no more at once than a pipe takes.
#pragma once

#include <poll.h>

#include <array>
#include <cstddef>
#include <string>

#include "sys/fd.h"

namespace brig::container {

// Gives the terminal behind `master` the size of brig's own, where one of brig's standard streams
// is a terminal.
void match_own_size(int master);

class Relay {
 public:
  // Borrows `input` (-1: nothing is read) and `output`; owns `master`, which it makes non-blocking.
  Relay(int input, sys::OwnFd master, int output);

  // What to poll(2) for now; entries without use have fd -1.
  static constexpr std::size_t kWatched = 3;
  void fill(pollfd* watch) const;
  // Moves what poll(2) found ready in the same entries.
  void move(const pollfd* watch);

  // The process has ended: no more input; what it wrote is still carried out, but nothing that a
  // process left behind writes without end.
  void finish();
  // After finish(): all output has been written, or nobody takes it any more.
  [[nodiscard]] bool done() const;
  // The terminal's master, to resize it; -1 when it has hung up.
  [[nodiscard]] int master() const { return master_.get(); }

 private:
  void read_input();
  void write_input();
  void read_output();
  void write_output();
  void hang_up();

  int input_;
  sys::OwnFd master_;  // none: hung up
  // Held open where possible: without any slave the master hangs up, and an init that closes its
  // console to open it again would lose it.
  sys::OwnFd slave_;
  int output_;
  std::string to_master_;
  std::string to_output_;
  std::size_t left_ = 0;  // after finish(): bytes still to be read
  bool finishing_ = false;
};

}  // namespace brig::container
