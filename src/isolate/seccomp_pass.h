// How a process whose system calls are reported to a listener can still hand that listener on.
//
// The kernel gives the listener to the very process that installs the filter. From then on its
// calls wait for an answer of the agent at the listener's other end, who does not have the listener
// yet: a profile that reports sendmsg(2), close(2) or everything would wait for ever. The rule
// put in front of such a filter lets these two calls pass when their three unused arguments are
// 192 random bits (sys::FilterPass). Only the process that drew them knows them, and its memory
// ends with execve(2), so that no program in the container can use the pass.
//
// Pure functions over BPF programs; what runs where is said in seccomp.h.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

#include "sys/seccomp.h"

namespace brig::isolate {

// The length of pass_stub(): the room to leave below the kernel's limit.
inline constexpr std::size_t kPassStubLength = 18;

// The instructions to put in front of a filter: they allow the calls with the pass, or fall through
// to the filter's first instruction with nothing changed but the accumulator. `audit_arch` is the
// native AUDIT_ARCH_*.
std::vector<sock_filter> pass_stub(std::uint32_t audit_arch, const sys::FilterPass& pass);

}  // namespace brig::isolate
