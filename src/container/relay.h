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

class Relay {
 public:
  // Borrows all three. `input` -1: nothing is read. Makes `master` non-blocking.
  Relay(int input, int master, int output);

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
  // The output's reader is gone: what the terminal's hang-up would tell the process.
  [[nodiscard]] bool output_lost() const { return output_ < 0; }

 private:
  void read_input();
  void write_input();
  void read_output();
  void write_output();

  int input_;
  int master_;  // -1: hung up
  // Held open where possible: without any slave the master hangs up, and an init that closes its
  // console to open it again would lose it.
  sys::OwnFd slave_;
  int output_;  // -1: its reader is gone, output is dropped
  std::string to_master_;
  std::string to_output_;
  std::size_t left_ = 0;  // after finish(): bytes still to be read
  bool finishing_ = false;
};

}  // namespace brig::container
