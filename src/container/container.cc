#include "container/container.h"

#include <fcntl.h>

#include "base/concat.h"
#include "base/timings.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::container {

Container Container::load(const RuntimeOptions& runtime, const std::string& id) {
  timings::begin("state");
  Store store = Store::open(runtime.root, id);
  oci::StateRecord record = store.read();
  return Container(std::move(store), std::move(record));
}

Container Container::load_locked(const RuntimeOptions& runtime, const std::string& id) {
  timings::begin("state");
  Store store = Store::open(runtime.root, id);
  store.lock();
  oci::StateRecord record = store.read();
  return Container(std::move(store), std::move(record));
}

sys::OwnFd Container::open_init() const {
  if (record_.pid <= 0) return {};
  sys::Result<sys::OwnFd> pidfd = sys::open_pidfd(record_.pid);
  if (!pidfd) {
    // EINVAL: the number now belongs to a thread.
    if (pidfd.error() == ESRCH || pidfd.error() == EINVAL) return {};
    return std::move(pidfd).or_throw("open process ", record_.pid);
  }
  const sys::Result<sys::ProcessStat> found = sys::process_stat(record_.pid);
  if (!found && found.error() == ESRCH) return {};
  if (!found) throw Error(concat("look at process ", record_.pid), found.error());
  const sys::ProcessStat& stat = *found;
  executed_ = stat.has_executed;
  if (stat.start_time != record_.start_time || stat.state == 'Z' || stat.state == 'X') return {};
  return *std::move(pidfd);
}

Status Container::status() const { return status(static_cast<bool>(open_init())); }

Status Container::status(bool alive) const {
  if (record_.creating) return store_.lock_is_free() ? Status::kStopped : Status::kCreating;
  if (!alive) return Status::kStopped;
  // Init keeps the fifo open for reading until it executes the program, so a writer finds a reader
  // exactly as long. Of `run` there is no fifo: before it has executed the program, its init may
  // still be where the host's files are, and nobody else may go there.
  const bool waits = !executed_ && sys::open_at(store_.dir(), kStartFifo, O_WRONLY | O_NONBLOCK);
  if (!executed_ && !waits) {
    const sys::Result<sys::ProcessStat> now = sys::process_stat(record_.pid);
    if (!now) return Status::kStopped;
    if (!now->has_executed) return Status::kCreating;
  }
  // Also before it has been started: `start` would wait in vain for an init that is frozen.
  if (cgroup().is_frozen()) return Status::kPaused;
  return waits ? Status::kCreated : Status::kRunning;
}

ContainerInfo Container::info() const {
  const sys::OwnFd init = open_init();
  ContainerInfo info;
  info.id = record_.id;
  info.status = status(static_cast<bool>(init));
  info.pid = init ? record_.pid : 0;
  info.bundle = record_.bundle;
  info.rootfs = record_.rootfs;
  info.created = record_.created;
  info.owner = record_.owner;
  info.annotations = record_.annotations;
  return info;
}

bool Container::has_own_pid_namespace() const noexcept {
  for (const Namespace& entry : record_.namespaces)
    if (entry.type == NamespaceType::kPid) return entry.path.empty();
  return false;
}

cgroup::Cgroup& Container::cgroup() const {
  if (!cgroup_)
    cgroup_ = cgroup::open_cgroup({.path = record_.cgroup_path,
                                   .unit = record_.systemd_unit,
                                   .interrupted = record_.creating,
                                   .annotations = record_.annotations});
  return *cgroup_;
}

}  // namespace brig::container

namespace brig {

using container::Container;
using container::Store;

ContainerInfo container_info(const RuntimeOptions& runtime, const std::string& id) {
  return Container::load(runtime, id).info();
}

namespace {

// Calls `action` with every container below the root whose record can be read.
template <class Action>
void for_each_container(const RuntimeOptions& runtime, std::vector<std::string>& problems,
                        Action&& action) {
  for (const std::string& id : Store::list(runtime.root)) {
    try {
      std::optional<Store> store = Store::find(runtime.root, id);
      if (!store || store->is_abandoned()) continue;
      oci::StateRecord record = store->read();
      action(Container(std::move(*store), std::move(record)));
    } catch (const Error& error) {
      problems.emplace_back(error.what());
    }
  }
}

}  // namespace

std::vector<ContainerInfo> list_containers(const RuntimeOptions& runtime,
                                           std::vector<std::string>& problems) {
  std::vector<ContainerInfo> containers;
  for_each_container(runtime, problems,
                     [&](const Container& container) { containers.push_back(container.info()); });
  return containers;
}

std::vector<std::string> list_container_ids(const RuntimeOptions& runtime,
                                            std::vector<std::string>& problems) {
  std::vector<std::string> ids;
  for_each_container(runtime, problems,
                     [&](const Container& container) { ids.push_back(container.record().id); });
  return ids;
}

}  // namespace brig
