#include <doctest/doctest.h>
#include <sys/resource.h>

#include <climits>

#include "brig/error.h"
#include "isolate/oom.h"
#include "isolate/rlimits.h"
#include "isolate/scheduler.h"
#include "sys/procfs.h"

using namespace brig;
using isolate::parse_cpu_list;
using sys::CpuMask;

namespace {

template <class Action>
std::string failure(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

constexpr unsigned long bit(unsigned number) { return 1UL << number; }

}  // namespace

TEST_CASE("parse_cpu_list reads lists of any length") {
  CHECK(parse_cpu_list("").empty());
  CHECK(parse_cpu_list("0") == CpuMask{1});
  CHECK(parse_cpu_list("0-3,7") == CpuMask{0x8f});
  CHECK(parse_cpu_list("7,0-3,2") == CpuMask{0x8f});
  CHECK(parse_cpu_list(" 7, ,0-3,") == CpuMask{0x8f});
  const unsigned bits = sizeof(unsigned long) * CHAR_BIT;
  const CpuMask far = parse_cpu_list("1,5000");
  REQUIRE(far.size() == 5000 / bits + 1);
  CHECK(far[0] == bit(1));
  CHECK(far[5000 / bits] == bit(5000 % bits));
}

TEST_CASE("parse_cpu_list refuses what is no list") {
  for (const char* text :
       {"a", "3-1", "1-", "-1", "1 2", "0-3:2", "1--2", "99999999999", "4000000000"}) {
    CAPTURE(text);
    CHECK(failure([&] { parse_cpu_list(text); }) ==
          std::string("\"") + text + "\" is not a list of CPUs such as \"0-3,7\"");
  }
}

TEST_CASE("set_cpu_affinity names the property of a wrong list") {
  CHECK(failure([] {
          isolate::set_cpu_affinity("x", "process.execCPUAffinity.final");
        }).starts_with("process.execCPUAffinity.final: \"x\" is not a list"));
}

TEST_CASE("apply_rlimits names the limit that is refused") {
  const std::vector<Rlimit> limits = {{"RLIMIT_CORE", RLIMIT_CORE, 20, 10}};
  CHECK(failure([&] { isolate::apply_rlimits(limits); }) ==
        "process.rlimits[0] (RLIMIT_CORE): soft limit 20 is above hard limit 10: invalid argument");
}

TEST_CASE("set_oom_score_adj names a value out of range") {
  const sys::OwnFd self = sys::open_process_directory(0).or_throw("open");
  CHECK(failure([&] { isolate::set_oom_score_adj(self.get(), 1001); }) ==
        "process.oomScoreAdj: 1001 is not in -1000..1000: invalid argument");
}
