#include "rootfs/rootfs.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <string>
#include <utility>

#include "base/concat.h"
#include "base/timings.h"
#include "brig/error.h"
#include "rootfs/devices.h"
#include "rootfs/lone_root.h"
#include "rootfs/mask.h"
#include "rootfs/mounts.h"
#include "rootfs/pivot.h"
#include "sys/file.h"
#include "sys/mount_api.h"

namespace brig::rootfs {

namespace {

// Modes are given to mkdir(2) and mknod(2) as they shall be, whatever umask the caller had.
class NoUmask {
 public:
  NoUmask() : previous_(::umask(0)) {}
  NoUmask(const NoUmask&) = delete;
  NoUmask& operator=(const NoUmask&) = delete;
  ~NoUmask() { ::umask(previous_); }

 private:
  mode_t previous_;
};

// sysfs shows a network namespace, network file systems work in one.
bool may_show_network(const MountOperation& operation) {
  if (operation.kind != MountKind::kFileSystem) return false;
  for (const char* type : {"proc", "tmpfs", "devpts", "mqueue"})
    if (operation.type == type) return false;
  return true;
}

// Without a parent's sources every operation opens its own.
Sources fill_up(Sources sources, const RootfsPlan& plan) {
  sources.mounts.resize(plan.mounts.size());
  sources.devices.resize(plan.devices.size());
  return sources;
}

void set_readonly(const sys::OwnFd& mount) {
  sys::MountAttributes readonly;
  readonly.set = MOUNT_ATTR_RDONLY;
  sys::set_mount_attributes(mount.get(), readonly).or_throw("make the mount read-only");
}

// Shared and unbindable wait until every mount is made; slave and private hold since bind_rootfs().
void set_final_propagation(const RootfsPropagation& propagation, const sys::OwnFd& root) {
  sys::MountAttributes attributes;
  if (propagation.kind == Propagation::kShared)
    attributes.propagation = MS_SHARED;
  else if (propagation.kind == Propagation::kUnbindable)
    attributes.propagation = MS_UNBINDABLE;
  else
    return;
  sys::set_mount_attributes(root.get(), attributes, propagation.recursive)
      .or_throw("linux.rootfsPropagation");
}

}  // namespace

Rootfs::Rootfs(const RootfsPlan& plan, Sources sources)
    : plan_(plan), sources_(fill_up(std::move(sources), plan)) {}

void Rootfs::mount(LateParts& late) {
  const NoUmask no_umask;
  if (sources_.mount_namespace && mount_alone(late)) return;
  root_ = bind_rootfs(plan_.context.rootfs, plan_.propagation);
  make_all(late);
  if (!plan_.masked_paths.empty()) null_ = clone_host_null();
}

// False: something needed the host's mounts after all, or is wrong. Both are as with a copy of the
// host's mounts from then on, which this process is in.
bool Rootfs::mount_alone(LateParts& late) {
  LoneRoot lone;
  try {
    if (!plan_.masked_paths.empty()) null_ = clone_host_null();
    root_ = lone.enter(sources_.mount_namespace.get(), plan_.propagation);
    make_all(late);
    sources_ = {};
    alone_ = true;
  } catch (const Error&) {
    lone.give_up();
    sources_ = fill_up({}, plan_);
    late_readonly_.clear();
  }
  return alone_;
}

void Rootfs::make_all(LateParts& late) {
  for (std::size_t i = 0; i < plan_.mounts.size(); ++i) {
    const MountOperation& operation = plan_.mounts[i];
    if (operation.kind == MountKind::kCgroup) late.need_cgroup();
    if (may_show_network(operation)) late.need_network();
    sys::OwnFd made = with_context(
        [&] { return operation.name; },
        [&] { return make_mount(operation, plan_, root_.get(), std::move(sources_.mounts[i])); });
    if (operation.late_readonly)
      late_readonly_.push_back(sys::duplicate(made.get()).or_throw("duplicate a descriptor"));
    if (made && operation.destination == "/") {
      // It covers the root: everything from here on, the pivot too, is about the new mount.
      root_ = std::move(made);
    }
  }
  timings::begin("devices");
  if (plan_.set_up_dev) set_up_dev(plan_, root_.get(), sources_.devices);
}

void Rootfs::enter() {
  if (alone_) return LoneRoot::leave_host();
  leave_callers_chroot();
  if (plan_.context.no_pivot)
    move_into(root_.get(), path_of(root_.get()));
  else
    pivot_into(root_.get());
}

void Rootfs::bind_console(int slave) { bind_console_device(root_.get(), slave); }

void Rootfs::seal() {
  for (const sys::OwnFd& mount : late_readonly_) set_readonly(mount);
  make_paths_readonly(plan_, root_.get());
  if (!plan_.masked_paths.empty()) mask_paths(plan_, root_.get(), std::move(null_));
  if (plan_.readonly) with_context([] { return "root.readonly"; }, [&] { set_readonly(root_); });
  set_final_propagation(plan_.propagation, root_);
}

}  // namespace brig::rootfs
