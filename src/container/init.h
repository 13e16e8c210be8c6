// The container side of making a container: the right column of handshake.h. Runs as the
// container's first process: made by clone3(2), single-threaded, in the container's cgroup and its
// new namespaces, still in the host's root and with brig's memory, descriptors and user (uid 0 of a
// user namespace once its maps are written). Everything it needs was decided by the host side and
// reaches it by the fork.
#pragma once

#include "brig/config.h"
#include "container/handshake.h"
#include "container/hooks.h"
#include "container/launch.h"
#include "container/plan.h"
#include "container/process.h"
#include "oci/state.h"
#include "rootfs/rootfs.h"
#include "rootfs/sources.h"
#include "sys/fd.h"

namespace brig::container {

// What init writes to the started fifo right before it executes the program. Anything else is the
// line of a failure.
inline constexpr const char* kStartedWord = "executing\n";

struct InitContext {
  const Config& config;
  const NamespacePlan& namespaces;
  const LaunchOptions& launch;
  const oci::StateRecord& record;
  const rootfs::RootfsPlan& rootfs;
  rootfs::Sources sources;
  ProcessSetup& process;
  const HookOutputs& hook_outputs;
  bool cgroup_is_late = false;  // Cgroup::comes_late()
  Channel host;
  sys::OwnFd start_fifo;  // none when the program is executed at once
  sys::OwnFd started_fifo;
};

// Sets everything up, reports Ready, waits for `start` and executes the program. A failure is
// reported to whoever waits (the host side until Proceed, then `start`) and ends the process.
[[noreturn]] void init_main(InitContext context);

}  // namespace brig::container
