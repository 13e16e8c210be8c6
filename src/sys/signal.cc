#include "sys/signal.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cstring>
#include <string>

namespace brig::sys {

BlockAllSignals::BlockAllSignals() : previous_() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &previous_);
}

BlockAllSignals::~BlockAllSignals() { sigprocmask(SIG_SETMASK, &previous_, nullptr); }

namespace {

sigset_t end_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) sigaddset(&set, number);
  return set;
}

bool is_ignored(int number) {
  struct sigaction action = {};
  return sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

BlockEndSignals::BlockEndSignals() : previous_() {
  const sigset_t set = end_signals();
  sigprocmask(SIG_BLOCK, &set, &previous_);
}

BlockEndSignals::~BlockEndSignals() { sigprocmask(SIG_SETMASK, &previous_, nullptr); }

void reset_signals() {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < _NSIG; ++number) sigaction(number, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

Result<OwnFd> open_signalfd(const sigset_t& set) {
  const int fd = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd < 0) return Result<OwnFd>::last_error();
  return OwnFd(fd);
}

Result<OwnFd> open_end_signals() { return open_signalfd(end_signals()); }

std::optional<int> take_end_signal(int signal_fd) {
  signalfd_siginfo info = {};
  while (::read(signal_fd, &info, sizeof info) == sizeof info) {
    const int number = static_cast<int>(info.ssi_signo);
    if (!is_ignored(number)) return number;
  }
  return std::nullopt;
}

namespace {

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> real_time_signal(std::string_view name) {
  const bool from_min = name.starts_with("RTMIN");
  if (!from_min && !name.starts_with("RTMAX")) return std::nullopt;
  const int base = from_min ? SIGRTMIN : SIGRTMAX;
  name.remove_prefix(5);
  if (name.empty()) return base;
  if (name[0] != (from_min ? '+' : '-')) return std::nullopt;
  const std::optional<int> offset = parse_number(name.substr(1));
  if (!offset || *offset < 0 || *offset > SIGRTMAX - SIGRTMIN) return std::nullopt;
  return from_min ? base + *offset : base - *offset;
}

}  // namespace

std::optional<int> signal_number(std::string_view name) {
  if (const std::optional<int> number = parse_number(name)) {
    if (*number < 0 || *number > SIGRTMAX) return std::nullopt;
    return number;
  }
  std::string upper(name);
  for (char& letter : upper)
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  std::string_view word = upper;
  if (word.starts_with("SIG")) word.remove_prefix(3);
  if (const std::optional<int> number = real_time_signal(word)) return number;
  static constexpr std::array<std::pair<std::string_view, int>, 3> kAliases = {
      {{"IOT", SIGABRT}, {"CLD", SIGCHLD}, {"POLL", SIGIO}}};
  for (const auto& [alias, number] : kAliases)
    if (word == alias) return number;
  for (int number = 1; number < SIGRTMIN; ++number) {
    const char* known = sigabbrev_np(number);
    if (known != nullptr && word == known) return number;
  }
  return std::nullopt;
}

}  // namespace brig::sys
