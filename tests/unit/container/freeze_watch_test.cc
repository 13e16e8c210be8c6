#include "container/freeze_watch.h"

#include <doctest/doctest.h>
#include <unistd.h>

using namespace std::chrono_literals;
using brig::container::FreezeWatch;

namespace {

std::string frozen;
std::string find(pid_t /*process*/) { return frozen; }

}  // namespace

TEST_CASE("a process that stays frozen is waited for in vain") {
  frozen.clear();
  FreezeWatch watch(1, find);
  const FreezeWatch::Clock::time_point start{};
  CHECK(watch.problem(start) == "");
  CHECK(watch.problem(start + 100s) == "");
  frozen = "/sys/fs/cgroup/a";
  CHECK(watch.problem(start + 100s) == "");
  CHECK(watch.problem(start + 109s) == "");
  CHECK(watch.problem(start + 110s) ==
        "the cgroup /sys/fs/cgroup/a has been frozen for 10 seconds (0 in its cgroup.freeze thaws "
        "it)");
}

TEST_CASE("once it goes on, the time begins anew") {
  frozen = "/sys/fs/cgroup/a";
  FreezeWatch watch(1, find);
  const FreezeWatch::Clock::time_point start{};
  CHECK(watch.problem(start) == "");
  CHECK(watch.problem(start + 9s) == "");
  frozen.clear();
  CHECK(watch.problem(start + 10s) == "");
  frozen = "/sys/fs/cgroup/b";
  CHECK(watch.problem(start + 11s) == "");
  CHECK(watch.problem(start + 20s) == "");
  CHECK(watch.problem(start + 21s) != "");
}

TEST_CASE("a process that runs, or is none, is not frozen") {
  for (const pid_t process : {::getpid(), 0}) {
    FreezeWatch watch(process);
    const FreezeWatch::Clock::time_point start{};
    CHECK(watch.problem(start) == "");
    CHECK(watch.problem(start + 100s) == "");
  }
}
