#include "container/foreground.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <optional>
#include <span>
#include <utility>

#include "base/scope_exit.h"
#include "brig/error.h"
#include "container/notify_socket.h"
#include "container/relay.h"
#include "sys/reaper.h"
#include "sys/signal.h"
#include "sys/tty.h"

namespace brig::container {

SignalAction decide_signal(int signal, bool from_self) {
  switch (signal) {
    case SIGCHLD:
      return SignalAction::kReap;
    case SIGWINCH:
      return SignalAction::kResize;
    case SIGURG:
      return SignalAction::kDrop;
    case SIGPIPE:
      return from_self ? SignalAction::kDrop : SignalAction::kForward;
    default:
      return SignalAction::kForward;
  }
}

Foreground::Foreground(bool subreaper) : previous_mask_(), subreaper_(subreaper) {
  sigset_t every;
  sigfillset(&every);
  sigprocmask(SIG_BLOCK, &every, &previous_mask_);
  ScopeExit restore([this] { sigprocmask(SIG_SETMASK, &previous_mask_, nullptr); });
  signal_fd_ = sys::open_signalfd(every).or_throw("open a signalfd");
  end_signals_ = sys::open_end_signals().or_throw("open a signalfd");
  if (subreaper_) {
    was_subreaper_ = sys::is_child_subreaper().or_throw("ask for the subreaper setting");
    sys::set_child_subreaper(true).or_throw("become a child subreaper");
  }
  restore.dismiss();
}

Foreground::~Foreground() {
  if (subreaper_ && !was_subreaper_)
    sys::set_child_subreaper(false).ignore("it was allowed to set it");
  sigprocmask(SIG_SETMASK, &previous_mask_, nullptr);
}

// One wait(): a poll(2) loop over signals, the process, the terminal and the notify socket.
class Foreground::Loop {
 public:
  Loop(Watched watched, int signal_fd, bool reap_all)
      : watched_(std::move(watched)), signal_fd_(signal_fd), reap_all_(reap_all) {
    if (!watched_.terminal_master) return;
    relay_.emplace(STDIN_FILENO, std::move(watched_.terminal_master), STDOUT_FILENO);
    raw_mode_.emplace(STDIN_FILENO);
    match_own_size(relay_->master());
  }

  sys::ExitStatus run() {
    while (!stop_ && !(status_ && (!relay_ || relay_->done()))) {
      pollfd watch[kWatched + Relay::kWatched];
      fill(watch);
      if (::poll(watch, std::size(watch), -1) >= 0)
        handle(watch);
      else if (errno != EINTR)
        throw Error("wait for the container's process", errno);
    }
    return *status_;
  }

 private:
  enum Entry : std::size_t { kSignals, kProcess, kNotify, kWatched };

  void fill(std::span<pollfd, kWatched + Relay::kWatched> watch) {
    for (pollfd& one : watch) one = {-1, POLLIN, 0};
    watch[kSignals].fd = signal_fd_;
    if (!status_) watch[kProcess].fd = watched_.pidfd;
    if (watched_.notify != nullptr) watch[kNotify].fd = watched_.notify->fd();
    if (relay_) relay_->fill(watch.data() + kWatched);
  }

  void handle(std::span<pollfd, kWatched + Relay::kWatched> watch) {
    if (watch[kSignals].revents != 0) take_signals();
    if (watched_.notify != nullptr && watch[kNotify].revents != 0)
      watched_.notify->take(::getpid());
    if (relay_) relay_->move(watch.data() + kWatched);
    if (watch[kProcess].revents != 0 && !status_)
      ended(sys::wait_for_exit(watched_.pidfd).or_throw("wait for the container's process"));
  }

  void take_signals() {
    signalfd_siginfo info = {};
    while (::read(signal_fd_, &info, sizeof info) == sizeof info) {
      const int signal = static_cast<int>(info.ssi_signo);
      switch (decide_signal(signal, info.ssi_pid == static_cast<std::uint32_t>(::getpid()))) {
        case SignalAction::kForward:
          forward(signal);
          break;
        case SignalAction::kResize:
          if (relay_) match_own_size(relay_->master());
          break;
        case SignalAction::kReap:
          reap();
          break;
        case SignalAction::kDrop:
          break;
      }
    }
  }

  // Once the process has ended, a signal means that whoever sent it does not want to wait for the
  // reader of the remaining output.
  void forward(int signal) {
    if (status_)
      stop_ = true;
    else
      sys::send_signal(watched_.pidfd, signal).ignore("the process may just have ended");
  }

  // Also the container's process can be what is reaped: its status is kept.
  void reap() {
    if (!reap_all_) return;
    while (const std::optional<sys::Reaped> child = sys::reap_any_child())
      if (child->pid == watched_.pid && !status_) ended(child->status);
  }

  void ended(const sys::ExitStatus& status) {
    status_ = status;
    if (relay_) relay_->finish();
  }

  Watched watched_;
  int signal_fd_;
  bool reap_all_;
  bool stop_ = false;
  std::optional<sys::ExitStatus> status_;
  std::optional<Relay> relay_;
  std::optional<sys::RawMode> raw_mode_;
};

sys::ExitStatus Foreground::wait(Watched watched) {
  return Loop(std::move(watched), signal_fd_.get(), subreaper_).run();
}

}  // namespace brig::container
