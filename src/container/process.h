// The part of the set-up that init and the processes of `exec` share: from "in the container's
// namespaces and root" to "executes the program": limits, credentials, capabilities, labels,
// seccomp.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "brig/config.h"
#include "container/handshake.h"
#include "isolate/capabilities.h"
#include "isolate/seccomp.h"

namespace brig::container {

// What a process of the container runs as. Filled in by the host side, used by the container side.
struct ProcessSetup {
  Process process;
  std::optional<isolate::CapabilitySets> capabilities;  // none: as brig has them
  std::optional<isolate::SeccompFilter> seccomp;
  std::optional<MemoryPolicy> memory_policy;
  bool user_namespace = false;     // new or joined
  bool in_user_namespace = false;  // that, or the one that brig itself is in
  bool keep_original_groups = false;
  std::uint32_t preserve_fds = 0;  // LISTEN_FDS included
  // What must be logged as warnings (capabilities that cannot be granted).
  std::vector<std::string> warnings;
};

// Host side: resolves what does not depend on the container. In a `user_namespace`, new or joined,
// the process has all capabilities, whatever brig itself has.
ProcessSetup plan_process(Process process, const std::map<std::string, std::string>& annotations,
                          bool user_namespace);

// Host side, right after the process was made, while its user is still brig's: the values that only
// the host's privileges can set: oom_score_adj, and rlimits above brig's own where the process is
// in a user namespace.
void apply_from_host(const ProcessSetup& setup, pid_t pid);
// The same for a brig that is not root, which cannot reach into a process that is not dumpable: in
// that process, before it enters a namespace (LaunchOptions::setup).
void apply_unprivileged(const ProcessSetup& setup);

// Container side, in a user namespace whose maps are written: becomes its uid and gid 0, or, where
// those are not mapped, the process's own ones. All capabilities stay.
void become_root(const ProcessSetup& setup);

// Container side, while root: joins the container's session key ring, which init makes and `exec`
// finds.
void join_keyring(const std::string& container_id, const ProcessSetup& setup, bool is_init);

// Container side: gives up everything but what `setup` grants, in the order the kernel's rules ask
// for, enters the working directory and finds the program. Returns the program's path;
// `setup.process.env` is then complete (HOME). A filter with SCMP_ACT_NOTIFY is in force at the
// end, and its listener has been sent to `host`, which may go once it has told the agent.
std::string confine(ProcessSetup& setup, Channel& host);

// Container side: the last step. Loads the filter if confine() could leave it until now and
// executes the program.
[[noreturn]] void execute(const ProcessSetup& setup, const std::string& program);

}  // namespace brig::container
