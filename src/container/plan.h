// Decides, before anything is done, how a container's process is made: which namespaces are
// created, which are joined, in how many steps. Pure: no system call, so the unit tests see every
// decision.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "brig/config.h"

namespace brig::container {

struct JoinedNamespace {
  NamespaceType type = NamespaceType::kPid;
  std::string path;
  std::size_t index = 0;  // in linux.namespaces, for messages
};

struct NamespacePlan {
  // Namespaces that clone3(2) creates with the process.
  std::uint64_t clone_flags = 0;
  // Namespaces that the new process creates itself: the cgroup namespace, whose root is the cgroup
  // of the process that creates it (so it must be in the container's cgroup by then), and the time
  // namespace, whose offsets must be written before a process is in it.
  int unshare_flags = 0;
  // Namespaces that the host side makes while the new process is at work on its mounts, and that
  // the process enters when it needs them: the network namespace, which takes the kernel longest.
  std::uint64_t host_flags = 0;
  // Existing namespaces, in the order in which they are entered: the user namespace last, because
  // entering it gives up the privileges over the others.
  std::vector<JoinedNamespace> joined;
  // True when a helper process must enter the joined namespaces first and clone the container's
  // process from there: a new process id namespace is owned by the user namespace of the process
  // that creates it, and a new user namespace has no privileges over namespaces that exist already.
  bool needs_stage = false;

  // The new process makes or enters it itself.
  void leave_to_process(NamespaceType type) noexcept;

  [[nodiscard]] bool creates(NamespaceType type) const noexcept;
  [[nodiscard]] bool joins(NamespaceType type) const noexcept;
  // The container has a namespace of `type` that is not simply the host's.
  [[nodiscard]] bool has(NamespaceType type) const noexcept { return creates(type) || joins(type); }
};

// The CLONE_NEW* flag of a namespace type; clone3(2), namespaces(7).
std::uint64_t clone_flag(NamespaceType type) noexcept;
// The name of its file under /proc/PID/ns.
const char* namespace_file(NamespaceType type) noexcept;

// config-linux.md "Namespaces" to what must be done. `host_may_leave`: brig may enter a namespace
// of the container and come back, as only root of the initial user namespace can be sure of.
NamespacePlan plan_namespaces(const Config& config, bool host_may_leave);

}  // namespace brig::container
