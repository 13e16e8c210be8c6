#include "isolate/seccomp_pass.h"

#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <cstddef>

namespace brig::isolate {

namespace {

// seccomp_data.args are 64 bits wide in the host's byte order; a load takes 32.
constexpr std::size_t kLow = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4;
constexpr std::size_t kHigh = 4 - kLow;

std::size_t offset_of_argument(std::size_t index) {
  return offsetof(seccomp_data, args) + index * sizeof(std::uint64_t);
}

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

// "if accumulator == value, skip `yes` instructions, else `no`".
sock_filter equal(std::uint32_t value, std::size_t yes, std::size_t no) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, static_cast<std::uint8_t>(yes),
                  static_cast<std::uint8_t>(no));
}

}  // namespace

std::vector<sock_filter> pass_stub(std::uint32_t audit_arch, const sys::FilterPass& pass) {
  std::vector<sock_filter> stub;
  const auto to_filter = [&stub] { return kPassStubLength - stub.size() - 1; };
  stub.push_back(load(offsetof(seccomp_data, arch)));
  stub.push_back(equal(audit_arch, 0, to_filter()));
  stub.push_back(load(offsetof(seccomp_data, nr)));
  stub.push_back(equal(SYS_sendmsg, 1, 0));
  stub.push_back(equal(SYS_close, 0, to_filter()));
  for (std::size_t i = 0; i < pass.words.size(); ++i) {
    const std::uint64_t word = pass.words[i];
    const std::size_t at = offset_of_argument(sys::kFirstPassArgument + i);
    stub.push_back(load(at + kLow));
    stub.push_back(equal(static_cast<std::uint32_t>(word), 0, to_filter()));
    stub.push_back(load(at + kHigh));
    stub.push_back(equal(static_cast<std::uint32_t>(word >> 32U), 0, to_filter()));
  }
  stub.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  return stub;
}

}  // namespace brig::isolate
