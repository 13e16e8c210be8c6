// Id mappings of user namespaces (config-linux.md "User namespace mappings").
//
// Host side unless said otherwise: mappings are written by a process in the parent user namespace.
// `process_dir` is a directory of procfs, as sys::open_process_directory() opens it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brig/config.h"

namespace brig::isolate {

struct IdMaps {
  std::vector<IdMapping> uid;
  std::vector<IdMapping> gid;
};

// The lines of a uid_map or gid_map file, user_namespaces(7), and back. Text that is not such a
// file is an Error.
std::string id_map_text(const std::vector<IdMapping>& mappings);
std::vector<IdMapping> parse_id_map(std::string_view text);

// True when both map the same ids to the same ids, however they are ordered or split.
bool same_id_map(const std::vector<IdMapping>& left, const std::vector<IdMapping>& right);

// The process that write_id_maps() gives its mappings to.
struct IdMapTarget {
  int process_dir = -1;
  // Write "deny" to /proc/PID/setgroups first, which the kernel demands from a writer without
  // CAP_SETGID in the parent namespace.
  bool deny_setgroups = false;
};

// Writes the mappings of a new user namespace directly: needs CAP_SETUID and CAP_SETGID in the
// parent namespace, or a single mapping of the writer's own id. Errors name linux.uidMappings or
// linux.gidMappings.
void write_id_maps(const IdMapTarget& target, const IdMaps& maps);

// The mappings of the user namespace that the process of `process_dir` is in, as seen from the
// caller's user namespace (from inside it: as seen from its parent).
IdMaps read_id_maps(int process_dir);

// The rule for a config with both a path for the user namespace and mappings: they must be those of
// the namespace. Throws which one differs.
void check_same_id_maps(const IdMaps& config, const IdMaps& joined);

}  // namespace brig::isolate
