#include "sys/process.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>

using namespace brig::sys;

TEST_CASE("who has only been forked has executed no program") {
  const auto own = process_stat(::getpid());
  REQUIRE(own);
  CHECK(own->has_executed);
  CHECK(own->start_time > 0);
  auto child = clone_process({.exit_signal = SIGCHLD});
  REQUIRE(child);
  if (child->pid == 0)
    for (;;) ::pause();
  const auto forked = process_stat(child->pid);
  REQUIRE(forked);
  CHECK_FALSE(forked->has_executed);
  CHECK(forked->start_time >= own->start_time);
  CHECK(send_signal(child->pidfd.get(), SIGKILL));
  CHECK(wait_for_exit(child->pidfd.get()));
}
