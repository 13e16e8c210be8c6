#include "rootfs/lone_root.h"

#include <fcntl.h>
#include <sched.h>

#include "rootfs/pivot.h"
#include "sys/file.h"
#include "sys/mount_api.h"
#include "sys/ns.h"

namespace brig::rootfs {

LoneRoot::LoneRoot()
    : mounts_(sys::open_own_namespace("mnt").or_throw("open /proc/self/ns/mnt")),
      root_(sys::open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY).or_throw("open /")) {}

sys::OwnFd LoneRoot::enter(int mount_namespace, const RootfsPropagation& propagation) {
  sys::enter_namespaces(mount_namespace, CLONE_NEWNS).or_throw("enter the mount namespace");
  entered_ = true;
  sys::OwnFd root = sys::open_at(AT_FDCWD, "/", O_PATH | O_DIRECTORY).or_throw("open the rootfs");
  // It is a peer of the host's mount.
  stop_propagation(root.get(), propagation);
  stand_in_host_root();
  return root;
}

void LoneRoot::give_up() const {
  if (entered_) {
    sys::enter_namespaces(mounts_.get(), CLONE_NEWNS).or_throw("return to the host's mounts");
    stand_in_host_root();
  }
  sys::unshare(CLONE_NEWNS).or_throw("make a mount namespace");
}

void LoneRoot::leave_host() { sys::leave_chroot().or_throw("enter the new root"); }

void LoneRoot::stand_in_host_root() const {
  sys::enter_directory(root_.get()).or_throw("enter the host's root directory");
  sys::change_root(".").or_throw("change root to the host's");
}

}  // namespace brig::rootfs
