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
    } catch (const Error&) {
      // The copy may be damaged as well; the folder can be removed all the same.
    }
  }
  store.remove();
}

}  // namespace

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
                               .outputs = &outputs};
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
  store->lock();
  std::optional<oci::StateRecord> record;
  try {
    record = store->read();
  } catch (const Error&) {
    if (!force) throw;
    container::remove_damaged(*store, runtime);
    return;
  }
  Container container(std::move(*store), std::move(*record));
  if (!force) {
    const Status status = container.status();
    if (status != Status::kStopped && status != Status::kCreated)
      throw Error(
          concat("cannot delete container ", id, " that is not stopped: ", status_word(status)));
  }
  for (std::string& line : container::remove_container(container))
    warnings.push_back(std::move(line));
}

}  // namespace brig
