// The cgroup of one container: made before its process, found again by its recorded path.
//
// A manager is an implementation of Cgroup: cgroupfs (the kernel's files), systemd (systemd.h) or
// none at all. Everything runs on the host side, in the runtime's own namespaces and
// with its privileges. All of it is cgroup v2: on a hybrid host the cgroup is in the cgroup2 mount
// and serves to find, freeze and kill the container's processes; v1 hierarchies are not touched.
//
// The order of use in `create`: plan_cgroup(); once the id is taken check_unused(), record path(),
// create(), clone3 into directory(), adopt(), complete(); undo_create() when anything after that
// fails. A later command has only the recorded path: open_cgroup().
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "brig/config.h"
#include "brig/error.h"
#include "brig/runtime.h"
#include "sys/fd.h"

namespace brig::cgroup {

class Cgroup {
 public:
  Cgroup() = default;
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  virtual ~Cgroup() = default;

  // The cgroup's directory on this host, absolute; known before create(). Empty when the manager is
  // `disabled`.
  [[nodiscard]] virtual const std::string& path() const = 0;
  // The systemd unit that it belongs to; empty without one.
  [[nodiscard]] virtual const std::string& unit() const;

  // Throws when a cgroup of that path has processes, or when it or the one that it will be made in
  // is frozen. A path must pass this before it is recorded: who finds the record kills what is in
  // the cgroup. Nothing checks it again, so whoever calls this has taken the container's id before.
  virtual void check_unused() = 0;
  // Makes the cgroup with the controllers that `resources` needs, sets all limits and attaches the
  // device filter. A failure removes every directory it made.
  virtual void create(const Resources& resources) = 0;
  // For a `create` that fails later: kills what is in the cgroup and removes what create() of this
  // object made, parents included. Without a successful create() it does nothing, so that it cannot
  // hit another container.
  virtual void undo_create() = 0;

  // The descriptor of the cgroup's directory for CLONE_INTO_CGROUP and statistics, owned by this
  // object; -1 when a process cannot be started in it directly. Throws when the cgroup does not
  // exist.
  [[nodiscard]] virtual int directory() = 0;
  // Called with the new process: moves it into the cgroup when directory() was -1 at its clone.
  virtual void adopt(pid_t pid) = 0;
  // True when the cgroup with its limits is there only some time after adopt(), whose end
  // complete() waits for. It returns false when `peer`, a descriptor on whose other end the new
  // process is, can be read or has ended before that.
  [[nodiscard]] virtual bool comes_late() const { return false; }
  virtual bool complete(int peer);
  // In the new process: lets go of what is the host side's.
  virtual void close_in_child() {}
  // Moves a further process in, for one that could not be started in it (EACCES).
  virtual void admit(pid_t pid) = 0;
  // Why the kernel refused to start a process in this cgroup, for the message after clone3(2)
  // failed; empty when nothing special is known.
  [[nodiscard]] virtual std::string entry_problem() = 0;
  // Directory descriptor of the cgroup `name` below this one (exec --cgroup). Throws when it does
  // not exist or leads out of this one.
  [[nodiscard]] virtual sys::OwnFd open_subgroup(const std::string& name) = 0;

  // Changes the limits that `resources` sets and leaves the others. The device filter is replaced
  // only when `resources.devices` is not empty.
  virtual void update(const Resources& resources) = 0;
  // Gives the cgroup and the files of /sys/kernel/cgroup/delegate to `owner`, so that the container
  // can manage cgroups below it.
  virtual void delegate(uid_t owner) = 0;

  // Stops all processes and returns when they have stopped; throws when they do not within ten
  // seconds (they then run again).
  virtual void freeze() = 0;
  // Lets them continue.
  virtual void thaw() = 0;
  // Whether it is frozen or being frozen. A cgroup that is gone is not.
  [[nodiscard]] virtual bool is_frozen() = 0;

  // Host pids of the processes in this cgroup and all below it, in no order; a cgroup that is gone
  // has none.
  [[nodiscard]] virtual std::vector<pid_t> processes() = 0;
  // Sends `signal` to all of them: SIGKILL through cgroup.kill, which none can outrun.
  virtual void signal_all(int signal) = 0;

  // Kills what is left, waits until it is gone and removes the cgroup and all below it. One that
  // does not exist is fine. Throws when processes are left after ten seconds.
  virtual void destroy() = 0;
};

// A container to be made.
struct CgroupRequest {
  CgroupManager manager = CgroupManager::kCgroupfs;
  const std::string& cgroups_path;  // linux.cgroupsPath
  const std::string& id;
  const std::map<std::string, std::string>& annotations;
};

// Its cgroup: where it is by cgroupsPath and id as the manager understands them. Makes nothing.
std::unique_ptr<Cgroup> plan_cgroup(const CgroupRequest& request);

// What was recorded of the cgroup of a container that exists.
struct CgroupRecord {
  const std::string& path;  // empty: manager `disabled`
  const std::string& unit;
  bool interrupted = false;  // the command that made it has not come to its end
  const std::map<std::string, std::string>& annotations;
};

// Its cgroup. Costs no system call; whether it still exists shows at first use.
std::unique_ptr<Cgroup> open_cgroup(const CgroupRecord& record);

// No cgroup at all: the container stays in brig's.
std::unique_ptr<Cgroup> no_cgroup();
// What every action that needs one then says; `action` as in "update its limits".
Error needs_cgroup(const char* action);

// Directory descriptor of the cgroup2 cgroup that `pid` is in. `exec` falls back to the init's
// cgroup when the container's own holds no processes because its init delegated below it.
sys::OwnFd open_cgroup_of_process(pid_t pid);

// The path of the cgroup2 cgroup that keeps `pid` frozen, its own or one above; empty when there is
// none, or when it cannot be known.
std::string find_frozen_cgroup_of(pid_t pid);

// The host uid that Cgroup::delegate() is for, none when the container is not to manage its cgroup:
// it needs a cgroup namespace of its own and /sys/fs/cgroup mounted from source "cgroup" without
// "ro".
std::optional<uid_t> delegation_owner(const Config& config);

}  // namespace brig::cgroup
