#include "isolate/seccomp_enosys.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cerrno>
#include <cstddef>
#include <limits>

namespace brig::isolate {

namespace {

constexpr std::uint32_t kX32Bit = 1U << 30U;
constexpr std::uint32_t kReturnEnosys = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();

sock_filter load(std::size_t offset) {
  return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

// "if accumulator OP value, skip `yes` instructions, else `no`".
sock_filter jump(int op, std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | op | BPF_K), value, yes, no);
}

// All that the profile says about the processes of one AUDIT_ARCH_*.
struct Block {
  std::uint32_t audit_arch = 0;
  std::uint32_t last = kNoLimit;
  std::uint32_t last_x32 = kNoLimit;
};

std::vector<Block> group_by_arch(const std::vector<SyscallAbi>& abis) {
  std::vector<Block> blocks;
  for (const SyscallAbi& abi : abis) {
    Block* block = nullptr;
    for (Block& known : blocks)
      if (known.audit_arch == abi.audit_arch) block = &known;
    if (block == nullptr) block = &blocks.emplace_back(Block{.audit_arch = abi.audit_arch});
    (abi.x32 ? block->last_x32 : block->last) = abi.last;
  }
  return blocks;
}

// The block's instructions after the architecture matched. The last two are always "ja -> filter"
// (its offset is filled in at the end) and "ret ENOSYS".
std::vector<sock_filter> block_body(const Block& block) {
  std::vector<sock_filter> body = {load(offsetof(seccomp_data, nr))};
  if (block.audit_arch == AUDIT_ARCH_X86_64) {
    body.push_back(jump(BPF_JSET, kX32Bit, 1, 0));
    body.push_back(jump(BPF_JGT, block.last, 2, 1));
    body.push_back(jump(BPF_JGT, block.last_x32, 1, 0));
  } else {
    if (block.audit_arch == AUDIT_ARCH_S390 || block.audit_arch == AUDIT_ARCH_S390X)
      body.push_back(jump(BPF_JEQ, 0, 2, 0));
    if (block.audit_arch == AUDIT_ARCH_ARM) body.push_back(jump(BPF_JGE, kArmPrivateCalls, 1, 0));
    body.push_back(jump(BPF_JGT, block.last, 1, 0));
  }
  body.push_back(BPF_STMT(BPF_JMP | BPF_JA, 0));
  body.push_back(BPF_STMT(BPF_RET | BPF_K, kReturnEnosys));
  return body;
}

}  // namespace

std::vector<sock_filter> enosys_stub(const std::vector<SyscallAbi>& abis) {
  std::vector<sock_filter> stub;
  if (abis.empty()) return stub;
  stub.push_back(load(offsetof(seccomp_data, arch)));
  std::vector<std::size_t> jumps_to_filter;
  for (const Block& block : group_by_arch(abis)) {
    const std::vector<sock_filter> body = block_body(block);
    stub.push_back(jump(BPF_JEQ, block.audit_arch, 0, static_cast<std::uint8_t>(body.size())));
    stub.insert(stub.end(), body.begin(), body.end());
    jumps_to_filter.push_back(stub.size() - 2);
  }
  for (const std::size_t at : jumps_to_filter)
    stub[at].k = static_cast<std::uint32_t>(stub.size() - at - 1);
  return stub;
}

}  // namespace brig::isolate
