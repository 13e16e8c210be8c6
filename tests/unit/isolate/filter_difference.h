// Compares two system call filters by their answers, for tests.
//
// Everything that the programs compare a call with is tried, one below and one above it: between
// those they treat all calls alike.
#pragma once

#include <linux/audit.h>

#include <cstddef>
#include <random>
#include <set>
#include <string>

#include "bpf_interpreter.h"

namespace brig::isolate::test {

// Architectures that filters of tests have, and two that none has.
inline constexpr std::uint32_t kArchs[] = {
    AUDIT_ARCH_X86_64,  AUDIT_ARCH_I386,   AUDIT_ARCH_AARCH64,
    AUDIT_ARCH_ARM,     AUDIT_ARCH_MIPSEL, AUDIT_ARCH_RISCV64,
    AUDIT_ARCH_PPC64LE, AUDIT_ARCH_S390X,  0};

// What programs compare the parts of a call with.
struct Compared {
  std::set<std::uint32_t> numbers = {0, ~0U};
  std::set<std::uint32_t> arguments = {0, 1, ~0U};
};

inline void add_compared(const std::vector<sock_filter>& program, Compared& compared) {
  bool argument = false;
  for (const sock_filter& now : program) {
    if (BPF_CLASS(now.code) == BPF_LD) argument = now.k >= offsetof(seccomp_data, args);
    if (BPF_CLASS(now.code) != BPF_JMP || now.code == (BPF_JMP | BPF_JA)) continue;
    // A number may also be compared right behind a part that looks at arguments.
    for (const std::uint32_t near : {now.k - 1, now.k, now.k + 1}) {
      compared.numbers.insert(near);
      if (argument) compared.arguments.insert(near);
    }
  }
}

// Calls like `plain` with one argument, all arguments, or any ones of `values`.
inline std::vector<seccomp_data> with_arguments(const seccomp_data& plain,
                                                const std::set<std::uint32_t>& values) {
  const std::vector<std::uint64_t> words(values.begin(), values.end());
  std::vector<seccomp_data> calls;
  for (const std::uint64_t word : words)
    for (const std::uint64_t value : {word, word << 32U, word << 32U | word}) {
      for (auto& argument : calls.emplace_back(plain).args) argument = value;
      for (std::size_t i = 0; i < 6; ++i) calls.emplace_back(plain).args[i] = value;
    }
  std::minstd_rand random(plain.arch ^ static_cast<unsigned>(plain.nr));
  for (int i = 0; i < 64; ++i)
    for (auto& argument : calls.emplace_back(plain).args)
      argument = words[random() % words.size()] |
                 (random() % 2 == 0 ? 0 : words[random() % words.size()] << 32U);
  return calls;
}

// The first call that the programs answer differently, in words; empty when there is none.
inline std::string difference(const std::vector<sock_filter>& one,
                              const std::vector<sock_filter>& other) {
  Compared compared;
  add_compared(one, compared);
  add_compared(other, compared);
  for (const std::uint32_t arch : kArchs)
    for (const std::uint32_t number : compared.numbers) {
      const seccomp_data plain = {
          .nr = static_cast<int>(number), .arch = arch, .instruction_pointer = 0, .args = {}};
      bool looked = false;
      bool differs = run(one, plain, &looked) != run(other, plain, &looked);
      if (looked)
        for (const seccomp_data& call : with_arguments(plain, compared.arguments))
          differs = differs || run(one, call) != run(other, call);
      if (differs)
        return "architecture " + std::to_string(arch) + ", number " + std::to_string(number);
    }
  return {};
}

}  // namespace brig::isolate::test
