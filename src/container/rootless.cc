#include "container/rootless.h"

#include <cerrno>

namespace brig::container {

const char* const kDelegationRemedy =
    "a user may only make cgroups below one that was delegated to him: start brig with "
    "`systemd-run --user --scope -p Delegate=yes`, use --systemd-cgroup, or leave out "
    "linux.cgroupsPath and the limits in linux.resources";

std::optional<isolate::OwnIds> unprivileged_ids(const sys::Caller& caller) noexcept {
  if (caller.uid == 0) return std::nullopt;
  return isolate::OwnIds{.uid = caller.uid, .gid = caller.gid};
}

bool needs_user_namespace(const Config& config, const sys::Caller& caller) {
  return caller.uid != 0 && config.find_namespace(NamespaceType::kUser) == nullptr;
}

void add_user_namespace(Config& config, const sys::Caller& caller,
                        const isolate::SubordinateIds& ids) {
  const User user = config.process ? config.process->user : User{};
  Linux& linux = config.linux;
  linux.namespaces.push_back({.type = NamespaceType::kUser, .path = {}});
  // Mappings that the configuration has are kept: what they lacked was the namespace.
  if (linux.uid_mappings.empty())
    linux.uid_mappings = isolate::default_id_map(caller.uid, ids.uids, user.uid);
  if (linux.gid_mappings.empty())
    linux.gid_mappings = isolate::default_id_map(caller.gid, ids.gids, user.gid);
}

bool tolerates_no_cgroup(const RuntimeOptions& runtime, const sys::Caller& caller) {
  return runtime.rootless.value_or(!caller.is_host_root());
}

bool is_forbidden(int error_number) noexcept {
  return error_number == EACCES || error_number == EPERM || error_number == EROFS;
}

}  // namespace brig::container
