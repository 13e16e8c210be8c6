// `update` and `ps`: the limits and the processes of a container's cgroup. Host side.
#include "brig/runtime.h"
#include "container/container.h"
#include "oci/validate.h"

namespace brig {

using container::Container;

void update_container(const RuntimeOptions& runtime, const std::string& id,
                      const Resources& resources) {
  oci::validate_resources(resources, "");
  const Container container = Container::load_locked(runtime, id);
  if (container.status() == Status::kStopped) throw Error("container not running");
  container.cgroup().update(resources);
}

std::vector<pid_t> container_processes(const RuntimeOptions& runtime, const std::string& id) {
  const Container container = Container::load(runtime, id);
  if (container.record().cgroup_path.empty() && container.open_init())
    return {container.record().pid};
  return container.cgroup().processes();
}

}  // namespace brig
