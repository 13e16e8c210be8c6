#include "container/remove.h"

#include <chrono>
#include <csignal>

#include "base/concat.h"
#include "base/timings.h"
#include "brig/runtime.h"
#include "container/hooks.h"
#include "isolate/intel_rdt.h"
#include "oci/parse.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::container {

namespace {

constexpr std::chrono::seconds kDeathDeadline{10};
// Commands that do not hang are done by then.
constexpr std::chrono::seconds kGrace{2};

void kill_init(const Container& container) {
  const sys::OwnFd init = container.open_init();
  if (!init) return;
  if (const sys::Result<void> sent = sys::send_signal(init.get(), SIGKILL); sent.error() != ESRCH)
    sent.or_throw("kill process ", container.record().pid);
  if (!sys::wait_until_dead(init.get(), kDeathDeadline)
           .or_throw("wait for process ", container.record().pid))
    throw Error(concat("process ", container.record().pid, " does not end after SIGKILL (state ",
                       sys::process_stat(container.record().pid).or_throw("look at it").state,
                       "); try again"));
}

// A command that does not let go of the container may be waiting for its processes: they are
// frozen, or a hook among them hangs. Their end is that command's as well.
void end_processes(const RuntimeOptions& runtime, const std::string& id) {
  try {
    const Container container = Container::load(runtime, id);
    if (const sys::OwnFd init = container.open_init())
      sys::send_signal(init.get(), SIGKILL).ignore("it may just have ended");
    if (!container.record().cgroup_path.empty()) container.cgroup().signal_all(SIGKILL);
  } catch (const Error&) {
    // Damaged, or gone by now: who gets the lock will see.
  }
}

// False when it has been deleted meanwhile.
bool lock_by_force(Store& store, const RuntimeOptions& runtime) {
  if (!store.lock_within(kGrace)) {
    end_processes(runtime, store.id());
    if (!store.lock_within(kDeathDeadline)) throw store.is_busy(kGrace + kDeathDeadline);
  }
  return !store.is_deleted();
}

// A record that cannot be read: the copy of the configuration still tells the cgroup.
void remove_damaged(Store& store, const RuntimeOptions& runtime) {
  const sys::Result<std::string> text = sys::read_file_at(store.dir(), kConfigFile);
  if (text) {
    try {
      const Config config = oci::parse_config(*text);
      cgroup::plan_cgroup({.manager = runtime.cgroup_manager,
                           .cgroups_path = config.linux.cgroups_path,
                           .id = store.id(),
                           .annotations = config.annotations})
          ->destroy();
    } catch (const Error& error) {
      // Processes that do not end must not be forgotten.
      if (error.error_number() == EBUSY) throw;
      // The copy may be damaged as well; the folder can be removed all the same.
    }
  }
  store.remove();
}

}  // namespace

std::vector<std::string> remove_by_force(Store& store, const RuntimeOptions& runtime) {
  std::optional<oci::StateRecord> record;
  try {
    record = store.read();
  } catch (const Error&) {
    remove_damaged(store, runtime);
    return {};
  }
  Container container(std::move(store), std::move(*record));
  return remove_container(container);
}

std::vector<std::string> remove_container(Container& container) {
  timings::begin("removal");
  kill_init(container);
  container.cgroup().destroy();
  if (container.record().rdt_group) isolate::remove_rdt_group(*container.record().rdt_group);
  container.store().remove();
  const oci::StateRecord& record = container.record();
  if (record.poststop.empty()) return {};
  const HookOutputs outputs = open_hook_outputs(record.annotations);
  const HookContext context = {.kind = "poststop",
                               .state = oci::hook_state_json(record, Status::kStopped, 0),
                               .cwd = record.bundle,
                               .outputs = &outputs,
                               .interruptible = true};
  return run_all_hooks(record.poststop, context);
}

}  // namespace brig::container

namespace brig {

using container::Container;
using container::Store;

void delete_container(const RuntimeOptions& runtime, const std::string& id, bool force,
                      std::vector<std::string>& warnings) {
  timings::begin("state");
  std::optional<Store> store = Store::find(runtime.root, id);
  if (!store && force) return;
  if (!store) throw container::no_such_container(id);
  const auto warn = [&](std::vector<std::string> lines) {
    for (std::string& line : lines) warnings.push_back(std::move(line));
  };
  if (force) {
    if (container::lock_by_force(*store, runtime))
      warn(container::remove_by_force(*store, runtime));
    return;
  }
  store->lock();
  oci::StateRecord record = store->read();
  Container container(std::move(*store), std::move(record));
  const Status status = container.status();
  if (status != Status::kStopped && status != Status::kCreated)
    throw Error(
        concat("cannot delete container ", id, " that is not stopped: ", status_word(status)));
  warn(container::remove_container(container));
}

}  // namespace brig
