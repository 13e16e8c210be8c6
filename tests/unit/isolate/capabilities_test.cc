#include "isolate/capabilities.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/concat.h"

using namespace brig;
using isolate::all_capabilities;
using isolate::CapabilitySets;
using isolate::resolve_capabilities;

namespace {

constexpr std::uint64_t kChown = 1U << 0U;
constexpr std::uint64_t kKill = 1U << 5U;
constexpr std::uint64_t kSysResource = 1U << 24U;
constexpr std::uint64_t kBpf = std::uint64_t{1} << 39U;

}  // namespace

TEST_CASE("resolve_capabilities turns names into bits of the right set") {
  std::vector<std::string> warnings;
  const CapabilitySets sets =
      resolve_capabilities({.bounding = {"CAP_CHOWN", "CAP_KILL", "CAP_BPF"},
                            .effective = {"CAP_CHOWN"},
                            .inheritable = {"CAP_KILL"},
                            .permitted = {"CAP_CHOWN", "CAP_KILL"},
                            .ambient = {"CAP_KILL"}},
                           all_capabilities(), warnings);
  CHECK(warnings.empty());
  CHECK(sets.bounding == (kChown | kKill | kBpf));
  CHECK(sets.effective == kChown);
  CHECK(sets.inheritable == kKill);
  CHECK(sets.permitted == (kChown | kKill));
  CHECK(sets.ambient == kKill);
}

TEST_CASE("resolve_capabilities leaves out what cannot be granted and says why, once each") {
  struct {
    Capabilities names;
    std::uint64_t held;
    CapabilitySets expected;
    const char* warning;
  } const cases[] = {
      {{.bounding = {"CAP_CHOWN", "CAP_NOT_YET", "cap_kill", "5", "CAP_KILL=ep"},
        .permitted = {"CAP_NOT_YET"}},
       all_capabilities(),
       {.bounding = kChown},
       "process.capabilities: unknown to this kernel or to libcap, left out: CAP_NOT_YET, "
       "cap_kill, 5, CAP_KILL=ep"},
      {{.bounding = {"CAP_SYS_RESOURCE", "CAP_CHOWN"},
        .effective = {"CAP_SYS_RESOURCE"},
        .permitted = {"CAP_SYS_RESOURCE"}},
       all_capabilities() & ~kSysResource,
       {.bounding = kChown},
       "process.capabilities: not held by the runtime, left out: CAP_SYS_RESOURCE"},
      {{.bounding = {"CAP_CHOWN"}, .effective = {"CAP_CHOWN"}},
       all_capabilities(),
       {.bounding = kChown},
       "process.capabilities: effective but not permitted, left out: CAP_CHOWN"},
      {{.inheritable = {"CAP_CHOWN"}, .permitted = {"CAP_CHOWN"}},
       all_capabilities(),
       {.permitted = kChown},
       "process.capabilities: inheritable but not bounding, left out: CAP_CHOWN"},
      {{.bounding = {"CAP_CHOWN"}, .inheritable = {"CAP_CHOWN"}, .ambient = {"CAP_CHOWN"}},
       all_capabilities(),
       {.bounding = kChown, .inheritable = kChown},
       "process.capabilities: ambient but not permitted, left out: CAP_CHOWN"},
  };
  for (const auto& item : cases) {
    CAPTURE(item.warning);
    std::vector<std::string> warnings;
    const CapabilitySets sets = resolve_capabilities(item.names, item.held, warnings);
    CHECK(sets.bounding == item.expected.bounding);
    CHECK(sets.effective == item.expected.effective);
    CHECK(sets.inheritable == item.expected.inheritable);
    CHECK(sets.permitted == item.expected.permitted);
    CHECK(sets.ambient == item.expected.ambient);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0] == item.warning);
  }
}

TEST_CASE("a warning lists no more names than somebody reads, in bounded time") {
  Capabilities names;
  for (int i = 0; i < 200000; ++i) names.bounding.push_back(concat("CAP_", i));
  std::vector<std::string> warnings;
  (void)resolve_capabilities(names, 1, warnings);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].ends_with(", CAP_98, CAP_99"));
}

TEST_CASE("ambient without inheritable, as engines ask for it, is left out without a word") {
  std::vector<std::string> warnings;
  const CapabilitySets sets = resolve_capabilities(
      {.bounding = {"CAP_CHOWN"}, .permitted = {"CAP_CHOWN"}, .ambient = {"CAP_CHOWN"}},
      all_capabilities(), warnings);
  CHECK(sets.ambient == 0);
  CHECK(warnings.empty());
}

TEST_CASE("exec --cap never adds to the inheritable set, nor to ambient without inheritable ones") {
  Capabilities plain = {.bounding = {"CAP_KILL"}};
  isolate::add_exec_capabilities(plain, {"CAP_CHOWN"});
  CHECK(plain.bounding == std::vector<std::string>{"CAP_KILL", "CAP_CHOWN"});
  CHECK(plain.effective == std::vector<std::string>{"CAP_CHOWN"});
  CHECK(plain.permitted == std::vector<std::string>{"CAP_CHOWN"});
  CHECK(plain.inheritable.empty());
  CHECK(plain.ambient.empty());

  Capabilities inheriting = {.inheritable = {"CAP_KILL"}};
  isolate::add_exec_capabilities(inheriting, {"CAP_CHOWN"});
  CHECK(inheriting.inheritable == std::vector<std::string>{"CAP_KILL"});
  CHECK(inheriting.ambient == std::vector<std::string>{"CAP_CHOWN"});
}

TEST_CASE("known_capabilities lists the kernel's names in order") {
  const std::vector<std::string> names = isolate::known_capabilities();
  REQUIRE(names.size() > 40);
  CHECK(names[0] == "CAP_CHOWN");
  CHECK(names[24] == "CAP_SYS_RESOURCE");
  CHECK(names[40] == "CAP_CHECKPOINT_RESTORE");
}
