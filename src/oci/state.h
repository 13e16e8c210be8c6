// What brig remembers of a container, and how it shows it.
//
// StateRecord is the compact record that stays on disk as `<root>/<id>/state.json`, in brig's own
// versioned format, so that start, kill, state, exec and delete never parse config.json again.
// The other functions render a record for people and callers: the `state` command, the standard
// input of hooks, the `list` command. Pure, no system calls.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brig/config.h"
#include "brig/error.h"
#include "brig/runtime.h"

namespace brig::oci {

// The on-disk format this build writes. A record with a greater number is refused.
inline constexpr int kRecordVersion = 1;

// linux.seccomp.listenerPath, absolute, and listenerMetadata.
struct SeccompListener {
  std::string path;
  std::string metadata;
};

// The groups of resctrl that hold the container's processes: absolute paths.
struct RdtGroup {
  std::string clos;
  std::string monitoring;    // empty: none of its own
  bool remove_clos = false;  // made for this container: goes with it
};

// A part of a text.
struct TextRange {
  std::uint64_t offset = 0;
  std::uint32_t size = 0;
};

struct StateRecord {
  std::string id;
  pid_t pid = 0;                 // of init in the host's pid namespace; 0 before it exists
  std::uint64_t start_time = 0;  // of init, in clock ticks since boot (proc(5) stat, field 22)
  std::string bundle;            // absolute
  std::string rootfs;            // absolute
  std::string created;           // RFC 3339 with nanoseconds, UTC
  uid_t owner = 0;               // who created the container
  std::map<std::string, std::string> annotations;
  std::string cgroup_path;            // the cgroup's directory on the host, absolute; empty: none
  std::string systemd_unit;           // the scope or slice unit; empty without systemd
  std::vector<Namespace> namespaces;  // as in the config: an empty path was created new
  std::optional<TextRange> process_text;  // where the copy of the config has the process, for exec
  // Of the process's filter, the bits of seccomp(2); nothing without seccomp.
  std::optional<std::uint32_t> seccomp_flags;
  std::optional<SeccompListener> seccomp_listener;  // of a filter with SCMP_ACT_NOTIFY
  std::optional<RdtGroup> rdt_group;                // linux.intelRdt
  std::optional<Personality> personality;           // as in the config; exec sets it too
  std::optional<MemoryPolicy> memory_policy;        // the same
  std::vector<Hook> poststart;
  std::vector<Hook> poststop;
  bool creating = false;  // until init is ready: the container is being made, or its maker died
  bool no_new_keyring = false;
};

// The text is no record (any more): cut short, filled with NUL bytes, edited.
class DamagedRecord : public Error {
 public:
  using Error::Error;
};

// The record as JSON text for the file, and back. read_record() throws a brig::Error that says what
// is wrong with the text (truncated, filled with NUL bytes, written by a newer brig); the caller
// adds the name of the file.
[[nodiscard]] std::string write_record(const StateRecord& record);
[[nodiscard]] StateRecord read_record(std::string_view text);

// What the `state` command prints: indented by two spaces, ending without a newline.
[[nodiscard]] std::string state_json(const ContainerInfo& info);

// runtime.md "State" on one line, as hooks read it from their standard input. `pid` is init's pid
// as the hook's pid namespace sees it; 0 leaves the property out. `root` is crun's extra property,
// the absolute root file system, which some hooks rely on.
[[nodiscard]] std::string hook_state_json(const StateRecord& record, Status status, pid_t pid);

// config-linux.md "The Container Process State" of the process `pid`, for the seccomp listener;
// `init_pid` is that of the container's own process.
[[nodiscard]] std::string container_process_state_json(const StateRecord& record, Status status,
                                                       pid_t init_pid, pid_t pid);

// One row of the `list` command. `owner` is the user name, or "#uid".
struct ListEntry {
  ContainerInfo info;
  std::string owner;
};

// The table of the `list` command with its header, laid out like runc's; ends with a newline.
[[nodiscard]] std::string list_table(const std::vector<ListEntry>& entries);

// The same as one JSON array on one line, `null` when there are none; ends with a newline.
[[nodiscard]] std::string list_json(const std::vector<ListEntry>& entries);

}  // namespace brig::oci
