// What libseccomp is spared: the filter answers as if it had translated every rule of the profile.
#include "isolate/seccomp_plain.h"

#include <doctest/doctest.h>

#include <random>

#include "brig/error.h"
#include "filter_difference.h"
#include "isolate/seccomp.h"

using namespace brig;
using isolate::CallNumbers;
using isolate::NamedCall;
using isolate::sort_calls;
using isolate::SortedCalls;
using isolate::test::difference;
using isolate::test::instructions;

namespace {

// Random profiles: few names, so that rules of one call meet, of every kind that matters.
class Profiles {
 public:
  explicit Profiles(unsigned seed) : random_(seed) {}

  Seccomp next() {
    Seccomp profile;
    profile.default_action = SeccompAction::kErrno;
    if (one_in(2)) profile.default_action = pick(kActions);
    if (takes_errno(profile.default_action) && one_in(3)) profile.default_errno_ret = pick(kErrnos);
    for (const char* arch : kArchitectures)
      if (one_in(3)) profile.architectures.emplace_back(arch);
    for (unsigned entries = below(12); entries > 0; --entries) profile.syscalls.push_back(entry());
    return profile;
  }

 private:
  static constexpr SeccompAction kActions[] = {
      SeccompAction::kAllow,      SeccompAction::kErrno,       SeccompAction::kLog,
      SeccompAction::kTrap,       SeccompAction::kTrace,       SeccompAction::kNotify,
      SeccompAction::kKillThread, SeccompAction::kKillProcess, SeccompAction::kErrno};
  static constexpr std::uint32_t kErrnos[] = {0, 1, 13, 38, 4095};
  static constexpr const char* kArchitectures[] = {
      "SCMP_ARCH_X86_64", "SCMP_ARCH_X86",     "SCMP_ARCH_X32",     "SCMP_ARCH_AARCH64",
      "SCMP_ARCH_ARM",    "SCMP_ARCH_RISCV64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_MIPSEL"};
  static constexpr SeccompOperator kOperators[] = {
      SeccompOperator::kNotEqual,   SeccompOperator::kLess,         SeccompOperator::kLessEqual,
      SeccompOperator::kEqual,      SeccompOperator::kGreaterEqual, SeccompOperator::kGreater,
      SeccompOperator::kMaskedEqual};
  static constexpr std::uint64_t kValues[] = {
      0, 1, 2, 5, 0x80000000, 0xffffffff, 0x100000000, 0x100000005, 0xffffffff00000000, ~0ULL};
  static constexpr const char* kNames[] = {
      // Everywhere, with neighbours and far from others.
      "read", "write", "close", "openat", "mkdirat", "unlinkat", "getpid", "clone", "clone3",
      "personality", "ptrace", "statx", "futex", "io_uring_setup", "io_uring_enter", "exit_group",
      "restart_syscall", "rt_sigreturn",
      // On some architectures, or with numbers of their own kind.
      "sendfile", "sendfile64", "time", "waitpid", "chown32", "arch_prctl", "modify_ldt", "mmap2",
      "fadvise64", "fadvise64_64", "arm_fadvise64_64", "sync_file_range", "sync_file_range2",
      "arm_sync_file_range", "set_tls", "cacheflush", "breakpoint", "setup", "syscall", "_llseek",
      "futex_time64", "semtimedop_time64", "rtas", "riscv_flush_icache",
      // Parts of larger ones, and these.
      "socketcall", "socket", "bind", "accept", "accept4", "send", "recv", "sendmsg", "recvmmsg",
      "ipc", "semop", "semtimedop", "semctl", "msgget", "shmat", "shmctl",
      // Nowhere.
      "no_such_call"};

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool one_in(unsigned count) { return below(count) == 0; }
  template <class T, std::size_t N>
  const T& pick(const T (&all)[N]) {
    return all[below(N)];
  }

  static bool takes_errno(SeccompAction action) {
    return action == SeccompAction::kErrno || action == SeccompAction::kTrace;
  }

  SeccompSyscall entry() {
    SeccompSyscall made = {.names = {}, .action = pick(kActions), .errno_ret = {}, .args = {}};
    if (takes_errno(made.action) && one_in(2)) made.errno_ret = pick(kErrnos);
    for (unsigned names = 1 + below(one_in(4) ? 40 : 4); names > 0; --names)
      made.names.emplace_back(pick(kNames));
    if (one_in(2))
      for (unsigned args = 1 + below(3); args > 0; --args)
        made.args.push_back({.index = below(4),
                             .value = pick(kValues),
                             .value_two = pick(kValues),
                             .op = pick(kOperators)});
    return made;
  }

