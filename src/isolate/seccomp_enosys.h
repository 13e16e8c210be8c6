// The rule that makes a profile answer ENOSYS, not EPERM, to system calls newer than itself.
//
// C libraries try a new system call first and fall back to an old one when the kernel says ENOSYS.
// A profile that lists what is allowed was written before that call existed and would answer with
// its default, usually EPERM, which programs take as final. runc therefore treats every number
// above the highest one that the profile names as unknown to the kernel, and so do we.
//
// Pure functions over BPF programs; what runs where is said in seccomp.h.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

namespace brig::isolate {

// ARM's private calls (breakpoint, cacheflush, set_tls...) lie far above the numbered ones and say
// nothing about a profile's age: the filter behind the rule answers them.
inline constexpr std::uint32_t kArmPrivateCalls = 0x0f0000;

// One kind of process that a filter covers.
struct SyscallAbi {
  std::uint32_t audit_arch = 0;  // AUDIT_ARCH_*, the filter's seccomp_data.arch
  bool x32 = false;  // on AUDIT_ARCH_X86_64: numbers with bit 30 set, else those without
  // Highest system call number that the profile names (bit 30 included), ARM's private ones aside.
  std::uint32_t last = 0;
};

// The instructions to put in front of a filter: those that return ENOSYS, or fall through to the
// filter's first instruction with nothing changed but the accumulator. Empty for no ABIs.
//
// The layout is one block per architecture, each with its own return, so that no conditional jump
// is longer than the block:
//
//     ld arch
//     jne arch 1 -> next block
//       ld nr; (x86-64: split by bit 30); jgt last -> ret ENOSYS; ja -> filter; ret ENOSYS
//     jne arch 2 -> next block
//       ...
//
// The first ABI costs the least: pass the native one first. s390 programs reach unknown numbers as
// number 0 (setup(2), otherwise unused), which gets ENOSYS too.
std::vector<sock_filter> enosys_stub(const std::vector<SyscallAbi>& abis);

}  // namespace brig::isolate
