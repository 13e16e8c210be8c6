// The fixed words of the runtime-spec and what they stand for: one table each, used by parsing, by
// the state record and by the features document, so that these cannot disagree.
#pragma once

#include <sys/resource.h>

#include <array>
#include <string_view>

#include "brig/config.h"
#include "json/reader.h"

namespace brig::oci {

using json::Word;

inline constexpr std::array<Word<NamespaceType>, 8> kNamespaceWords{{
    {"cgroup", NamespaceType::kCgroup},
    {"ipc", NamespaceType::kIpc},
    {"mount", NamespaceType::kMount},
    {"network", NamespaceType::kNetwork},
    {"pid", NamespaceType::kPid},
    {"time", NamespaceType::kTime},
    {"user", NamespaceType::kUser},
    {"uts", NamespaceType::kUts},
}};

// In the order of the container's life.
inline constexpr std::array<std::string_view, 6> kHookNames{
    "prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"};

inline constexpr std::array<Word<int>, 16> kRlimitWords{{
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
}};

inline constexpr std::array<Word<SchedulerPolicy>, 7> kSchedulerPolicyWords{{
    {"SCHED_OTHER", SchedulerPolicy::kOther},
    {"SCHED_FIFO", SchedulerPolicy::kFifo},
    {"SCHED_RR", SchedulerPolicy::kRoundRobin},
    {"SCHED_BATCH", SchedulerPolicy::kBatch},
    {"SCHED_ISO", SchedulerPolicy::kIso},
    {"SCHED_IDLE", SchedulerPolicy::kIdle},
    {"SCHED_DEADLINE", SchedulerPolicy::kDeadline},
}};

// The bits of sched_attr.sched_flags; not every libc header names them all.
inline constexpr std::array<Word<std::uint64_t>, 7> kSchedulerFlagWords{{
    {"SCHED_FLAG_RESET_ON_FORK", 0x01},
    {"SCHED_FLAG_RECLAIM", 0x02},
    {"SCHED_FLAG_DL_OVERRUN", 0x04},
    {"SCHED_FLAG_KEEP_POLICY", 0x08},
    {"SCHED_FLAG_KEEP_PARAMS", 0x10},
    {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
    {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40},
}};

inline constexpr std::array<Word<IoPriorityClass>, 3> kIoPriorityClassWords{{
    {"IOPRIO_CLASS_RT", IoPriorityClass::kRealtime},
    {"IOPRIO_CLASS_BE", IoPriorityClass::kBestEffort},
    {"IOPRIO_CLASS_IDLE", IoPriorityClass::kIdle},
}};

inline constexpr std::array<Word<char>, 4> kDeviceTypeWords{
    {{"c", 'c'}, {"u", 'u'}, {"b", 'b'}, {"p", 'p'}}};

// The empty word is what Go's omitempty makes of "all".
inline constexpr std::array<Word<char>, 4> kDeviceRuleTypeWords{
    {{"a", 'a'}, {"c", 'c'}, {"b", 'b'}, {"", 'a'}}};

inline constexpr std::array<Word<RootfsPropagation>, 8> kPropagationWords{{
    {"shared", {Propagation::kShared, false}},
    {"rshared", {Propagation::kShared, true}},
    {"slave", {Propagation::kSlave, false}},
    {"rslave", {Propagation::kSlave, true}},
    {"private", {Propagation::kPrivate, false}},
    {"rprivate", {Propagation::kPrivate, true}},
    {"unbindable", {Propagation::kUnbindable, false}},
    {"runbindable", {Propagation::kUnbindable, true}},
}};

// personality(2): PER_LINUX and PER_LINUX32.
inline constexpr std::array<Word<std::uint64_t>, 2> kPersonalityDomainWords{
    {{"LINUX", 0x0000}, {"LINUX32", 0x0008}}};

// SCMP_ACT_KILL is the old name of SCMP_ACT_KILL_THREAD.
inline constexpr std::array<Word<SeccompAction>, 9> kSeccompActionWords{{
    {"SCMP_ACT_ALLOW", SeccompAction::kAllow},
    {"SCMP_ACT_ERRNO", SeccompAction::kErrno},
    {"SCMP_ACT_KILL", SeccompAction::kKillThread},
    {"SCMP_ACT_KILL_PROCESS", SeccompAction::kKillProcess},
    {"SCMP_ACT_KILL_THREAD", SeccompAction::kKillThread},
    {"SCMP_ACT_LOG", SeccompAction::kLog},
    {"SCMP_ACT_NOTIFY", SeccompAction::kNotify},
    {"SCMP_ACT_TRACE", SeccompAction::kTrace},
    {"SCMP_ACT_TRAP", SeccompAction::kTrap},
}};

inline constexpr std::array<Word<SeccompOperator>, 7> kSeccompOperatorWords{{
    {"SCMP_CMP_EQ", SeccompOperator::kEqual},
    {"SCMP_CMP_GE", SeccompOperator::kGreaterEqual},
    {"SCMP_CMP_GT", SeccompOperator::kGreater},
    {"SCMP_CMP_LE", SeccompOperator::kLessEqual},
    {"SCMP_CMP_LT", SeccompOperator::kLess},
    {"SCMP_CMP_MASKED_EQ", SeccompOperator::kMaskedEqual},
    {"SCMP_CMP_NE", SeccompOperator::kNotEqual},
}};

inline constexpr std::array<std::string_view, 23> kSeccompArchWords{
    "SCMP_ARCH_X86",     "SCMP_ARCH_X86_64",   "SCMP_ARCH_X32",         "SCMP_ARCH_ARM",
    "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",     "SCMP_ARCH_MIPS64",      "SCMP_ARCH_MIPS64N32",
    "SCMP_ARCH_MIPSEL",  "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
    "SCMP_ARCH_PPC64",   "SCMP_ARCH_PPC64LE",  "SCMP_ARCH_S390",        "SCMP_ARCH_S390X",
    "SCMP_ARCH_PARISC",  "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",     "SCMP_ARCH_LOONGARCH64",
    "SCMP_ARCH_M68K",    "SCMP_ARCH_SH",       "SCMP_ARCH_SHEB"};

// TSYNC is not in the spec; configurations made for runc 1.0 carry it.
inline constexpr std::array<std::string_view, 4> kSeccompFlagWords{
    "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};

inline constexpr std::array<Word<MemoryPolicyMode>, 7> kMemoryPolicyModeWords{{
    {"MPOL_DEFAULT", MemoryPolicyMode::kDefault},
    {"MPOL_BIND", MemoryPolicyMode::kBind},
    {"MPOL_INTERLEAVE", MemoryPolicyMode::kInterleave},
    {"MPOL_WEIGHTED_INTERLEAVE", MemoryPolicyMode::kWeightedInterleave},
    {"MPOL_PREFERRED", MemoryPolicyMode::kPreferred},
    {"MPOL_PREFERRED_MANY", MemoryPolicyMode::kPreferredMany},
    {"MPOL_LOCAL", MemoryPolicyMode::kLocal},
}};

inline constexpr std::uint32_t kNumaBalancing = 1U << 13U;  // MPOL_F_* of linux/mempolicy.h
inline constexpr std::uint32_t kRelativeNodes = 1U << 14U;
inline constexpr std::uint32_t kStaticNodes = 1U << 15U;

inline constexpr std::array<Word<std::uint32_t>, 3> kMemoryPolicyFlagWords{{
    {"MPOL_F_NUMA_BALANCING", kNumaBalancing},
    {"MPOL_F_RELATIVE_NODES", kRelativeNodes},
    {"MPOL_F_STATIC_NODES", kStaticNodes},
}};

// The word of `value` in `table`, which must have it; the first one when there are synonyms.
template <class T, std::size_t N>
[[nodiscard]] constexpr std::string_view word_of(const std::array<Word<T>, N>& table, T value) {
  for (const Word<T>& word : table)
    if (word.value == value) return word.name;
  return {};
}

}  // namespace brig::oci
