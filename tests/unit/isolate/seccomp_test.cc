#include "isolate/seccomp.h"

#include <doctest/doctest.h>
#include <linux/audit.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>

#include "bpf_interpreter.h"
#include "brig/error.h"
#include "isolate/seccomp_pass.h"

using namespace brig;
using isolate::compile_seccomp;
using isolate::SeccompFilter;
using isolate::test::instructions;
using isolate::test::run;

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kNative = AUDIT_ARCH_AARCH64;
#else
#error "name this architecture's AUDIT_ARCH_* here"
#endif

constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kEnosys = SECCOMP_RET_ERRNO | ENOSYS;
// Calls below these numbers are not taken for newer than the profile.
const SeccompSyscall kNewest = {.names = {"statx", "io_uring_register"}};

Seccomp refusing(std::vector<SeccompSyscall> rules) {
  rules.push_back(kNewest);
  return {.default_action = SeccompAction::kErrno, .syscalls = std::move(rules)};
}

std::uint32_t call(const SeccompFilter& filter, long nr, std::uint64_t arg0 = 0,
                   std::uint64_t arg1 = 0) {
  return run(instructions(filter.bpf),
             {.nr = static_cast<int>(nr), .arch = kNative, .args = {arg0, arg1}});
}

std::string failure(const Seccomp& profile) {
  try {
    compile_seccomp(profile);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("compile_seccomp gives every action its kernel value") {
  struct {
    SeccompAction action;
    std::optional<std::uint32_t> errno_ret;
    std::uint32_t expected;
  } const cases[] = {
      {SeccompAction::kAllow, {}, SECCOMP_RET_ALLOW},
      {SeccompAction::kLog, {}, SECCOMP_RET_LOG},
      {SeccompAction::kTrap, {}, SECCOMP_RET_TRAP},
      {SeccompAction::kKillThread, {}, SECCOMP_RET_KILL_THREAD},
      {SeccompAction::kKillProcess, {}, SECCOMP_RET_KILL_PROCESS},
      {SeccompAction::kTrace, {}, SECCOMP_RET_TRACE | EPERM},
      {SeccompAction::kTrace, 9, SECCOMP_RET_TRACE | 9},
      {SeccompAction::kErrno, 38, SECCOMP_RET_ERRNO | 38},
      {SeccompAction::kErrno, 0, SECCOMP_RET_ERRNO},
  };
  for (const auto& item : cases) {
    CAPTURE(item.expected);
    const SeccompFilter filter = compile_seccomp(
        refusing({{.names = {"mkdirat"}, .action = item.action, .errno_ret = item.errno_ret}}));
    CHECK(call(filter, SYS_mkdirat) == item.expected);
    CHECK(call(filter, SYS_getpid) == kEperm);
  }
}

TEST_CASE("the default action has its own errno, or EPERM") {
  Seccomp profile = refusing({});
  CHECK(call(compile_seccomp(profile), SYS_getpid) == kEperm);
  profile.default_errno_ret = 13;
  CHECK(call(compile_seccomp(profile), SYS_getpid) == (SECCOMP_RET_ERRNO | 13));
}

TEST_CASE("compile_seccomp gives every operator its meaning") {
  constexpr std::uint64_t kBig = 0x1'0000'0005;
  // NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): in the order of reading
  struct {
    SeccompOperator op;
    std::uint64_t value, value_two, arg;
    bool matches;
  } const cases[] = {
      {SeccompOperator::kEqual, 5, 0, 5, true},
      {SeccompOperator::kEqual, 5, 0, kBig, false},
      {SeccompOperator::kEqual, kBig, 0, kBig, true},
      {SeccompOperator::kNotEqual, 5, 0, 6, true},
      {SeccompOperator::kNotEqual, 5, 0, 5, false},
      {SeccompOperator::kLess, 5, 0, 4, true},
      {SeccompOperator::kLess, 5, 0, 5, false},
      {SeccompOperator::kLess, 5, 0, kBig, false},
      {SeccompOperator::kLessEqual, 5, 0, 5, true},
      {SeccompOperator::kLessEqual, 5, 0, 6, false},
      {SeccompOperator::kGreater, 5, 0, 6, true},
      {SeccompOperator::kGreater, 5, 0, 5, false},
      {SeccompOperator::kGreater, 5, 0, kBig, true},
      {SeccompOperator::kGreaterEqual, 5, 0, 5, true},
      {SeccompOperator::kGreaterEqual, 5, 0, 4, false},
      {SeccompOperator::kMaskedEqual, 0xf0, 0x30, 0x3f, true},
      {SeccompOperator::kMaskedEqual, 0xf0, 0x30, 0x4f, false},
  };
  for (const auto& item : cases) {
    CAPTURE(static_cast<int>(item.op));
    CAPTURE(item.arg);
    const SeccompFilter filter = compile_seccomp(refusing(
        {{.names = {"mkdirat"},
          .args = {
              {.index = 1, .value = item.value, .value_two = item.value_two, .op = item.op}}}}));
    CHECK(call(filter, SYS_mkdirat, 0, item.arg) == (item.matches ? SECCOMP_RET_ALLOW : kEperm));
  }
}

TEST_CASE("tests of different arguments must all match; tests of one argument need one match") {
  const SeccompFilter both = compile_seccomp(refusing(
      {{.names = {"mkdirat"}, .args = {{.index = 0, .value = 1}, {.index = 1, .value = 2}}}}));
  CHECK(call(both, SYS_mkdirat, 1, 2) == SECCOMP_RET_ALLOW);
  CHECK(call(both, SYS_mkdirat, 1, 3) == kEperm);
  const SeccompFilter either = compile_seccomp(refusing(
      {{.names = {"mkdirat"}, .args = {{.index = 0, .value = 1}, {.index = 0, .value = 2}}}}));
  CHECK(call(either, SYS_mkdirat, 1) == SECCOMP_RET_ALLOW);
  CHECK(call(either, SYS_mkdirat, 2) == SECCOMP_RET_ALLOW);
  CHECK(call(either, SYS_mkdirat, 3) == kEperm);
}

TEST_CASE("several rules for one system call") {
  const std::vector<SeccompArg> when_one = {{.index = 0, .value = 1}};
  SUBCASE("a rule without condition wins over one with a condition") {
    const SeccompFilter filter = compile_seccomp(
        refusing({{.names = {"mkdirat"}, .args = when_one}, {.names = {"mkdirat"}}}));
    CHECK(call(filter, SYS_mkdirat, 7) == SECCOMP_RET_ALLOW);
  }
  SUBCASE("the same rule twice is one rule") {
    const SeccompFilter filter =
        compile_seccomp(refusing({{.names = {"mkdirat"}, .args = when_one},
                                  {.names = {"mkdirat", "mkdirat"}, .args = when_one}}));
    CHECK(call(filter, SYS_mkdirat, 1) == SECCOMP_RET_ALLOW);
  }
  SUBCASE("a rule with the default's action says nothing") {
    const SeccompFilter filter =
        compile_seccomp(refusing({{.names = {"mkdirat"}, .action = SeccompAction::kErrno}}));
    CHECK(call(filter, SYS_mkdirat) == kEperm);
  }
  SUBCASE("the same condition with another action is an error with its place") {
    CHECK(failure(refusing({{.names = {"mkdirat"}, .args = when_one},
                            {.names = {"getpid", "mkdirat"},
                             .action = SeccompAction::kTrap,
                             .args = when_one}})) ==
          "linux.seccomp.syscalls[1]: mkdirat: an earlier rule has the same condition and another "
          "action");
  }
}

TEST_CASE("system calls newer than the profile get ENOSYS") {
  const SeccompFilter filter = compile_seccomp(refusing({}));
  CHECK(call(filter, SYS_io_uring_register) == SECCOMP_RET_ALLOW);
  CHECK(call(filter, SYS_io_uring_register - 1) == kEperm);
  CHECK(call(filter, SYS_io_uring_register + 1) == kEnosys);

  Seccomp killing = refusing({});
  killing.default_action = SeccompAction::kKillProcess;
  CHECK(call(compile_seccomp(killing), SYS_io_uring_register + 1) == kEnosys);
}

TEST_CASE("a profile that lets unknown calls through has no ENOSYS rule") {
  for (const SeccompAction action :
       {SeccompAction::kAllow, SeccompAction::kLog, SeccompAction::kTrace}) {
    const Seccomp profile = {
        .default_action = action,
        .syscalls = {{.names = {"mkdirat"}, .action = SeccompAction::kErrno}, kNewest}};
    const SeccompFilter filter = compile_seccomp(profile);
    CHECK(call(filter, SYS_io_uring_register + 1) == call(filter, SYS_getpid));
    CHECK(call(filter, SYS_io_uring_register + 1) != kEnosys);
    CHECK(call(filter, SYS_mkdirat) == kEperm);
  }
}

TEST_CASE("names that libseccomp does not know are left out with one warning") {
  const SeccompFilter filter =
      compile_seccomp(refusing({{.names = {"no_such_call", "mkdirat", "nor_this"}}}));
  CHECK(call(filter, SYS_mkdirat) == SECCOMP_RET_ALLOW);
  REQUIRE(filter.warnings.size() == 1);
  CHECK(filter.warnings[0].ends_with("does not know and leaves out: no_such_call nor_this"));
}

TEST_CASE("a large profile still answers each call by its own rule") {
  SeccompSyscall allowed;
  std::vector<long> numbers;
  const std::pair<const char*, long> calls[] = {
      {"read", SYS_read},           {"write", SYS_write},
      {"close", SYS_close},         {"fstat", SYS_fstat},
      {"lseek", SYS_lseek},         {"mmap", SYS_mmap},
      {"munmap", SYS_munmap},       {"brk", SYS_brk},
      {"ioctl", SYS_ioctl},         {"pread64", SYS_pread64},
      {"pwrite64", SYS_pwrite64},   {"readv", SYS_readv},
      {"writev", SYS_writev},       {"madvise", SYS_madvise},
      {"shmget", SYS_shmget},       {"dup", SYS_dup},
      {"getitimer", SYS_getitimer}, {"getpid", SYS_getpid},
      {"socket", SYS_socket},       {"connect", SYS_connect},
      {"sendto", SYS_sendto},       {"bind", SYS_bind},
      {"listen", SYS_listen},       {"clone", SYS_clone},
      {"execve", SYS_execve},       {"wait4", SYS_wait4},
      {"kill", SYS_kill},           {"uname", SYS_uname},
      {"fcntl", SYS_fcntl},         {"flock", SYS_flock},
      {"fsync", SYS_fsync},         {"getcwd", SYS_getcwd},
      {"chdir", SYS_chdir},         {"fchdir", SYS_fchdir},
      {"umask", SYS_umask},         {"gettid", SYS_gettid},
      {"futex", SYS_futex},         {"openat", SYS_openat},
  };
  for (const auto& [name, number] : calls) {
    allowed.names.emplace_back(name);
    numbers.push_back(number);
  }
  const SeccompFilter filter = compile_seccomp(refusing({allowed}));
  for (long number = 0; number < SYS_statx; ++number) {
    CAPTURE(number);
    const bool listed = std::find(numbers.begin(), numbers.end(), number) != numbers.end();
    CHECK(call(filter, number) == (listed ? SECCOMP_RET_ALLOW : kEperm));
  }
}

TEST_CASE("flags: absent means SPEC_ALLOW, empty means none") {
  Seccomp profile = refusing({});
  const auto flags = [&profile](std::optional<std::vector<std::string>> words) {
    profile.flags = std::move(words);
    return compile_seccomp(profile).flags;
  };
  CHECK(flags(std::nullopt) == SECCOMP_FILTER_FLAG_SPEC_ALLOW);
  CHECK(flags(std::vector<std::string>{}) == 0);
  CHECK(flags({{"SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"}}) ==
        (SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW));
  CHECK(flags({{"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"}}) ==
        SECCOMP_FILTER_FLAG_TSYNC);
}

TEST_CASE("SCMP_ACT_NOTIFY asks for a listener") {
  Seccomp profile = refusing({{.names = {"mkdirat"}, .action = SeccompAction::kNotify}});
  const auto flags = [&profile](std::vector<std::string> words) {
    profile.flags = std::move(words);
    return compile_seccomp(profile).flags;
  };
  const SeccompFilter filter = compile_seccomp(profile);
  CHECK(call(filter, SYS_mkdirat) == SECCOMP_RET_USER_NOTIF);
  CHECK(call(filter, SYS_getpid) == kEperm);
  CHECK(isolate::has_listener(filter.flags));
  CHECK_FALSE(isolate::has_listener(compile_seccomp(refusing({})).flags));
  CHECK(flags({}) == SECCOMP_FILTER_FLAG_NEW_LISTENER);
  CHECK(flags({"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"}) ==
        (SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
  CHECK(flags({"SECCOMP_FILTER_FLAG_TSYNC"}) ==
        (SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC |
         SECCOMP_FILTER_FLAG_TSYNC_ESRCH));

  profile.default_action = SeccompAction::kNotify;
  profile.syscalls = {kNewest};
  const SeccompFilter all = compile_seccomp(profile);
  CHECK(call(all, SYS_getpid) == SECCOMP_RET_USER_NOTIF);
  CHECK(call(all, SYS_io_uring_register + 1) == SECCOMP_RET_USER_NOTIF);  // the agent decides
}

TEST_CASE("only sendmsg and close with the pass get past the filter behind it") {
  const sys::FilterPass pass = {{0x1122334455667788, 0x99aabbccddeeff00, 5}};
  std::vector<sock_filter> program = isolate::pass_stub(kNative, pass);
  REQUIRE(program.size() == isolate::kPassStubLength);
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
  const auto answer = [&](long nr, const sys::FilterPass& words, std::uint32_t arch = kNative) {
    return run(program, {.nr = static_cast<int>(nr),
                         .arch = arch,
                         .args = {1, 2, 3, words.words[0], words.words[1], words.words[2]}});
  };
  CHECK(answer(SYS_sendmsg, pass) == SECCOMP_RET_ALLOW);
  CHECK(answer(SYS_close, pass) == SECCOMP_RET_ALLOW);
  CHECK(answer(SYS_sendmsg, pass, AUDIT_ARCH_S390X) == SECCOMP_RET_USER_NOTIF);
  for (const long nr : {SYS_write, SYS_openat, SYS_execve})
    CHECK(answer(nr, pass) == SECCOMP_RET_USER_NOTIF);
  for (std::size_t i = 0; i < pass.words.size(); ++i)
    for (const unsigned long difference : {1UL, 1UL << 32U}) {
      sys::FilterPass wrong = pass;
      wrong.words[i] ^= difference;
      CHECK(answer(SYS_sendmsg, wrong) == SECCOMP_RET_USER_NOTIF);
    }
}

TEST_CASE("architectures: all in one filter; an unknown one is an error with its place") {
  Seccomp profile = refusing({{.names = {"mkdirat"}}});
  profile.architectures = {"SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32",
                           "SCMP_ARCH_AARCH64", "SCMP_ARCH_AARCH64"};
  const std::vector<sock_filter> program = instructions(compile_seccomp(profile).bpf);
  CHECK(run(program, {.nr = 296, .arch = AUDIT_ARCH_I386}) == SECCOMP_RET_ALLOW);
  CHECK(run(program, {.nr = 258, .arch = AUDIT_ARCH_X86_64}) == SECCOMP_RET_ALLOW);
  CHECK(run(program, {.nr = 0x40000000 + 258, .arch = AUDIT_ARCH_X86_64}) == SECCOMP_RET_ALLOW);
  CHECK(run(program, {.nr = 34, .arch = AUDIT_ARCH_AARCH64}) == SECCOMP_RET_ALLOW);
  CHECK(run(program, {.nr = 1, .arch = AUDIT_ARCH_I386}) == kEperm);
  CHECK(run(program, {.nr = 2000, .arch = AUDIT_ARCH_I386}) == kEnosys);
  CHECK(run(program, {.nr = 0x40000000 + 2000, .arch = AUDIT_ARCH_X86_64}) == kEnosys);
  CHECK(run(program, {.nr = 1, .arch = AUDIT_ARCH_S390X}) == SECCOMP_RET_KILL_THREAD);

  profile.architectures = {"SCMP_ARCH_X86", "SCMP_ARCH_NONSENSE"};
  CHECK(failure(profile).starts_with("linux.seccomp.architectures[1]: libseccomp "));
}

// libseccomp's own filter for this holds no condition: it does not load the number.
TEST_CASE("a condition holds beside rules for calls that an architecture does not have") {
  Seccomp profile = {
      .default_action = SeccompAction::kAllow,
      .architectures = {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"},
      .syscalls = {{.names = {"riscv_flush_icache"}, .action = SeccompAction::kErrno},
                   {.names = {"clone"},
                    .action = SeccompAction::kErrno,
                    .args = {{.index = 0, .value = 5, .op = SeccompOperator::kGreater}}}}};
  for (const std::vector<sock_filter>& program :
       {instructions(compile_seccomp(profile).bpf), isolate::translate_seccomp(profile)}) {
    const auto answer = [&program](int nr, std::uint32_t arch, std::uint64_t argument) {
      return run(program, {.nr = nr, .arch = arch, .args = {argument}});
    };
    const std::pair<int, std::uint32_t> clones[] = {{56, AUDIT_ARCH_X86_64},
                                                    {0x40000000 + 56, AUDIT_ARCH_X86_64},
                                                    {120, AUDIT_ARCH_I386},
                                                    {120, AUDIT_ARCH_ARM}};
    for (const std::pair<int, std::uint32_t>& clone : clones) {
      CAPTURE(clone.second);
      CHECK(answer(clone.first, clone.second, 6) == kEperm);
      CHECK(answer(clone.first, clone.second, 5) == SECCOMP_RET_ALLOW);
      CHECK(answer(clone.first + 1, clone.second, 6) == SECCOMP_RET_ALLOW);
    }
  }
}

TEST_CASE("ARM's private calls are not taken for newer than the profile") {
  Seccomp profile = refusing({{.names = {"set_tls"}}});
  profile.architectures = {"SCMP_ARCH_ARM"};
  const std::vector<sock_filter> program = instructions(compile_seccomp(profile).bpf);
  const auto answer = [&program](int nr) {
    return run(program, {.nr = nr, .arch = AUDIT_ARCH_ARM});
  };
  constexpr int kSetTls = 0x0f0005, kStatx = 397, kIoUringRegister = 427;
  CHECK(answer(kSetTls) == SECCOMP_RET_ALLOW);
  CHECK(answer(kSetTls - 1) == kEperm);
  CHECK(answer(kStatx) == SECCOMP_RET_ALLOW);
  CHECK(answer(kIoUringRegister + 1) == kEnosys);
}

TEST_CASE("a profile with more rules than a filter can hold is refused before libseccomp sees it") {
  SeccompSyscall many = {.names = std::vector<std::string>(8193, "read"),
                         .action = SeccompAction::kErrno};
  const Seccomp profile = {.default_action = SeccompAction::kAllow, .syscalls = {many}};
  CHECK_THROWS_WITH_AS((void)compile_seccomp(profile),
                       "linux.seccomp.syscalls: 8193 system calls and tests of arguments, but a "
                       "filter cannot hold more than 8192; shorten the profile",
                       Error);
}

TEST_CASE("of names that libseccomp does not know a hundred are told") {
  SeccompSyscall unknown = {.names = std::vector<std::string>(150, "no_such_call"),
                            .action = SeccompAction::kErrno};
  const SeccompFilter filter =
      compile_seccomp({.default_action = SeccompAction::kAllow, .syscalls = {unknown}});
  REQUIRE(filter.warnings.size() == 1);
  CHECK(filter.warnings[0].ends_with(" no_such_call and 50 others"));
}
