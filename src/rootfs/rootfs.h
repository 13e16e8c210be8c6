// Builds the container's root file system: the order of it all.
//
// Runs in the child: single-threaded, in the container's mount namespace (a copy of the host's
// until enter(), or where it can be done one that starts with the rootfs alone), root in the
// container's user namespace when there is one, id maps written. The steps are called in the order
// of their declaration:
//
//     mount()         propagation, rootfs, all mounts, /dev          then: createContainer hooks
//     enter()         pivot_root, the host's tree detached           then: sysctl, hostname, ...
//     bind_console()  only with a terminal
//     seal()          read-only and masked paths, read-only root, final propagation
//
// Between enter() and seal() /proc/sys is still writable: that is the time for sysctl, and for
// making process.cwd. The working directory after enter() is "/".
#pragma once

#include <vector>

#include "rootfs/plan.h"
#include "rootfs/sources.h"
#include "sys/fd.h"

namespace brig::rootfs {

// What may be in the making while mount() is at work: it asks for it right before the first mount
// that shows it.
class LateParts {
 public:
  virtual ~LateParts() = default;
  // The process is in the container's cgroup, and in its cgroup namespace.
  virtual void need_cgroup() = 0;
  // The process is in the container's network namespace.
  virtual void need_network() = 0;
};

class Rootfs {
 public:
  // `plan` must outlive the object. `sources` is what open_sources() gave in the parent, inherited.
  Rootfs(const RootfsPlan& plan, Sources sources);

  // Stops propagation to the host, binds the rootfs onto itself or enters the mount namespace that
  // has nothing else, makes all mounts in order, then the device nodes and links of /dev. Throws
  // Error "mounts[3] (/proc): ...".
  void mount(LateParts& late);

  // Makes the rootfs this mount namespace's root and detaches the old one (or, with no_pivot, moves
  // it to "/" and changes root). Throws Error.
  void enter();

  // Binds the terminal `slave` (an open pts device) on /dev/console, after enter() and before
  // seal(). The caller has checked that it is the slave of its own pty. Throws Error.
  void bind_console(int slave);

  // Applies readonlyPaths, maskedPaths, late read-only mounts, root.readonly, rootfsPropagation.
  // After this nothing can be made in the root. Throws Error.
  void seal();

  // The root directory (O_PATH), for sys/path.h; valid after mount().
  [[nodiscard]] int root() const noexcept { return root_.get(); }

 private:
  bool mount_alone(LateParts& late);
  void make_all(LateParts& late);

  const RootfsPlan& plan_;
  Sources sources_;
  sys::OwnFd root_;
  sys::OwnFd null_;  // a detached bind of the host's /dev/null, for masking files
  std::vector<sys::OwnFd> late_readonly_;  // mounts that become read-only in seal()
  bool alone_ = false;                     // the host's mounts are not in the mount namespace
};

}  // namespace brig::rootfs
