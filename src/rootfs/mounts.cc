#include "rootfs/mounts.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/concat.h"
#include "brig/error.h"
#include "rootfs/copy_up.h"
#include "rootfs/file_system.h"
#include "sys/file.h"
#include "sys/mount_api.h"
#include "sys/ns.h"
#include "sys/path.h"

namespace brig::rootfs {

namespace {

// The place a mount goes to. Its path inside the root is known when no link led there.
struct Target {
  sys::OwnFd place;
  std::string path;
  bool existed = true;
};

// proc and sysfs only go on real directories: a link in the image would put them elsewhere, and
// leave /proc or /sys to the image (CVE-2019-19921, CVE-2023-27561).
bool needs_real_directory(const MountOperation& operation) {
  return operation.kind == MountKind::kFileSystem &&
         (operation.type == "proc" || operation.type == "sysfs");
}

int target_flags(const MountOperation& operation) {
  if (needs_real_directory(operation)) return O_PATH | O_NOFOLLOW | O_DIRECTORY;
  return operation.options.destination_nofollow ? O_PATH | O_NOFOLLOW : O_PATH;
}

Target open_target(const MountOperation& operation, int root, bool directory) {
  const std::string& path = operation.destination;
  Target target;
  const int flags = target_flags(operation);
  sys::Links links = sys::Links::kRefuse;
  sys::Result<sys::OwnFd> found = sys::open_in_root(root, path, flags, links);
  if (found.error() == ELOOP) {
    links = sys::Links::kFollow;
    found = sys::open_in_root(root, path, flags);
  }
  if (links == sys::Links::kRefuse && (found || directory)) target.path = path;
  if (found.error() == ENOENT) {
    target.existed = false;
    found = directory ? sys::make_directories_in_root(root, path, 0755, links)
                      : sys::make_file_in_root(root, path, 0644);
    target.place = std::move(found).or_throw("create mount point ", path);
    return target;
  }
  if ((found.error() == ENOTDIR || found.error() == ELOOP) && needs_real_directory(operation))
    throw Error(concat("file system \"", operation.type,
                       "\" must be mounted on an ordinary "
                       "directory, and the image has something else at ",
                       path),
                found.error());
  target.place = std::move(found).or_throw("open mount point ", path);
  return target;
}

bool is_directory(const sys::OwnFd& file) {
  return S_ISDIR(sys::stat_fd(file.get()).or_throw("stat the mount source").st_mode);
}

// Where `target` really is, inside the root; an Error when it is outside.
std::string real_path(int root, const Target& target) {
  if (!target.path.empty()) return target.path;
  const std::string root_path = path_of(root);
  std::string path = path_of(target.place.get());
  if (root_path == "/") return path;
  if (path == root_path) return "/";
  if (!path.starts_with(root_path) || path[root_path.size()] != '/')
    throw Error(concat("mount point ", path, " is outside of the root file system ", root_path));
  return path.substr(root_path.size());
}

void check_target(const MountOperation& operation, int root, const Target& target,
                  const sys::OwnFd& mount) {
  const std::string path = real_path(root, target);
  if (!path.starts_with("/proc")) return;
  const bool is_procfs =
      sys::file_system_type(mount.get()).or_throw("find out the mount's type") == PROC_SUPER_MAGIC;
  if (may_cover(path, is_procfs)) return;
  throw Error(concat("cannot mount on ", path,
                     path == "/proc" ? ": only a file system of type proc may be there"
                                     : ": mounts inside /proc are not allowed",
                     operation.destination == path ? "" : " (the destination is a link to it)"));
}

void set_propagation(const MountOperation& operation, int mount) {
  for (const std::uint64_t kind : operation.options.propagation) {
    sys::MountAttributes attributes;
    attributes.propagation = kind & ~std::uint64_t{MS_REC};
    sys::set_mount_attributes(mount, attributes, (kind & MS_REC) != 0)
        .or_throw("set mount propagation");
  }
}

// A bind of what the host has, for file systems that a user namespace without the matching other
// namespace may not mount; nothing for other types.
std::optional<MountOperation> substitute_bind(const MountOperation& operation,
                                              const RootfsContext& context) {
  const char* source = nullptr;
  if (operation.type == "sysfs") source = "/sys";
  // The host's would show the wrong processes in a process id namespace of the container's own.
  if (operation.type == "proc" && !context.private_pid_namespace) source = "/proc";
  if (operation.type == "mqueue") source = "/dev/mqueue";
  if (source == nullptr) return std::nullopt;
  MountOperation bind = operation;
  bind.kind = MountKind::kBind;
  bind.source = source;
  // All mounts below come along, since the kernel refuses to uncover what they hide, and each must
  // be as protected as the config wants the whole.
  bind.options.bind = bind.options.recursive = true;
  bind.options.set_recursive |= bind.options.set & ~std::uint64_t{MOUNT_ATTR__ATIME};
  return bind;
}

sys::OwnFd bind_instead(const MountOperation& operation) {
  sys::OwnFd mount = clone_source(operation);
  apply_attributes(operation, mount.get(), false);
  return mount;
}

void label_mqueue(const sys::OwnFd& mount, const RootfsPlan& plan) {
  if (!plan.label.value) return;
  const std::string& label = *plan.label.value;
  sys::Result<void>::of(::setxattr(concat("/proc/self/fd/", mount.get()).c_str(),
                                   "security.selinux", label.c_str(), label.size(), 0))
      .or_throw("set SELinux label ", label);
}

// The kernel gives nobody a whole procfs who is in a mount namespace where parts of it are covered
// (mount_too_revealing() in fs/namespace.c).
[[noreturn]] void throw_proc_refused() {
  throw Error(
      "mount proc", EPERM,
      "brig runs in a user namespace whose own /proc is hidden in part, as in another "
      "container: start that one with all of /proc (docker and podman: "
      "--security-opt=unmask=ALL or systempaths=unconfined), or leave the pid namespace out "
      "of linux.namespaces");
}

sys::OwnFd create_or_bind(const MountOperation& operation, const RootfsPlan& plan) {
  const bool unlabelled =
      operation.type == "proc" || operation.type == "sysfs" || operation.type == "mqueue";
  try {
    sys::OwnFd mount =
        create_file_system(operation, unlabelled ? FileSystemParameter() : plan.label);
    if (operation.type == "mqueue") label_mqueue(mount, plan);
    return mount;
  } catch (Error& error) {
    if (error.error_number() != EPERM) throw;
    const std::optional<MountOperation> bind = substitute_bind(operation, plan.context);
    if (bind && sys::stat_at(AT_FDCWD, bind->source)) return bind_instead(*bind);
    if (sys::in_initial_user_namespace()) throw;
    if (operation.type == "proc") throw_proc_refused();
    error.add_context("refused in the user namespace");
    throw;
  }
}

// A tmpfs gets the mode of the directory it covers, unless the config says another.
void inherit_mode(MountOperation& operation, const Target& target) {
  auto& parameters = operation.options.parameters;
  if (operation.type != "tmpfs" || !target.existed) return;
  if (std::ranges::find(parameters, "mode", &FileSystemParameter::key) != parameters.end()) return;
  const struct stat info = sys::stat_fd(target.place.get()).or_throw("stat the mount point");
  std::string mode = "0000";
  for (std::size_t digit = 0; digit < 4; ++digit)
    mode[digit] = static_cast<char>('0' + ((info.st_mode >> (9 - 3 * digit)) & 7U));
  parameters.push_back({"mode", mode});
}

sys::OwnFd attach(const MountOperation& operation, int root, const Target& target,
                  sys::OwnFd mount) {
  check_target(operation, root, target, mount);
  set_propagation(operation, mount.get());
  const sys::Result<void> attached = sys::move_mount(mount.get(), target.place.get());
  if (attached.error() == EINVAL && is_directory(mount) != is_directory(target.place))
    throw Error(concat("mount on ", operation.destination,
                       is_directory(mount) ? ": the source is a directory, the destination a file"
                                           : ": the source is a file, the destination a directory"),
                ENOTDIR);
  attached.or_throw("mount on ", operation.destination);
  return mount;
}

sys::OwnFd attach_long_options(const MountOperation& operation, const RootfsPlan& plan, int root,
                               const Target& target) {
  if (real_path(root, target).starts_with("/proc"))
    throw Error("mounts inside /proc are not allowed");
  mount_long_options(operation, plan.label, target.place.get());
  sys::OwnFd mount = sys::open_in_root(root, operation.destination, O_PATH)
                         .or_throw("open the new mount on ", operation.destination);
  set_propagation(operation, mount.get());
  return mount;
}

sys::OwnFd make_file_system(const MountOperation& planned, const RootfsPlan& plan, int root) {
  MountOperation operation = planned;
  const Target target = open_target(operation, root, true);
  inherit_mode(operation, target);
  if (!fits_fsconfig(operation)) return attach_long_options(operation, plan, root, target);
  sys::OwnFd mount = create_or_bind(operation, plan);
  if (operation.options.tmpcopyup) copy_up(target.place.get(), mount.get());
  return attach(operation, root, target, std::move(mount));
}

// With `copy-symlink` a source that is a link is made again at the destination.
bool copied_symlink(const MountOperation& operation, int root, const sys::OwnFd& mount) {
  if (!operation.options.copy_symlink) return false;
  if (!S_ISLNK(sys::stat_fd(mount.get()).or_throw("stat the mount source").st_mode)) return false;
  const std::string link = sys::read_link_at(mount.get(), "").or_throw("read the source link");
  const sys::ParentInRoot parent = sys::open_parent_in_root(root, operation.destination)
                                       .or_throw("create the directory of the link");
  const sys::Result<void> made = sys::make_symlink_at(link, parent.directory.get(), parent.name);
  if (made.error() == EEXIST) {
    const sys::Result<std::string> existing =
        sys::read_link_at(parent.directory.get(), parent.name);
    if (existing && *existing == link) return true;
  }
  made.or_throw("make link ", operation.destination);
  return true;
}

sys::OwnFd make_bind(const MountOperation& operation, const RootfsPlan& plan, int root,
                     sys::OwnFd source) {
  sys::OwnFd mount = source ? std::move(source) : clone_source(operation);
  if (copied_symlink(operation, root, mount)) return {};
  const Target target = open_target(operation, root, is_directory(mount));
  apply_attributes(operation, mount.get(), !plan.context.user_namespace);
  return attach(operation, root, target, std::move(mount));
}

// An empty read-only directory, when a rootless container may see no cgroup at all.
sys::OwnFd make_empty_cgroup(const MountOperation& operation, const RootfsPlan& plan) {
  MountOperation empty = operation;
  empty.type = empty.source = "tmpfs";
  empty.options.parameters.clear();
  empty.options.set |= MOUNT_ATTR_RDONLY;
  return create_file_system(empty, plan.label);
}

// cgroup2 as the container may see it. In its own cgroup namespace a new mount shows only its part;
// that is refused in some user namespaces, and a bind of the part is the same. In the host's cgroup
// namespace a new mount would be the host's whole tree, so the host's mount is bound, which also
// spares the kernel's wait for other containers' cgroup work.
sys::OwnFd open_cgroup(const MountOperation& operation, const RootfsPlan& plan) {
  const RootfsContext& context = plan.context;
  MountOperation cgroup = operation;
  cgroup.type = "cgroup2";
  cgroup.options.recursive = false;
  if (context.private_cgroup_namespace || context.cgroup_mount.empty()) try {
      return create_file_system(cgroup, {});
    } catch (const Error& error) {
      const bool refused = error.error_number() == EPERM || error.error_number() == EBUSY;
      if (!refused || context.cgroup_mount.empty()) throw;
    }
  const bool own = context.private_cgroup_namespace && !context.cgroup_directory.empty();
  cgroup.source = own ? context.cgroup_directory : context.cgroup_mount;
  // The files of a rootless user's cgroups are writable for the container too (CVE-2023-25809).
  if (!context.caller_may_mount && !context.private_cgroup_namespace)
    cgroup.options.set |= MOUNT_ATTR_RDONLY;
  try {
    return bind_instead(cgroup);
  } catch (const Error& error) {
    if (context.caller_may_mount || error.error_number() != ENOENT) throw;
    return make_empty_cgroup(operation, plan);
  }
}

}  // namespace

std::string path_of(int fd) {
  return sys::read_link_at(AT_FDCWD, concat("/proc/self/fd/", fd))
      .or_throw("find out where a file is");
}

sys::OwnFd clone_source(const MountOperation& operation) {
  const MountOptions& options = operation.options;
  unsigned flags = options.recursive ? AT_RECURSIVE : 0;
  if (options.source_nofollow || options.copy_symlink) flags |= AT_SYMLINK_NOFOLLOW;
  sys::Result<sys::OwnFd> cloned = sys::clone_mount(AT_FDCWD, operation.source, flags);
  if (cloned.error() == ENOENT)
    throw Error(concat("bind source ", operation.source, " does not exist on the host"), ENOENT);
  if (cloned.error() == EINVAL && !options.recursive)
    throw Error(concat("bind ", operation.source,
                       ": it is unbindable, or has mounts below that a user namespace must not "
                       "uncover (use rbind)"),
                EINVAL);
  return std::move(cloned).or_throw("bind ", operation.source);
}

void apply_attributes(const MountOperation& operation, int mount, bool exact) {
  const MountOptions& options = operation.options;
  sys::MountAttributes top;
  top.set = options.set;
  top.clear = options.clear;
  if (options.has_attributes()) {
    constexpr std::uint64_t kFlags = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                                     MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSYMFOLLOW;
    sys::MountAttributes only = top;
    only.clear |= kFlags & ~top.set;
    if (operation.late_readonly)
      for (sys::MountAttributes* attributes : {&top, &only}) {
        attributes->set &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
        attributes->clear &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
      }
    sys::Result<void> set = sys::set_mount_attributes(mount, exact ? only : top);
    if (exact && set.error() == EPERM) set = sys::set_mount_attributes(mount, top);
    set.or_throw("set mount attributes",
                 set.error() == EPERM ? " (the user namespace has locked one of them)" : "");
  }
  if ((options.set_recursive | options.clear_recursive) == 0) return;
  sys::MountAttributes recursive;
  recursive.set = options.set_recursive;
  recursive.clear = options.clear_recursive;
  sys::set_mount_attributes(mount, recursive, true).or_throw("set recursive mount attributes");
}

sys::OwnFd make_mount(const MountOperation& operation, const RootfsPlan& plan, int root,
                      sys::OwnFd source) {
  switch (operation.kind) {
    case MountKind::kBind:
      return make_bind(operation, plan, root, std::move(source));
    case MountKind::kFileSystem:
      return make_file_system(operation, plan, root);
    case MountKind::kCgroup: {
      sys::OwnFd mount = open_cgroup(operation, plan);
      const Target target = open_target(operation, root, true);
      return attach(operation, root, target, std::move(mount));
    }
    case MountKind::kRemount: {
      const Target target = open_target(operation, root, true);
      remount(operation, target.place.get());
      set_propagation(operation, target.place.get());
      break;
    }
  }
  return {};
}

}  // namespace brig::rootfs
