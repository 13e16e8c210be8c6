// Runs a system call filter as the kernel does, for tests: the part of classic BPF that seccomp(2)
// allows and libseccomp uses. Anything else, or a program that runs off its end, throws.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace brig::isolate::test {

inline std::vector<sock_filter> instructions(std::string_view bpf) {
  std::vector<sock_filter> program(bpf.size() / sizeof(sock_filter));
  std::memcpy(program.data(), bpf.data(), program.size() * sizeof(sock_filter));
  return program;
}

inline bool jump_taken(unsigned op, std::uint32_t accumulator, std::uint32_t value) {
  switch (op) {
    case BPF_JEQ:
      return accumulator == value;
    case BPF_JGT:
      return accumulator > value;
    case BPF_JGE:
      return accumulator >= value;
    case BPF_JSET:
      return (accumulator & value) != 0;
    default:
      throw std::runtime_error("unexpected jump");
  }
}

// What the filter returns (SECCOMP_RET_*). `looked`: set when it loads more than the number and the
// architecture, as far as it comes with this call.
inline std::uint32_t run(const std::vector<sock_filter>& program, const seccomp_data& data,
                         bool* looked = nullptr) {
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < program.size(); ++at) {
    const sock_filter& now = program[at];
    if (now.code == (BPF_LD | BPF_W | BPF_ABS)) {
      if (now.k % 4 != 0 || now.k + 4 > sizeof data) throw std::runtime_error("load out of bounds");
      std::memcpy(&accumulator, reinterpret_cast<const char*>(&data) + now.k, 4);
      if (looked != nullptr && now.k >= offsetof(seccomp_data, instruction_pointer)) *looked = true;
    } else if (now.code == (BPF_ALU | BPF_AND | BPF_K)) {
      accumulator &= now.k;
    } else if (now.code == (BPF_RET | BPF_K)) {
      return now.k;
    } else if (now.code == (BPF_JMP | BPF_JA)) {
      at += now.k;
    } else if (BPF_CLASS(now.code) == BPF_JMP && BPF_SRC(now.code) == BPF_K) {
      at += jump_taken(BPF_OP(now.code), accumulator, now.k) ? now.jt : now.jf;
    } else {
      throw std::runtime_error("unexpected instruction");
    }
  }
  throw std::runtime_error("the program runs off its end");
}

}  // namespace brig::isolate::test
