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
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    CAPTURE(number);
    REQUIRE(::raise(number) == 0);
    CHECK(take_end_signal(signals.get()) == number);
    CHECK_FALSE(take_end_signal(signals.get()));
  }
  struct sigaction ignored = {};
  struct sigaction before = {};
  ignored.sa_handler = SIG_IGN;
  REQUIRE(sigaction(SIGHUP, &ignored, &before) == 0);
  REQUIRE(::raise(SIGHUP) == 0);
  REQUIRE(::raise(SIGTERM) == 0);
  CHECK(take_end_signal(signals.get()) == SIGTERM);
  CHECK_FALSE(take_end_signal(signals.get()));
  REQUIRE(sigaction(SIGHUP, &before, nullptr) == 0);
}
