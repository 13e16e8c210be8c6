#include "isolate/seccomp_cache.h"

#include <doctest/doctest.h>

using namespace brig;
using isolate::read_cached_filter;
using isolate::seccomp_cache_key;
using isolate::SeccompFilter;
using isolate::write_cached_filter;

namespace {

const SeccompFilter kFilter = {
    .bpf = std::string("12345678abcdefgh"), .flags = 5, .warnings = {"one", "two and more"}};

Seccomp small_profile() {
  Seccomp profile;
  profile.default_action = SeccompAction::kErrno;
  profile.architectures = {"SCMP_ARCH_X86_64"};
  profile.syscalls = {{.names = {"read", "write"}, .errno_ret = {}, .args = {}}};
  return profile;
}

}  // namespace

TEST_CASE("what was kept is found for the same key, whole") {
  const std::optional<SeccompFilter> found =
      read_cached_filter("key", write_cached_filter("key", kFilter));
  REQUIRE(found.has_value());
  CHECK(found->bpf == kFilter.bpf);
  CHECK(found->flags == kFilter.flags);
  CHECK(found->warnings == kFilter.warnings);
}

TEST_CASE("another key, a changed byte or a missing end is as nothing kept") {
  const std::string text = write_cached_filter("key", kFilter);
  CHECK_FALSE(read_cached_filter("kez", text).has_value());
  CHECK_FALSE(read_cached_filter("ke", text).has_value());
  CHECK_FALSE(read_cached_filter("keys", text).has_value());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(read_cached_filter("key", changed).has_value());
    CHECK_FALSE(read_cached_filter("key", text.substr(0, i)).has_value());
  }
  CHECK_FALSE(read_cached_filter("key", text + '\0').has_value());
  CHECK_FALSE(read_cached_filter("key", std::string(text.size(), '\0')).has_value());
}

TEST_CASE("the key differs when anything of the profile does") {
  const std::string key = seccomp_cache_key(small_profile());
  CHECK(key == seccomp_cache_key(small_profile()));
  using Change = void (*)(Seccomp&);
  const Change changes[] = {
      [](Seccomp& profile) { profile.default_action = SeccompAction::kAllow; },
      [](Seccomp& profile) { profile.default_errno_ret = 0; },
      [](Seccomp& profile) { profile.architectures.emplace_back("SCMP_ARCH_X86"); },
      [](Seccomp& profile) { profile.flags.emplace(); },
      [](Seccomp& profile) { profile.flags = {"SECCOMP_FILTER_FLAG_LOG"}; },
      [](Seccomp& profile) { profile.syscalls[0].names = {"readwrite"}; },
      [](Seccomp& profile) { profile.syscalls[0].names = {"read"}; },
      [](Seccomp& profile) { profile.syscalls[0].action = SeccompAction::kErrno; },
      [](Seccomp& profile) { profile.syscalls[0].errno_ret = 1; },
      [](Seccomp& profile) { profile.syscalls[0].args = {{.index = 1}}; },
      [](Seccomp& profile) { profile.syscalls[0].args = {{.value = 1}}; },
      [](Seccomp& profile) { profile.syscalls[0].args = {{.value_two = 1}}; },
      [](Seccomp& profile) { profile.syscalls[0].args = {{.op = SeccompOperator::kNotEqual}}; },
      [](Seccomp& profile) { profile.syscalls.push_back(profile.syscalls[0]); },
  };
  std::vector<std::string> seen = {key};
  for (const Change change : changes) {
    Seccomp profile = small_profile();
    change(profile);
    seen.push_back(seccomp_cache_key(profile));
    for (std::size_t i = 0; i + 1 < seen.size(); ++i) CHECK(seen[i] != seen.back());
  }
}
