// The container operations of the OCI runtime (runtime-spec, runtime.md "Operations") and what
// engines expect around them: the whole public face of the library. The command line is a thin
// layer over these functions; a shim that keeps running can call them too.
//
// Every function runs on the host side, in the caller's process, and leaves that process's working
// directory, umask, environment, namespaces and signal mask as they were. Failures are thrown as
// brig::Error with one line for people. A function that fails leaves nothing behind: no process,
// cgroup, mount or file that it made.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brig/config.h"
#include "brig/error.h"

namespace brig {

enum class CgroupManager { kCgroupfs, kSystemd, kDisabled };

// What holds for every operation: the global flags of the command line.
struct RuntimeOptions {
  std::string root;  // directory with one folder per container; absolute
  CgroupManager cgroup_manager = CgroupManager::kCgroupfs;
  // Whether a container without limits may be left without a cgroup when none can be made. Unset:
  // only for a caller who is not root on the host.
  std::optional<bool> rootless;
};

// `create` and `run`.
struct CreateOptions {
  std::string id;
  std::string bundle = ".";
  std::string config_file;     // --config: read instead of <bundle>/config.json
  std::string console_socket;  // Unix socket that receives the terminal's master
  std::string pidfd_socket;    // Unix socket that receives a pidfd of the container's process
  std::string pid_file;        // relative paths are relative to the caller's working directory
  bool no_pivot = false;
  bool no_new_keyring = false;
  std::uint32_t preserve_fds = 0;  // that many descriptors, from 3 + listen_fds on, stay open
  std::uint32_t listen_fds = 0;    // LISTEN_FDS: descriptors 3 .. 3+N-1 are systemd's sockets
  std::string notify_socket;       // NOTIFY_SOCKET of the caller; empty: none
};

struct RunOptions {
  CreateOptions create;
  bool detach = false;
  bool keep = false;          // do not delete the container when its process has ended
  bool no_subreaper = false;  // do not become the reaper of the container's orphans while waiting
};

struct ExecOptions {
  std::string id;
  std::string process_file;  // --process; when set, the fields up to `capabilities` are not used
  std::vector<std::string> args;
  std::string cwd;
  std::vector<std::string> env;
  bool terminal = false;
  std::optional<std::uint32_t> uid;  // --user UID[:GID]; what it leaves out stays as in the config
  std::optional<std::uint32_t> gid;
  std::vector<std::uint32_t> additional_gids;  // added to the config's
  std::string process_label;
  std::string apparmor;
  std::optional<bool> no_new_privileges;  // unset: as in the config
  std::vector<std::string>
      capabilities;  // --cap: added to the container's sets, never to inheritable
  std::string console_socket;
  std::string pidfd_socket;
  std::string pid_file;
  std::string cgroup;  // --cgroup: sub-cgroup of the container's cgroup for the process
  std::uint32_t preserve_fds = 0;
  bool detach = false;
  bool ignore_paused = false;
};

enum class Status { kCreating, kCreated, kRunning, kPaused, kStopped };

// The spec's word: "creating", "created", "running", "paused", "stopped".
const char* status_word(Status status);

// What `list` and `state` say of one container.
struct ContainerInfo {
  std::string id;
  pid_t pid = 0;  // 0 when stopped
  Status status = Status::kStopped;
  std::string bundle;
  std::string rootfs;
  std::string created;  // RFC 3339 with nanoseconds, UTC
  uid_t owner = 0;
  std::map<std::string, std::string> annotations;
};

// runtime.md "Create": makes everything but starts the user's program only at start().
void create_container(const RuntimeOptions& runtime, const CreateOptions& options);

// runtime.md "Start": runs the startContainer hooks and the user's program; returns when the
// program has been executed (or throws why not) and the poststart hooks have run. With a
// `notify_socket` (NOTIFY_SOCKET of the caller) it also waits until the program has reported that
// it is ready.
void start_container(const RuntimeOptions& runtime, const std::string& id,
                     const std::string& notify_socket = {});

// create + start; in the foreground (not `detach`) it forwards signals and the terminal, waits,
// deletes the container and returns the process's exit status (128 + signal when killed). Detached
// it returns 0.
int run_container(const RuntimeOptions& runtime, const RunOptions& options);

// runtime.md "State".
ContainerInfo container_info(const RuntimeOptions& runtime, const std::string& id);

// Every container below the root, sorted by id. A root that does not exist has none. Unreadable
// ones are left out and named in `problems`.
std::vector<ContainerInfo> list_containers(const RuntimeOptions& runtime,
                                           std::vector<std::string>& problems);

// Their ids alone: what has become of their processes is not looked at.
std::vector<std::string> list_container_ids(const RuntimeOptions& runtime,
                                            std::vector<std::string>& problems);

// runtime.md "Kill". `all`: every process of the container; a container that does not run any more
// is then no error.
void kill_container(const RuntimeOptions& runtime, const std::string& id, int signal, bool all);

// runtime.md "Delete". Without `force` the container must be stopped or created (which kills it);
// with it a running one is killed first, one that does not exist is no error, and a damaged record
// does not stop the removal. Failures of poststop hooks are appended to `warnings`.
void delete_container(const RuntimeOptions& runtime, const std::string& id, bool force,
                      std::vector<std::string>& warnings);

// Runs a further process in a running container. Foreground: its exit status; detached: 0.
int exec_in_container(const RuntimeOptions& runtime, const ExecOptions& options);

// Host pids of all processes in the container's cgroup and those below it.
std::vector<pid_t> container_processes(const RuntimeOptions& runtime, const std::string& id);

void pause_container(const RuntimeOptions& runtime, const std::string& id);
void resume_container(const RuntimeOptions& runtime, const std::string& id);

// Changes the limits of a container; only what `resources` and the two schemas of `intel_rdt` set.
void update_container(const RuntimeOptions& runtime, const std::string& id,
                      const Resources& resources, const IntelRdt& intel_rdt = {});

// One line of JSON with the statistics of the container as `events --stats` prints it.
std::string container_stats(const RuntimeOptions& runtime, const std::string& id);

// Receives the lines of follow_events(); returning false ends it.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual bool event(std::string_view json_line) = 0;
};

// Sends statistics every `interval` and an event for each out-of-memory kill until the container is
// gone.
void follow_events(const RuntimeOptions& runtime, const std::string& id,
                   std::chrono::milliseconds interval, EventSink& sink);

// The features document (features.md).
std::string features_document();

}  // namespace brig
