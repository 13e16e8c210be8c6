// Id mappings of user namespaces (config-linux.md "User namespace mappings").
//
// Host side unless said otherwise: mappings are written by a process in the parent user namespace,
// by brig itself where the kernel lets it, else by newuidmap(1) and newgidmap(1), set-user-id
// programs that know which ids an administrator has given to whom (subuid(5)).
// `process_dir` is a directory of procfs, as sys::open_process_directory() opens it.
#pragma once

#include <sys/types.h>

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

// The effective ids of a writer who is not root.
struct OwnIds {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
};

// The process that write_id_maps() gives its mappings to. For newuidmap(1) it must belong to the
// caller, so it must be dumpable until they are written.
struct IdMapTarget {
  int process_dir = -1;
  pid_t pid = -1;
  std::optional<OwnIds> unprivileged;  // none: brig has CAP_SETUID and CAP_SETGID
};

// Whether a writer without privileges may write these mappings himself: user_namespaces(7) allows
// one line with his own id.
bool maps_only(std::uint32_t own, const std::vector<IdMapping>& mappings);

// Writes the mappings of a new user namespace. An unprivileged writer of his own group alone gives
// up setgroups(2) for it, as the kernel demands. Errors name linux.uidMappings or
// linux.gidMappings, and what newuidmap(1) or newgidmap(1) said.
void write_id_maps(const IdMapTarget& target, const IdMaps& maps);

// The mappings of the user namespace that the process of `process_dir` is in, as seen from the
// caller's user namespace (from inside it: as seen from its parent).
IdMaps read_id_maps(int process_dir);

// The rule for a config with both a path for the user namespace and mappings: they must be those of
// the namespace. Throws which one differs.
void check_same_id_maps(const IdMaps& config, const IdMaps& joined);

}  // namespace brig::isolate
