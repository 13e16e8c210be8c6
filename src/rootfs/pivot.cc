#include "rootfs/pivot.h"

#include <fcntl.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/file.h"
#include "sys/mount_api.h"
#include "sys/ns.h"

namespace brig::rootfs {

namespace {

sys::OwnFd open_directory(const char* path) {
  return sys::open_at(AT_FDCWD, path, O_PATH | O_DIRECTORY).or_throw("open ", path);
}

sys::Result<void> set_propagation(int mount, std::uint64_t kind, bool recursive) {
  sys::MountAttributes attributes;
  attributes.propagation = kind;
  return sys::set_mount_attributes(mount, attributes, recursive);
}

std::uint64_t kernel_word(Propagation kind) {
  switch (kind) {
    case Propagation::kShared:
      return MS_SHARED;
    case Propagation::kSlave:
      return MS_SLAVE;
    case Propagation::kPrivate:
    case Propagation::kUnbindable:
      break;
  }
  return MS_PRIVATE;
}

// Makes the mount that holds `directory` one that passes nothing on: pivot_root(2) demands it of
// the new root's parent, and a bind there would else show up on the host. Only a mount's root can
// be changed, so the way goes up until the kernel agrees.
void stop_containing_mount(int directory, std::uint64_t kind) {
  constexpr int kMaxDepth = 4096;
  sys::OwnFd current = sys::duplicate(directory).or_throw("duplicate the rootfs descriptor");
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    const sys::Result<void> set = set_propagation(current.get(), kind, false);
    if (set.error() != EINVAL) return set.or_throw("stop propagation from the rootfs");
    current = sys::open_at(current.get(), "..", O_PATH | O_DIRECTORY)
                  .or_throw("open the parent directory of the rootfs");
  }
  throw Error("found no mount that holds the rootfs");
}

sys::OwnFd open_rootfs(const std::string& rootfs) {
  sys::Result<sys::OwnFd> opened = sys::open_at(AT_FDCWD, rootfs, O_PATH | O_DIRECTORY);
  if (opened.error() == EACCES)
    throw Error(concat("open root.path ", rootfs,
                       ": the container's root user may not search a directory on the way; give "
                       "others execute permission on each of them"),
                EACCES);
  return std::move(opened).or_throw("open root.path ", rootfs);
}

// mountinfo writes space, tab, newline and backslash as \ooo; proc(5).
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 3 < text.size()) {
      const int code = (text[at + 1] - '0') * 64 + (text[at + 2] - '0') * 8 + (text[at + 3] - '0');
      plain += static_cast<char>(code);
      at += 3;
    } else {
      plain += text[at];
    }
  }
  return plain;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

// Mount points of whole procfs and sysfs mounts, from lines "36 35 98:0 ROOT POINT OPTIONS [TAGS] -
// TYPE SOURCE SUPER_OPTIONS"; proc(5).
std::vector<std::string> whole_proc_and_sys(std::string_view mountinfo) {
  std::vector<std::string> points;
  while (!mountinfo.empty()) {
    const std::size_t end = std::min(mountinfo.find('\n'), mountinfo.size());
    const std::string_view line = mountinfo.substr(0, end);
    mountinfo.remove_prefix(std::min(end + 1, mountinfo.size()));
    const std::size_t type_at = line.find(" - ");
    const std::vector<std::string_view> words = words_of(line);
    if (type_at == std::string_view::npos || words.size() < 5 || words[3] != "/") continue;
    const std::string_view type = line.substr(type_at + 3);
    if (type.starts_with("proc ") || type.starts_with("sysfs "))
      points.push_back(unescape(words[4]));
  }
  return points;
}

void hide_host_mount(const std::string& point) {
  sys::Result<sys::OwnFd> mount = sys::open_at(AT_FDCWD, point, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (mount.error() == ENOENT) return;  // below one that has gone already
  if (!mount) throw Error(concat("open ", point), mount.error());
  set_propagation(mount->get(), MS_SLAVE, true).or_throw("stop propagation of ", point);
  const sys::Result<void> gone = sys::unmount(point, MNT_DETACH);
  if (gone.error() == EINVAL || gone.error() == EPERM)
    return sys::mount_by_path("tmpfs", point, "tmpfs", MS_RDONLY, "").or_throw("cover ", point);
  gone.or_throw("unmount ", point);
}

void change_root_here() {
  sys::change_root(".").or_throw("change root");
  sys::enter_directory("/").or_throw("enter the new root");
}

}  // namespace

void stop_propagation(int mount, const RootfsPropagation& propagation) {
  set_propagation(mount, kernel_word(propagation.kind), propagation.recursive)
      .or_throw("stop the propagation of the rootfs");
}

sys::OwnFd bind_rootfs(const std::string& rootfs, const RootfsPropagation& propagation) {
  const std::uint64_t kind = kernel_word(propagation.kind);
  const sys::OwnFd host_root = open_directory("/");
  const sys::Result<void> set = set_propagation(host_root.get(), kind, propagation.recursive);
  if (set.error() == EINVAL)
    throw Error(
        "brig's root directory is not a mount point (brig runs in a chroot), so the "
        "container cannot be kept apart from what is around it: bind the chroot's folder "
        "onto itself before (mount --rbind DIR DIR)");
  set.or_throw("set the propagation of the container's mount namespace");
  const sys::OwnFd directory = open_rootfs(rootfs);
  if (!propagation.recursive || propagation.kind == Propagation::kShared)
    stop_containing_mount(directory.get(), kind == MS_SLAVE ? MS_SLAVE : MS_PRIVATE);
  sys::OwnFd root =
      sys::clone_mount(directory.get(), "", AT_RECURSIVE).or_throw("bind root.path ", rootfs);
  sys::move_mount(root.get(), directory.get()).or_throw("bind root.path ", rootfs, " onto itself");
  return root;
}

void leave_callers_chroot() {
  const sys::Result<void> left = sys::leave_chroot();
  // Without CAP_SYS_CHROOT, when exec cannot enter the mount namespace either.
  if (left.error() != EPERM) left.or_throw("leave brig's chroot");
}

void pivot_into(int root) {
  const sys::OwnFd old_root = open_directory("/");
  sys::enter_directory(root).or_throw("enter the rootfs");
  // The old root ends up on top of the new one, and needs no directory in it; pivot_root(2).
  sys::pivot_root(".", ".").or_throw("pivot_root");
  sys::enter_directory(old_root.get()).or_throw("enter the old root");
  // The unmount must never reach the host. Slave, not private: then what the host unmounts later
  // does not stay busy here in the short time that the old tree still lives.
  set_propagation(old_root.get(), MS_SLAVE, true).or_throw("stop propagation of the old root");
  sys::unmount(".", MNT_DETACH).or_throw("detach the old root");
  sys::enter_directory("/").or_throw("enter the new root");
}

void move_into(int root, const std::string& rootfs) {
  const std::string mountinfo =
      sys::read_file_at(AT_FDCWD, "/proc/self/mountinfo").or_throw("read the list of mounts");
  for (const std::string& point : whole_proc_and_sys(mountinfo))
    if (point != rootfs && !point.starts_with(rootfs + '/')) hide_host_mount(point);
  const sys::OwnFd host_root = open_directory("/");
  // What brig's chroot hid, or rootfsPropagation left shared, would show the move on the host.
  set_propagation(host_root.get(), MS_SLAVE, false).or_throw("stop propagation of the old root");
  sys::enter_directory(root).or_throw("enter the rootfs");
  sys::move_mount(root, host_root.get()).or_throw("move the rootfs onto /");
  change_root_here();
}

}  // namespace brig::rootfs
