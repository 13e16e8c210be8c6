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
#include "isolate/capabilities.h"
#include "isolate/seccomp.h"

namespace brig::container {

// What a process of the container runs as. Filled in by the host side, used by the container side.
struct ProcessSetup {
  Process process;
  std::optional<isolate::CapabilitySets> capabilities;  // none: as brig has them
  std::optional<isolate::SeccompFilter> seccomp;
  bool user_namespace = false;  // new or joined
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

// Container side, in a user namespace whose maps are written: becomes its uid and gid 0.
void become_root();

// Container side, while root: joins the container's session key ring, which init makes and `exec`
// finds.
void join_keyring(const std::string& container_id, const ProcessSetup& setup, bool is_init);

// Container side: gives up everything but what `setup` grants, in the order the kernel's rules ask
// for, enters the working directory and finds the program. Returns the program's path;
// `setup.process.env` is then complete (HOME).
std::string confine(ProcessSetup& setup);

// Container side: the last step. Loads the filter if confine() could leave it until now and
// executes the program.
[[noreturn]] void execute(const ProcessSetup& setup, const std::string& program);

}  // namespace brig::container
