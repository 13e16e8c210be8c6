#include "rootfs/mask.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <optional>
#include <utility>

#include "base/concat.h"
#include "brig/error.h"
#include "rootfs/file_system.h"
#include "sys/file.h"
#include "sys/mount_api.h"
#include "sys/path.h"

namespace brig::rootfs {

namespace {

// One mount shown at any number of places. Before Linux 6.15 only an attached mount can be cloned:
// so the mount itself is attached first, and clones of it after that.
class SharedCover {
 public:
  explicit SharedCover(sys::OwnFd mount) : mount_(std::move(mount)) {}

  void attach(int target) {
    if (std::exchange(attached_, true)) {
      const sys::OwnFd clone = sys::clone_mount(mount_.get(), "").or_throw("clone the cover");
      sys::move_mount(clone.get(), target).or_throw("attach the cover");
    } else {
      sys::move_mount(mount_.get(), target).or_throw("attach the cover");
    }
  }

 private:
  sys::OwnFd mount_;
  bool attached_ = false;
};

sys::OwnFd make_empty_directory(const RootfsPlan& plan) {
  MountOperation empty;
  empty.type = "tmpfs";
  empty.source = "tmpfs";
  empty.options = parse_mount_options({"ro", "nr_blocks=1", "nr_inodes=1"});
  return create_file_system(empty, plan.label);
}

// The existing file or directory at `path`, or nothing.
std::optional<sys::OwnFd> find(int root, const std::string& path) {
  sys::Result<sys::OwnFd> found = sys::open_in_root(root, path, O_PATH);
  if (found.error() == ENOENT) return std::nullopt;
  return std::move(found).or_throw("open the path");
}

}  // namespace

sys::OwnFd clone_host_null() {
  sys::OwnFd null = sys::clone_mount(AT_FDCWD, "/dev/null").or_throw("bind the host's /dev/null");
  const struct stat info = sys::stat_fd(null.get()).or_throw("stat the host's /dev/null");
  if (!S_ISCHR(info.st_mode) || info.st_rdev != makedev(1, 3))
    throw Error("the host's /dev/null is not character device 1:3: masked paths would be readable");
  sys::MountAttributes attributes;
  attributes.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  attributes.propagation = MS_PRIVATE;
  sys::set_mount_attributes(null.get(), attributes).or_throw("set attributes of /dev/null's bind");
  return null;
}

void mask_paths(const RootfsPlan& plan, int root, sys::OwnFd null) {
  SharedCover file(std::move(null));
  std::optional<SharedCover> directory;
  for (const std::string& path : plan.masked_paths) {
    with_context([&] { return concat("linux.maskedPaths (", path, ')'); },
                 [&] {
                   const std::optional<sys::OwnFd> target = find(root, path);
                   if (!target) return;
                   const struct stat info = sys::stat_fd(target->get()).or_throw("stat the path");
                   if (!S_ISDIR(info.st_mode)) return file.attach(target->get());
                   if (!directory) directory.emplace(make_empty_directory(plan));
                   directory->attach(target->get());
                 });
  }
}

void make_paths_readonly(const RootfsPlan& plan, int root) {
  sys::MountAttributes readonly;
  readonly.set = MOUNT_ATTR_RDONLY;
  for (const std::string& path : plan.readonly_paths) {
    with_context([&] { return concat("linux.readonlyPaths (", path, ')'); },
                 [&] {
                   const std::optional<sys::OwnFd> target = find(root, path);
                   if (!target) return;
                   const sys::OwnFd clone = sys::clone_mount(target->get(), "", AT_RECURSIVE)
                                                .or_throw("bind the path onto itself");
                   sys::set_mount_attributes(clone.get(), readonly).or_throw("make read-only");
                   sys::move_mount(clone.get(), target->get()).or_throw("attach the bind");
                 });
  }
}

}  // namespace brig::rootfs