  std::minstd_rand random_;
};

// What `make` says of a profile that it refuses; else the program.
struct Made {
  std::vector<sock_filter> program;
  std::string refused;
};

template <class Make>
Made made(Make&& make) {
  try {
    return {make(), {}};
  } catch (const Error& error) {
    return {{}, error.what()};
  }
}

constexpr std::uint32_t kOne = SECCOMP_RET_ERRNO | 1, kTwo = SECCOMP_RET_ERRNO | 2;

SortedCalls sort_on_two(const std::vector<NamedCall>& calls, std::vector<int> here,
                        std::vector<int> there) {
  return sort_calls(calls, {{10, std::move(here)}, {20, std::move(there)}});
}

}  // namespace

TEST_CASE("random profiles answer as if libseccomp had translated all of them") {
  constexpr unsigned kProfiles = 200;
  unsigned accepted = 0;
  for (unsigned seed = 1; seed <= kProfiles; ++seed) {
    CAPTURE(seed);
    const Seccomp profile = Profiles(seed).next();
    const Made expected = made([&] { return isolate::translate_seccomp(profile); });
    const Made got = made([&] { return instructions(isolate::compile_seccomp(profile).bpf); });
    CHECK(got.refused == expected.refused);
    if (!expected.refused.empty() || !got.refused.empty()) continue;
    CHECK(difference(expected.program, got.program) == "");
    ++accepted;
  }
  CHECK(accepted > kProfiles / 2);
}

TEST_CASE("calls without conditions are plain; of several rules the first one counts") {
  const SortedCalls sorted = sort_on_two(
      {{.name = "a", .answer = kOne}, {.name = "b", .answer = kOne}, {.name = "a", .answer = kTwo}},
      {7, 3, 7}, {1, -10050, 1});
  CHECK(sorted.for_libseccomp == std::vector<bool>{false, false, false});
  REQUIRE(sorted.plain.size() == 2);
  CHECK(sorted.plain[0].audit_arch == 10);
  REQUIRE(sorted.plain[0].calls.size() == 2);
  CHECK(sorted.plain[0].calls[0].number == 3);
  CHECK(sorted.plain[0].calls[1].number == 7);
  CHECK(sorted.plain[0].calls[1].answer == kOne);
  CHECK(sorted.plain[1].audit_arch == 20);
  REQUIRE(sorted.plain[1].calls.size() == 1);
  CHECK(sorted.plain[1].calls[0].number == 1);
}

TEST_CASE("a condition takes all rules of its call to libseccomp, under whatever name") {
  const SortedCalls sorted = sort_on_two({{.name = "a", .answer = kOne},
                                          {.name = "b", .answer = kOne},
                                          {.name = "a", .answer = kTwo, .conditional = true},
                                          {.name = "alias", .answer = kTwo}},
                                         {7, 8, 7, 9}, {1, 2, 1, 1});
  CHECK(sorted.for_libseccomp == std::vector<bool>{true, false, true, true});
  REQUIRE(sorted.plain[0].calls.size() == 2);  // "alias" has a number of its own here
  CHECK(sorted.plain[0].calls[0].number == 8);
  CHECK(sorted.plain[0].calls[1].number == 9);
  REQUIRE(sorted.plain[1].calls.size() == 1);
  CHECK(sorted.plain[1].calls[0].number == 2);
}

// libseccomp would refuse the last rule without the second one.
TEST_CASE(
    "all rules of a call with a condition go to libseccomp, even where there is no such call") {
  const SortedCalls sorted = sort_on_two({{.name = "a", .answer = kOne, .conditional = true},
                                          {.name = "a", .answer = kOne},
                                          {.name = "a", .answer = kTwo, .conditional = true}},
                                         {-10001, -10001, -10001}, {-10001, -10001, -10001});
  CHECK(sorted.for_libseccomp == std::vector<bool>{true, true, true});
  CHECK(sorted.plain[0].calls.empty());
}

TEST_CASE("parts of other calls, and those, go to libseccomp; a rule that says nothing does not") {
  const SortedCalls sorted =
      sort_on_two({{.name = "part", .answer = kOne},
                   {.name = "socketcall", .answer = kOne},
                   {.name = "ipc", .answer = kOne},
                   {.name = "c", .answer = kOne, .conditional = true, .idle = true},
                   {.name = "c", .answer = kTwo}},
                  {41, -10001, -10002, 5, 5}, {-101, 102, 117, 6, 6});
  CHECK(sorted.for_libseccomp == std::vector<bool>{true, true, true, false, false});
  REQUIRE(sorted.plain[0].calls.size() == 2);
  CHECK(sorted.plain[0].calls[0].answer == kTwo);
  CHECK(sorted.plain[0].calls[1].number == 41);
  REQUIRE(sorted.plain[1].calls.size() == 1);
  CHECK(sorted.plain[1].calls[0].number == 6);
}
