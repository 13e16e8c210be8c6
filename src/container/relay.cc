#include "container/relay.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "sys/fd.h"
#include "sys/tty.h"

namespace brig::container {

namespace {

// PIPE_BUF: after POLLOUT a pipe takes that much without blocking.
constexpr std::size_t kBlock = 4096;
// More than a terminal buffers: what is read beyond it was written after the end of the process.
constexpr std::size_t kFinalOutput = 1U << 20U;

bool is_transient(int error_number) { return error_number == EINTR || error_number == EAGAIN; }

}  // namespace

void match_own_size(int master) {
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard) {
    const sys::Result<winsize> size = sys::window_size(standard);
    if (!size) continue;
    sys::set_window_size(master, *size).ignore("it may have hung up");
    return;
  }
}

Relay::Relay(int input, sys::OwnFd master, int output)
    : input_(input), master_(std::move(master)), output_(output) {
  sys::set_non_blocking(master_.get()).or_throw("use the terminal's master");
  if (sys::Result<sys::OwnFd> slave = sys::open_slave(master_.get(), O_RDWR))
    slave_ = *std::move(slave);
}

void Relay::fill(pollfd* watch) const {
  const bool wants_input = input_ >= 0 && master_ && to_master_.empty();
  watch[0] = {wants_input ? input_ : -1, POLLIN, 0};
  short events = 0;
  if (to_output_.empty()) events |= POLLIN;
  if (!to_master_.empty()) events |= POLLOUT;
  // poll(2) reports a hang-up whether asked or not: with output still pending that would spin.
  watch[1] = {events != 0 ? master_.get() : -1, events, 0};
  watch[2] = {to_output_.empty() ? -1 : output_, POLLOUT, 0};
}

void Relay::move(const pollfd* watch) {
  if (watch[0].revents != 0) read_input();
  if ((watch[1].revents & POLLOUT) != 0) write_input();
  if ((watch[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && to_output_.empty()) read_output();
  if (watch[2].revents != 0) write_output();
}

void Relay::finish() {
  finishing_ = true;
  left_ = kFinalOutput;
  input_ = -1;
  to_master_.clear();
  // Reading flushes what slaves wrote before (n_tty(4)): when it says EAGAIN there is no more.
  if (to_output_.empty()) read_output();
}

bool Relay::done() const { return finishing_ && (!master_ || left_ == 0) && to_output_.empty(); }

void Relay::read_input() {
  char block[kBlock];
  const ssize_t got = ::read(input_, block, sizeof block);
  if (got > 0)
    to_master_.assign(block, static_cast<std::size_t>(got));
  else if (got == 0 || !is_transient(errno))
    input_ =
        -1;  // The container's terminal stays open: as runc, the end of input is not passed on.
}

void Relay::write_input() {
  const ssize_t put = ::write(master_.get(), to_master_.data(), to_master_.size());
  if (put > 0)
    to_master_.erase(0, static_cast<std::size_t>(put));
  else if (put < 0 && !is_transient(errno))
    to_master_.clear();
}

void Relay::read_output() {
  if (!master_) return;
  char block[kBlock];
  const std::size_t wanted = finishing_ ? std::min(left_, sizeof block) : sizeof block;
  ssize_t got;
  do {
    got = ::read(master_.get(), block, wanted);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    if (finishing_) left_ -= static_cast<std::size_t>(got);
    to_output_.assign(block, static_cast<std::size_t>(got));
    return;
  }
  // EIO: all slaves are closed. EAGAIN: nothing now, which after the end means nothing more.
  if (got == 0 || errno != EAGAIN || finishing_) hang_up();
}

void Relay::write_output() {
  const ssize_t put = ::write(output_, to_output_.data(), to_output_.size());
  if (put > 0) {
    to_output_.erase(0, static_cast<std::size_t>(put));
  } else if (put < 0 && !is_transient(errno)) {
    // As when a terminal is closed: whoever writes to the container's gets EIO, its session SIGHUP.
    to_output_.clear();
    hang_up();
  }
  if (finishing_ && to_output_.empty()) read_output();
}

void Relay::hang_up() {
  slave_.reset();
  master_.reset();
}

}  // namespace brig::container
