#include "isolate/seccomp_compact.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>

#include "filter_difference.h"
#include "isolate/seccomp.h"
#include "oci/parse.h"
#include "sys/file.h"

using namespace brig;
using isolate::compact_filter;
using isolate::PlainAnswers;
using isolate::test::difference;
using isolate::test::instructions;
using isolate::test::run;

namespace {

using Program = std::vector<sock_filter>;

Program program_of(const char* name, bool compact) {
  const std::string path = std::string(BRIG_TEST_DIR "/corpus/") + name;
  const Config config =
      oci::parse_config(sys::read_file_at(AT_FDCWD, path).or_throw("read ", path));
  return compact ? instructions(isolate::compile_seccomp(*config.linux.seccomp).bpf)
                 : isolate::translate_seccomp(*config.linux.seccomp);
}

sock_filter load(std::uint32_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset); }
sock_filter ret(std::uint32_t value) { return BPF_STMT(BPF_RET | BPF_K, value); }

}  // namespace

TEST_CASE("a compact filter of the corpus answers as libseccomp's and is a third as long") {
  for (const char* name : {"docker-default.config.json", "podman-default.config.json"}) {
    CAPTURE(name);
    const Program before = program_of(name, false);
    const Program after = program_of(name, true);
    CHECK(after.size() * 3 < before.size());
    CHECK(difference(before, after).empty());
    // The comparison finds a single answer that differs.
    Program wrong = after;
    for (sock_filter& now : wrong)
      if (BPF_CLASS(now.code) == BPF_RET && now.k == SECCOMP_RET_ALLOW) {
        now.k = SECCOMP_RET_KILL;
        break;
      }
    CHECK_FALSE(difference(before, wrong).empty());
  }
}

TEST_CASE("an architecture without rules and jumps beyond 255 instructions are kept") {
  // Every second number is allowed: as many runs as numbers.
  Program program = {load(offsetof(seccomp_data, arch)),
                     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
                     ret(SECCOMP_RET_KILL), load(offsetof(seccomp_data, nr))};
  for (std::uint32_t number = 0; number < 600; number += 2) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3));
    program.push_back(load(offsetof(seccomp_data, args)));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number % 8, 1, 0));
    program.push_back(ret(SECCOMP_RET_ALLOW));
    program.push_back(load(offsetof(seccomp_data, nr)));
  }
  program.push_back(ret(SECCOMP_RET_ERRNO));
  const std::optional<Program> after = compact_filter(program);
  REQUIRE(after);
  CHECK(difference(program, *after).empty());
}

TEST_CASE("plain answers come behind the first instructions and before all others") {
  constexpr std::uint32_t kOfProgram = SECCOMP_RET_ERRNO | 1, kEarly = SECCOMP_RET_ERRNO | 2;
  const Program program = {load(offsetof(seccomp_data, nr)),
                           BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 99, 0, 1),
                           ret(kEarly),
                           load(offsetof(seccomp_data, arch)),  // from here on
                           BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 1),
                           ret(kOfProgram),
                           ret(SECCOMP_RET_KILL)};
  // Two lists for one architecture, and one for an architecture that the program does not know.
  const PlainAnswers plain = {.at = 3,
                              .calls = {{AUDIT_ARCH_X86_64, {{5, SECCOMP_RET_ALLOW}, {100, 0}}},
                                        {AUDIT_ARCH_X86_64, {{3, SECCOMP_RET_LOG}}},
                                        {AUDIT_ARCH_ARM, {{7, SECCOMP_RET_TRAP}}}}};
  const std::optional<Program> after = compact_filter(program, plain);
  REQUIRE(after);
  const auto answer = [&](std::uint32_t arch, int nr) {
    return run(*after, {.nr = nr, .arch = arch});
  };
  CHECK(answer(AUDIT_ARCH_X86_64, 3) == SECCOMP_RET_LOG);
  CHECK(answer(AUDIT_ARCH_X86_64, 4) == kOfProgram);
  CHECK(answer(AUDIT_ARCH_X86_64, 5) == SECCOMP_RET_ALLOW);
  CHECK(answer(AUDIT_ARCH_X86_64, 6) == kOfProgram);
  CHECK(answer(AUDIT_ARCH_X86_64, 100) == kEarly);
  CHECK(answer(AUDIT_ARCH_ARM, 7) == SECCOMP_RET_TRAP);
  CHECK(answer(AUDIT_ARCH_ARM, 5) == SECCOMP_RET_KILL);
  CHECK(answer(AUDIT_ARCH_S390X, 7) == SECCOMP_RET_KILL);
}

TEST_CASE("what is not followed is not made compact") {
  const Program arithmetic = {load(offsetof(seccomp_data, nr)),
                              BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1),
                              BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1), ret(1), ret(2)};
  CHECK_FALSE(compact_filter(arithmetic));
  const Program low_bit = {load(offsetof(seccomp_data, nr)),
                           BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1), ret(1), ret(2)};
  CHECK_FALSE(compact_filter(low_bit));
  const Program order_of_archs = {load(offsetof(seccomp_data, arch)),
                                  BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 0, 1), ret(1), ret(2)};
  CHECK_FALSE(compact_filter(order_of_archs));
  CHECK_FALSE(compact_filter({}));
}
