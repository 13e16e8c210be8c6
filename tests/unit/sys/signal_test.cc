#include "sys/signal.h"

#include <doctest/doctest.h>

using brig::sys::BlockEndSignals;
using brig::sys::open_end_signals;
using brig::sys::OwnFd;
using brig::sys::signal_number;
using brig::sys::take_end_signal;

TEST_CASE("signal_number knows numbers, names and real-time offsets") {
  CHECK(signal_number("9") == SIGKILL);
  CHECK(signal_number("KILL") == SIGKILL);
  CHECK(signal_number("SIGKILL") == SIGKILL);
  CHECK(signal_number("sigterm") == SIGTERM);
  CHECK(signal_number("RTMIN+3") == SIGRTMIN + 3);
  CHECK(signal_number("SIGRTMAX-1") == SIGRTMAX - 1);
  CHECK(signal_number("RTMIN") == SIGRTMIN);
  CHECK(signal_number("0") == 0);
}

TEST_CASE("signal_number refuses what names no signal") {
  CHECK_FALSE(signal_number(""));
  CHECK_FALSE(signal_number("NOSUCH"));
  CHECK_FALSE(signal_number("-1"));
  CHECK_FALSE(signal_number("65"));
  CHECK_FALSE(signal_number("9x"));
  CHECK_FALSE(signal_number("RTMIN+99"));
  CHECK_FALSE(signal_number("RTMIN-1"));
}

TEST_CASE("a signal that asks to end is taken, unless it is one to ignore") {
  const BlockEndSignals blocked;
  const OwnFd signals = open_end_signals().or_throw("signalfd");
  CHECK_FALSE(take_end_signal(signals.get()));
  // Whoever runs the tests may have some of them ignored, as nohup(1) has.
  struct sigaction by_default = {};
  struct sigaction ignored = {};
  ignored.sa_handler = SIG_IGN;
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    CAPTURE(number);
    struct sigaction before = {};
    REQUIRE(sigaction(number, &by_default, &before) == 0);
    REQUIRE(::raise(number) == 0);
    CHECK(take_end_signal(signals.get()) == number);
    CHECK_FALSE(take_end_signal(signals.get()));
    REQUIRE(sigaction(number, &ignored, nullptr) == 0);
    REQUIRE(::raise(number) == 0);
    CHECK_FALSE(take_end_signal(signals.get()));
    REQUIRE(sigaction(number, &before, nullptr) == 0);
  }
}
