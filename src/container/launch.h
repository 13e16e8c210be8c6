// Makes the process that becomes the container's init, or the one that exec adds to it: clone3(2)
// straight into its cgroup and its namespaces. Called on the host side; returns on both sides, like
// fork(2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "container/plan.h"
#include "container/process.h"
#include "sys/fd.h"
#include "sys/process.h"

namespace brig::container {

// Something setns(2) accepts: a namespace file and its CLONE_NEW* flag, or a pidfd and several
// flags.
struct NamespaceHandle {
  sys::OwnFd fd;
  int flags = 0;
  std::string_view type;  // the spec's word, for messages; empty for a pidfd
  std::string label;      // for messages: `linux.namespaces[2].path (/proc/1/ns/net)`
};

// Opens the files of all joined namespaces and checks that each is a namespace. The type is checked
// by the kernel when it is entered.
std::vector<NamespaceHandle> open_namespaces(const std::vector<JoinedNamespace>& joined);

struct LaunchOptions {
  const std::vector<NamespaceHandle>& joined;
  std::uint64_t clone_flags = 0;
  bool needs_stage = false;  // NamespacePlan::needs_stage
  int cgroup = -1;           // directory of the cgroup to start in, -1: brig's own
  // How the helper process is waited for: patience_with().
  int end_signals = -1;
  const char* if_frozen = nullptr;
  // Of the new process: apply_unprivileged() of it comes before any namespace is entered, in the
  // helper process too. What that throws is reported like a namespace that cannot be entered.
  const ProcessSetup& setup;
};

// In the caller: the new process, a child of the caller in every case. In the new process: pid 0,
// all `joined` namespaces entered, all signals blocked. Throws in the caller when the process could
// not be made or could not enter a namespace before it was its own. In the new process failures of
// setns(2) are thrown too, so it must be inside the part whose errors are reported over the
// handshake: call enter_joined_namespaces() there.
sys::ChildProcess launch(const LaunchOptions& options);

// A network namespace for the container (NamespacePlan::host_flags) with its interface lo up. For a
// moment the calling thread is in it; it is back when this returns or throws. Host side.
sys::OwnFd make_network_namespace();

// In the new process, first of all: enters the namespaces that launch() left to it.
void enter_joined_namespaces(const LaunchOptions& options);

}  // namespace brig::container
