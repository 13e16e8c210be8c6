#include "sys/signal.h"

#include <doctest/doctest.h>

using brig::sys::signal_number;

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
