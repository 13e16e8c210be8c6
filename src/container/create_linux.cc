// The parts of making a container that few containers have: a seccomp agent, resctrl groups,
// network devices. Host side, as create.cc.
#include <fcntl.h>
#include <sched.h>

#include "base/concat.h"
#include "container/create.h"
#include "sys/file.h"

namespace brig::container {

void Creation::record_listener() {
  const Seccomp& seccomp = *config_.linux.seccomp;
  const bool relative =
      !seccomp.listener_path.starts_with('/') && !seccomp.listener_path.starts_with('@');
  record_.seccomp_listener = {
      .path = relative ? concat(record_.bundle, '/', seccomp.listener_path) : seccomp.listener_path,
      .metadata = seccomp.listener_metadata};
}

void Creation::plan_rdt() {
  if (!config_.linux.intel_rdt) return;
  resctrl_ = isolate::find_resctrl();
  rdt_ = isolate::plan_intel_rdt(*config_.linux.intel_rdt, options_.id, resctrl_);
  record_.rdt_group = rdt_.group;
}

void Creation::check_may_move_net_devices() const {
  if (!config_.linux.net_devices.empty() && !caller_.is_host_root())
    throw Error("linux.netDevices: only root may move network devices of the host");
}

// Before the hooks, which may configure the devices, and before init writes sysctls, which may be
// those of a device: init waits as it does for hooks.
void Creation::move_net_devices() {
  if (config_.linux.net_devices.empty()) return;
  sys::OwnFd target;
  for (const NamespaceHandle& handle : joined_)
    if (handle.flags == CLONE_NEWNET)
      target = sys::duplicate(handle.fd.get()).or_throw("duplicate a descriptor");
  if (!target)
    target = sys::open_at(AT_FDCWD, concat("/proc/", init_.pid, "/ns/net"), O_RDONLY)
                 .or_throw("open the network namespace of ", init_.pid);
  net_devices_.emplace(std::move(target));
  net_devices_->move(config_.linux.net_devices);
}

}  // namespace brig::container
