#include "isolate/seccomp_compact.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>

#include <set>

#include "bpf_interpreter.h"
#include "isolate/seccomp.h"
#include "oci/parse.h"
#include "sys/file.h"

using namespace brig;
using isolate::compact_filter;
using isolate::test::instructions;
using isolate::test::run;

namespace {

using Program = std::vector<sock_filter>;

constexpr std::uint32_t kArchs[] = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,  AUDIT_ARCH_AARCH64,
                                    AUDIT_ARCH_ARM,    AUDIT_ARCH_S390X, 0};

// Numbers around everything that a filter may compare with, of each kind of x86-64 process.
std::set<std::uint32_t> interesting_numbers() {
  std::set<std::uint32_t> numbers;
  for (const std::uint32_t base : {0U, 1U << 30U, 1U << 31U, 3U << 30U, ~0U - 3})
    for (std::uint32_t i = 0; i < 600; ++i) numbers.insert(base + i - 2);
  return numbers;
}

// What the program compares arguments with.
std::set<std::uint32_t> argument_constants(const Program& program) {
  std::set<std::uint32_t> constants = {0, 1, ~0U};
  bool of_argument = false;
  for (const sock_filter& now : program) {
    if (BPF_CLASS(now.code) == BPF_LD) of_argument = now.k >= offsetof(seccomp_data, args);
    if (of_argument && BPF_CLASS(now.code) != BPF_LD && BPF_CLASS(now.code) != BPF_RET)
      for (const std::uint32_t near : {now.k - 1, now.k, now.k + 1}) constants.insert(near);
  }
  return constants;
}

std::vector<seccomp_data> calls_with_arguments(const seccomp_data& plain,
                                               const std::set<std::uint32_t>& constants) {
  std::vector<seccomp_data> calls = {plain};
  for (const std::uint64_t value : constants) {
    for (const std::size_t i : {0UL, 1UL, 2UL, 6UL}) {
      seccomp_data call = plain;
      // One argument, or all of them.
      for (std::size_t at = 0; at < 6; ++at)
        if (i == 6 || at == i) call.args[at] = value;
      calls.push_back(call);
    }
    calls.push_back(plain);
    for (auto& argument : calls.back().args) argument = value << 32U;
  }
  return calls;
}

// Whether the answer depends on arguments, as far as two sets of them show it.
bool looks_at_arguments(const Program& program, const std::vector<seccomp_data>& calls) {
  const std::uint32_t first = run(program, calls[0]);
  for (const seccomp_data& call : calls)
    if (run(program, call) != first) return true;
  return false;
}

// The first call that the programs answer differently, in words; empty when there is none.
std::string difference(const Program& one, const Program& other) {
  const std::set<std::uint32_t> constants = argument_constants(one);
  for (const std::uint32_t arch : kArchs) {
    for (const std::uint32_t number : interesting_numbers()) {
      const seccomp_data plain = {
          .nr = static_cast<int>(number), .arch = arch, .instruction_pointer = 0, .args = {}};
      std::vector<seccomp_data> calls = {plain, plain};
      calls[1] = {plain.nr, plain.arch, ~0ULL, {~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL, ~0ULL}};
      const bool known = arch == AUDIT_ARCH_X86_64 || arch == AUDIT_ARCH_I386;
      if ((known && number < 600) || looks_at_arguments(one, calls))
        calls = calls_with_arguments(plain, constants);
      for (const seccomp_data& call : calls)
        if (run(one, call) != run(other, call))
          return "arch " + std::to_string(arch) + " number " + std::to_string(number);
    }
  }
  return {};
}

Program program_of(const char* name, bool compact) {
  const std::string path = std::string(BRIG_TEST_DIR "/corpus/") + name;
  const Config config =
      oci::parse_config(sys::read_file_at(AT_FDCWD, path).or_throw("read ", path));
  return instructions((compact ? isolate::compile_seccomp(*config.linux.seccomp)
                               : isolate::translate_seccomp(*config.linux.seccomp))
                          .bpf);
}

sock_filter load(std::uint32_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset); }
sock_filter ret(std::uint32_t value) { return BPF_STMT(BPF_RET | BPF_K, value); }

}  // namespace

TEST_CASE("a compact filter of the corpus answers as before and is a third as long") {
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
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 1, 0));
    program.push_back(ret(SECCOMP_RET_ALLOW));
    program.push_back(load(offsetof(seccomp_data, nr)));
  }
  program.push_back(ret(SECCOMP_RET_ERRNO));
  const Program after = compact_filter(program);
  CHECK(difference(program, after).empty());
}

TEST_CASE("what is not followed stays as it is") {
  const Program arithmetic = {load(offsetof(seccomp_data, nr)),
                              BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1),
                              BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1), ret(1), ret(2)};
  CHECK(compact_filter(arithmetic).size() == arithmetic.size());
  const Program low_bit = {load(offsetof(seccomp_data, nr)),
                           BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 1), ret(1), ret(2)};
  CHECK(compact_filter(low_bit).size() == low_bit.size());
  const Program order_of_archs = {load(offsetof(seccomp_data, arch)),
                                  BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 0, 1), ret(1), ret(2)};
  CHECK(compact_filter(order_of_archs).size() == order_of_archs.size());
  CHECK(compact_filter({ret(SECCOMP_RET_ALLOW)}).size() == 1);
}
