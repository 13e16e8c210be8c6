// `kill`: sends a signal to a container's process, or to all of them. Host side.
#include <csignal>

#include "brig/runtime.h"
#include "container/container.h"
#include "sys/process.h"

namespace brig {

using container::Container;

void kill_container(const RuntimeOptions& runtime, const std::string& id, int signal, bool all) {
  Container container = Container::load(runtime, id);
  const bool dies_with_init = container.has_own_pid_namespace();
  const bool has_cgroup = !container.record().cgroup_path.empty();
  const sys::OwnFd init = container.open_init();
  if (!init) {
    // Without a process id namespace of their own, the other processes outlive init.
    if (!dies_with_init && has_cgroup) container.cgroup().signal_all(signal);
    if (all) return;
    throw Error("container not running");
  }
  // Without a cgroup only init can be found. Its end is that of the others where they depend on it;
  // another signal for all is refused.
  const bool kill = signal == SIGKILL;
  if (has_cgroup ? all || (kill && !dies_with_init) : all && !kill)
    container.cgroup().signal_all(signal);
  // Init got it already where there is a cgroup; then it may be gone, and a second KILL changes
  // nothing.
  if (all && has_cgroup) return;
  const sys::Result<void> sent = sys::send_signal(init.get(), signal);
  if (!sent && sent.error() == ESRCH) {
    if (all || signal == SIGKILL) return;
    throw Error("container not running");
  }
  sent.or_throw("send signal ", signal, " to process ", container.record().pid);
}

}  // namespace brig
