#include "rootfs/sources.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "base/concat.h"
#include "base/scope_exit.h"
#include "brig/error.h"
#include "rootfs/devices.h"
#include "rootfs/mounts.h"
#include "sys/file.h"
#include "sys/mount_api.h"
#include "sys/process.h"

namespace brig::rootfs {

namespace {

// A clone made in the host's mount namespace is a peer of the host's mount. This makes it what a
// bind made by the child would be.
void stop_propagation(const sys::OwnFd& mount, const RootfsPlan& plan) {
  sys::MountAttributes attributes;
  switch (plan.propagation.kind) {
    case Propagation::kShared:
      return;
    case Propagation::kSlave:
      attributes.propagation = MS_SLAVE;
      break;
    case Propagation::kPrivate:
    case Propagation::kUnbindable:
      attributes.propagation = MS_PRIVATE;
      break;
  }
  sys::set_mount_attributes(mount.get(), attributes, true).or_throw("set mount propagation");
}

std::string map_lines(const std::vector<IdMapping>& mappings) {
  std::string lines;
  for (const IdMapping& mapping : mappings)
    append(lines, mapping.container_id, ' ', mapping.host_id, ' ', mapping.size, '\n');
  return lines;
}

// A user namespace with the given maps. The kernel makes one only around a process: a child that
// waits to be killed.
sys::OwnFd make_user_namespace(const std::vector<IdMapping>& uids,
                               const std::vector<IdMapping>& gids) {
  sys::CloneOptions options;
  options.flags = CLONE_NEWUSER;
  options.exit_signal = SIGCHLD;
  sys::ChildProcess child =
      sys::clone_process(options).or_throw("make a user namespace for an idmapped mount");
  if (child.pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) ::pause();
  }
  const ScopeExit end_child([&child] {
    sys::send_signal(child.pidfd.get(), SIGKILL).ignore("it can only be dead already");
    if (const auto ended = sys::wait_for_exit(child.pidfd.get()); !ended) return;
  });
  const std::string proc = concat("/proc/", child.pid);
  sys::write_value_at(AT_FDCWD, proc + "/uid_map", map_lines(uids))
      .or_throw("write the uid map of an idmapped mount");
  sys::write_value_at(AT_FDCWD, proc + "/gid_map", map_lines(gids))
      .or_throw("write the gid map of an idmapped mount");
  return sys::open_at(AT_FDCWD, proc + "/ns/user", O_RDONLY)
      .or_throw("open the user namespace of an idmapped mount");
}

void map_ids(const sys::OwnFd& mount, const MountOperation& operation, int user_namespace) {
  sys::MountAttributes attributes;
  attributes.set = MOUNT_ATTR_IDMAP;
  attributes.user_namespace = user_namespace;
  const bool recursive = operation.options.idmapping == Idmapping::kRecursive;
  const sys::Result<void> mapped = sys::set_mount_attributes(mount.get(), attributes, recursive);
  if (mapped.error() == EINVAL)
    throw Error(concat("map the ids of ", operation.source,
                       ": its file system does not support idmapped mounts on this kernel"),
                EINVAL);
  mapped.or_throw("map the ids of ", operation.source);
}

bool uses_container_mappings(const MountOperation& operation) {
  return operation.options.idmapping != Idmapping::kNone && operation.uid_mappings.empty();
}

sys::OwnFd open_source(const MountOperation& operation, const RootfsPlan& plan) {
  sys::OwnFd mount = clone_source(operation);
  stop_propagation(mount, plan);
  if (operation.options.idmapping != Idmapping::kNone && !uses_container_mappings(operation))
    map_ids(mount, operation,
            make_user_namespace(operation.uid_mappings, operation.gid_mappings).get());
  return mount;
}

}  // namespace

Sources open_sources(const RootfsPlan& plan) {
  Sources sources;
  sources.mounts.resize(plan.mounts.size());
  sources.devices.resize(plan.devices.size());
  // Where that fails, a copy of the host's mounts does it, or says what is wrong with the rootfs.
  if (plan.starts_alone)
    if (sys::Result<sys::OwnFd> made = sys::clone_into_namespace(plan.context.rootfs); made)
      sources.mount_namespace = *std::move(made);
  const bool alone = static_cast<bool>(sources.mount_namespace);
  for (std::size_t i = 0; i < plan.mounts.size(); ++i) {
    const MountOperation& operation = plan.mounts[i];
    if (operation.opened_by_parent || (alone && operation.kind == MountKind::kBind))
      sources.mounts[i] = with_context([&] { return operation.name; },
                                       [&] { return open_source(operation, plan); });
  }
  for (std::size_t i = 0; i < plan.devices.size(); ++i) {
    const DeviceOperation& operation = plan.devices[i];
    if (operation.bind && plan.context.caller_may_mount)
      sources.devices[i] = with_context([&] { return operation.name; },
                                        [&] { return clone_host_device(operation.device); });
  }
  return sources;
}

void idmap_sources(const RootfsPlan& plan, const Sources& sources, int user_namespace) {
  for (std::size_t i = 0; i < plan.mounts.size(); ++i) {
    const MountOperation& operation = plan.mounts[i];
    if (uses_container_mappings(operation))
      with_context([&] { return operation.name; },
                   [&] { map_ids(sources.mounts[i], operation, user_namespace); });
  }
}

bool needs_container_idmap(const RootfsPlan& plan) {
  for (const MountOperation& operation : plan.mounts)
    if (uses_container_mappings(operation)) return true;
  return false;
}

}  // namespace brig::rootfs
