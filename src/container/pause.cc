// `pause` and `resume`: the freezer of the container's cgroup. Host side.
#include "brig/runtime.h"
#include "container/container.h"

namespace brig {

using container::Container;

void pause_container(const RuntimeOptions& runtime, const std::string& id) {
  const Container container = Container::load_locked(runtime, id);
  const Status status = container.status();
  if (status == Status::kPaused) throw Error("container paused already");
  if (status != Status::kRunning && status != Status::kCreated)
    throw Error("container not running");
  container.cgroup().freeze();
}

void resume_container(const RuntimeOptions& runtime, const std::string& id) {
  const Container container = Container::load_locked(runtime, id);
  if (container.status() != Status::kPaused && !container.cgroup().is_frozen())
    throw Error("container not paused");
  container.cgroup().thaw();
}

}  // namespace brig
