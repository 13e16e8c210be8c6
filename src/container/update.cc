// `update` and `ps`: the limits and the processes of a container's cgroup. Host side.
#include <set>

#include "base/concat.h"
#include "brig/runtime.h"
#include "container/container.h"
#include "isolate/intel_rdt.h"
#include "oci/validate.h"
#include "sys/file.h"

namespace brig::container {

namespace {

// Puts all threads of a process into the group; the names of those it has put go into `joined`.
// True when there were new ones.
bool join_threads(const oci::RdtGroup& group, pid_t process, std::set<std::string>& joined) {
  const auto threads = sys::list_directory(AT_FDCWD, concat("/proc/", process, "/task"));
  if (!threads) return false;  // it has ended
  bool found = false;
  for (const sys::DirectoryEntry& thread : *threads) {
    if (!joined.insert(thread.name).second) continue;
    found = true;
    try {
      isolate::join_rdt_group(group, static_cast<pid_t>(std::stol(thread.name)));
    } catch (const Error& error) {
      if (error.error_number() != ESRCH) throw;
    }
  }
  return found;
}

// New threads start in the group of the one that makes them, so none is left out once a pass over
// all has found no new one.
void join_all(const Container& container, const oci::RdtGroup& group) {
  std::set<std::string> joined;
  for (bool found = true; found;) {
    found = false;
    for (const pid_t process : container.cgroup().processes())
      if (join_threads(group, process, joined)) found = true;
  }
}

// A container that was made without linux.intelRdt gets a class of service of its own.
void update_intel_rdt(Container& container, const IntelRdt& intel_rdt) {
  const std::string root = isolate::find_resctrl();
  const isolate::RdtPlan plan = isolate::plan_intel_rdt(intel_rdt, container.record().id, root);
  if (container.record().rdt_group) {
    isolate::write_schemata(*container.record().rdt_group, plan.schemata, root);
    return;
  }
  oci::StateRecord record = container.record();
  record.rdt_group = plan.group;
  container.store().write(record);
  isolate::RdtMade made;
  try {
    isolate::make_rdt_groups(plan, root, made);
    join_all(container, plan.group);
  } catch (const Error&) {
    // Else exec would look for the group in vain.
    isolate::unmake_rdt_groups(plan, made);
    container.store().write(container.record());
    throw;
  }
}

}  // namespace

}  // namespace brig::container

namespace brig {

using container::Container;

void update_container(const RuntimeOptions& runtime, const std::string& id,
                      const Resources& resources, const IntelRdt& intel_rdt) {
  oci::validate_resources(resources, "");
  oci::validate_intel_rdt(intel_rdt);
  Container container = Container::load_locked(runtime, id);
  if (container.status() == Status::kStopped) throw Error("container not running");
  container.cgroup().update(resources);
  if (intel_rdt.l3_cache_schema || intel_rdt.mem_bw_schema)
    container::update_intel_rdt(container, intel_rdt);
}

std::vector<pid_t> container_processes(const RuntimeOptions& runtime, const std::string& id) {
  const Container container = Container::load(runtime, id);
  if (container.record().cgroup_path.empty() && container.open_init())
    return {container.record().pid};
  return container.cgroup().processes();
}

}  // namespace brig
