// Which rules of a profile libseccomp has to translate, and the answers of all others.
//
// Nearly everything in a profile says "these calls, this action", whatever their arguments.
// libseccomp takes milliseconds for a thousand of those and writes a comparison for each, which
// compact_filter() would have to read back. So it gets the others only, and the answers of these
// plain ones go straight into the search tree (seccomp_compact.h). Not plain is a call
// - that a rule with conditions names, with all rules that name it, in their order;
// - that is a part of socketcall(2) or ipc(2) on one of the architectures, as are these two;
// - that shares its number with such a one on one of the architectures.
//
// Pure functions; what runs where is said in seccomp.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "isolate/seccomp_compact.h"

namespace brig::isolate {

// A system call that an entry of the profile names.
struct NamedCall {
  std::string_view name;
  std::size_t entry = 0;     // its index in `syscalls`
  std::uint32_t answer = 0;  // SECCOMP_RET_*
  bool conditional = false;  // the entry tests arguments
  bool idle = false;         // the entry has the default's own action: it changes nothing
};

// libseccomp's numbers: those of parts of socketcall(2) and ipc(2) are between this and 0, those of
// calls that an architecture does not have are not above this.
inline constexpr int kAbsent = -10000;

// The numbers that the calls of a profile have on one architecture, in the same order.
struct CallNumbers {
  std::uint32_t audit_arch = 0;
  std::vector<int> numbers;
};

struct SortedCalls {
  std::vector<bool> for_libseccomp;  // of each call: whether it is to translate the rule
  std::vector<PlainCalls> plain;     // of each architecture
};

// Of several plain rules for a call the first one counts, as with libseccomp.
SortedCalls sort_calls(const std::vector<NamedCall>& calls,
                       const std::vector<CallNumbers>& architectures);

}  // namespace brig::isolate
