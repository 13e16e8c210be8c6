#include <linux/sched.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "facts.h"

namespace probe {
namespace {

// Own, since glibc before 2.41 has none and the kernel's header clashes with <sched.h>.
struct Attributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime;
  std::uint64_t deadline;
  std::uint64_t period;
};

struct Word {
  unsigned value;
  const char* name;
};
constexpr Word kPolicies[] = {{0, "SCHED_OTHER"}, {1, "SCHED_FIFO"}, {2, "SCHED_RR"},
                              {3, "SCHED_BATCH"}, {5, "SCHED_IDLE"}, {6, "SCHED_DEADLINE"}};
constexpr Word kSchedulerFlags[] = {
    {1, "SCHED_FLAG_RESET_ON_FORK"}, {2, "SCHED_FLAG_RECLAIM"}, {4, "SCHED_FLAG_DL_OVERRUN"}};
constexpr Word kClasses[] = {{0, "IOPRIO_CLASS_NONE"},
                             {1, "IOPRIO_CLASS_RT"},
                             {2, "IOPRIO_CLASS_BE"},
                             {3, "IOPRIO_CLASS_IDLE"}};
constexpr Word kModes[] = {{0, "MPOL_DEFAULT"},
                           {1, "MPOL_PREFERRED"},
                           {2, "MPOL_BIND"},
                           {3, "MPOL_INTERLEAVE"},
                           {4, "MPOL_LOCAL"},
                           {5, "MPOL_PREFERRED_MANY"},
                           {6, "MPOL_WEIGHTED_INTERLEAVE"}};
constexpr Word kModeFlags[] = {{1U << 13, "MPOL_F_NUMA_BALANCING"},
                               {1U << 14, "MPOL_F_RELATIVE_NODES"},
                               {1U << 15, "MPOL_F_STATIC_NODES"}};

template <std::size_t N>
std::string word_for(const Word (&words)[N], unsigned value) {
  for (const Word& word : words) {
    if (word.value == value) return word.name;
  }
  return std::to_string(value);
}

template <std::size_t N>
void write_flags(Json& json, const Word (&words)[N], unsigned long long value) {
  json.key("flags").begin_array();
  for (const Word& word : words) {
    if ((value & word.value) != 0) json.text(word.name);
  }
  json.end_array();
}

}  // namespace

void write_scheduler(Json& json) {
  Attributes own{};
  if (syscall(SYS_sched_getattr, 0, &own, sizeof own, 0) != 0) {
    json.text(error_name(errno));
    return;
  }
  json.begin_object()
      .member("policy", word_for(kPolicies, own.policy))
      .member("nice", static_cast<long long>(getpriority(PRIO_PROCESS, 0)))
      .member("priority", static_cast<long long>(own.priority))
      .member("runtime", static_cast<long long>(own.runtime))
      .member("deadline", static_cast<long long>(own.deadline))
      .member("period", static_cast<long long>(own.period));
  write_flags(json, kSchedulerFlags, own.flags);
  json.end_object();
}

void write_io_priority(Json& json) {
  const long value = syscall(SYS_ioprio_get, 1 /* a process */, 0);
  if (value < 0) {
    json.text(error_name(errno));
    return;
  }
  json.begin_object()
      .member("class", word_for(kClasses, static_cast<unsigned>(value) >> 13))
      .member("priority", static_cast<long long>(value & 7))
      .end_object();
}

void write_affinity(Json& json) {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  json.begin_array();
  for (int i = 0; i < CPU_SETSIZE; i++) {
    if (CPU_ISSET(i, &set)) json.number(static_cast<long long>(i));
  }
  json.end_array();
}

void write_memory_policy(Json& json) {
  int mode = 0;
  unsigned long nodes[16] = {};
  if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof nodes * 8, nullptr, 0) != 0) {
    json.text(error_name(errno));
    return;
  }
  constexpr unsigned kFlagBits = 7U << 13;
  json.begin_object().member("mode", word_for(kModes, static_cast<unsigned>(mode) & ~kFlagBits));
  json.key("nodes").begin_array();
  for (unsigned i = 0; i < sizeof nodes * 8; i++) {
    if ((nodes[i / 64] >> i % 64 & 1) != 0) json.number(static_cast<long long>(i));
  }
  json.end_array();
  write_flags(json, kModeFlags, static_cast<unsigned>(mode));
  json.end_object();
}

}  // namespace probe
