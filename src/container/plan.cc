#include "container/plan.h"

#include <sched.h>

#include <algorithm>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace brig::container {

namespace {

struct NamespaceFacts {
  NamespaceType type;
  std::uint64_t flag;
  const char* file;
};

constexpr NamespaceFacts kNamespaces[] = {
    {NamespaceType::kPid, CLONE_NEWPID, "pid"},
    {NamespaceType::kNetwork, CLONE_NEWNET, "net"},
    {NamespaceType::kMount, CLONE_NEWNS, "mnt"},
    {NamespaceType::kIpc, CLONE_NEWIPC, "ipc"},
    {NamespaceType::kUts, CLONE_NEWUTS, "uts"},
    {NamespaceType::kUser, CLONE_NEWUSER, "user"},
    {NamespaceType::kCgroup, CLONE_NEWCGROUP, "cgroup"},
    {NamespaceType::kTime, CLONE_NEWTIME, "time"},
};

const NamespaceFacts& facts(NamespaceType type) noexcept {
  return *std::find_if(std::begin(kNamespaces), std::end(kNamespaces),
                       [type](const NamespaceFacts& entry) { return entry.type == type; });
}

bool created_by_the_process_itself(NamespaceType type) {
  return type == NamespaceType::kCgroup || type == NamespaceType::kTime;
}

}  // namespace

std::uint64_t clone_flag(NamespaceType type) noexcept { return facts(type).flag; }

const char* namespace_file(NamespaceType type) noexcept { return facts(type).file; }

void NamespacePlan::leave_to_process(NamespaceType type) noexcept {
  const std::uint64_t flag = clone_flag(type);
  unshare_flags |= static_cast<int>(clone_flags & flag);
  clone_flags &= ~flag;
}

bool NamespacePlan::creates(NamespaceType type) const noexcept {
  const std::uint64_t all = clone_flags | host_flags | static_cast<std::uint64_t>(unshare_flags);
  return (all & clone_flag(type)) != 0;
}

bool NamespacePlan::joins(NamespaceType type) const noexcept {
  return std::any_of(joined.begin(), joined.end(),
                     [type](const JoinedNamespace& entry) { return entry.type == type; });
}

NamespacePlan plan_namespaces(const Config& config, bool host_may_leave) {
  NamespacePlan plan;
  for (std::size_t i = 0; i < config.linux.namespaces.size(); ++i) {
    const Namespace& entry = config.linux.namespaces[i];
    if (!entry.path.empty())
      plan.joined.push_back({entry.type, entry.path, i});
    else if (created_by_the_process_itself(entry.type))
      plan.unshare_flags |= static_cast<int>(clone_flag(entry.type));
    else
      plan.clone_flags |= clone_flag(entry.type);
  }
  std::stable_partition(plan.joined.begin(), plan.joined.end(), [](const JoinedNamespace& entry) {
    return entry.type != NamespaceType::kUser;
  });
  plan.needs_stage = plan.joins(NamespaceType::kUser) ||
                     (plan.creates(NamespaceType::kUser) && !plan.joined.empty());
  // One of the container's user namespace must be made in it.
  if (host_may_leave && !plan.has(NamespaceType::kUser)) {
    plan.host_flags = plan.clone_flags & clone_flag(NamespaceType::kNetwork);
    plan.clone_flags &= ~plan.host_flags;
  }
  return plan;
}

}  // namespace brig::container
