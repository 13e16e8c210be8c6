// linux.timeOffsets.
#pragma once

#include <map>
#include <string>

#include "brig/config.h"

namespace brig::isolate {

// The text of /proc/PID/timens_offsets, time_namespaces(7).
std::string time_offsets_text(const std::map<std::string, TimeOffset>& offsets);

// Container side, after unshare(CLONE_NEWTIME) and before any process is in the new time namespace
// (also not the caller: it enters by setns(2) of its own ns/time_for_children afterwards; a
// namespace made by clone3(2) cannot be set). Needs CAP_SYS_TIME in the user namespace. `proc` is a
// handle of sys::open_private_proc().
void write_time_offsets(int proc, const std::map<std::string, TimeOffset>& offsets);

}  // namespace brig::isolate
