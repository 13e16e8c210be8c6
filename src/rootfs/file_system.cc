#include "rootfs/file_system.h"

#include <string>
#include <vector>

#include "base/concat.h"
#include "brig/error.h"
#include "rootfs/mounts.h"
#include "sys/mount_api.h"

namespace brig::rootfs {

namespace {

constexpr std::size_t kLongestValue = 255;  // fsconfig(2) copies at most 256 bytes with the NUL

std::string describe(const MountOperation& operation) {
  return concat("mount ", operation.type, operation.source.empty() ? "" : " from ",
                operation.source);
}

// What an EINVAL may be about when the kernel says no more: file systems that read their options as
// one text do not name the one they refuse.
std::string remedy_for(int error, const MountOperation& operation) {
  if (error != EINVAL) return "";
  for (const FileSystemParameter& parameter : operation.options.parameters)
    if ((parameter.key == "uid" || parameter.key == "gid") && parameter.value)
      return concat("is ", parameter.key, '=', *parameter.value,
                    " an id of the container's user namespace?");
  return "";
}

// Throws an Error with what the kernel said on `context`, which says more than the errno.
void check(const sys::Result<void>& result, int context, const MountOperation& operation) {
  if (result) return;
  const int error = result.error();
  const std::string messages = sys::file_system_messages(context);
  if (messages.empty()) throw Error(describe(operation), error, remedy_for(error, operation));
  throw Error(concat(describe(operation), ": ", messages), error);
}

void check_parameter(const sys::Result<void>& result, int context, const MountOperation& operation,
                     const std::string& key) {
  if (result) return;
  with_context([&] { return concat("option \"", key, '"'); },
               [&] { check(result, context, operation); });
}

void configure(int context, const MountOperation& operation,
               const std::vector<FileSystemParameter>& parameters) {
  for (const std::string& flag : operation.options.superblock_flags)
    check_parameter(sys::set_flag(context, flag), context, operation, flag);
  for (const FileSystemParameter& parameter : parameters)
    check_parameter(parameter.value ? sys::set_parameter(context, parameter.key, *parameter.value)
                                    : sys::set_flag(context, parameter.key),
                    context, operation, parameter.key);
}

// Read-only is said to the file system itself too, as mount(2) does: a journal is then not
// replayed. Not when it comes late (only the mount becomes read-only then), and not to cgroup2,
// whose one superblock belongs to the host.
bool readonly_superblock(const MountOperation& operation) {
  return operation.options.readonly() && !operation.late_readonly && operation.type != "cgroup2";
}

std::uint64_t mount_attributes(const MountOperation& operation) {
  std::uint64_t attributes = operation.options.set;
  if (operation.late_readonly) attributes &= ~std::uint64_t{MOUNT_ATTR_RDONLY};
  return attributes;
}

std::vector<FileSystemParameter> with_label(const MountOperation& operation,
                                            const FileSystemParameter& label) {
  std::vector<FileSystemParameter> parameters = operation.options.parameters;
  if (label.value) parameters.push_back(label);
  return parameters;
}

// The flags of mount(2) for a MOUNT_ATTR_* set and the superblock flags.
unsigned long classic_flags(const MountOperation& operation) {
  const std::uint64_t attributes = mount_attributes(operation);
  unsigned long flags = 0;
  if ((attributes & MOUNT_ATTR_RDONLY) != 0) flags |= MS_RDONLY;
  if ((attributes & MOUNT_ATTR_NOSUID) != 0) flags |= MS_NOSUID;
  if ((attributes & MOUNT_ATTR_NODEV) != 0) flags |= MS_NODEV;
  if ((attributes & MOUNT_ATTR_NOEXEC) != 0) flags |= MS_NOEXEC;
  if ((attributes & MOUNT_ATTR_NODIRATIME) != 0) flags |= MS_NODIRATIME;
  if ((attributes & MOUNT_ATTR_NOSYMFOLLOW) != 0) flags |= MS_NOSYMFOLLOW;
  if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME) flags |= MS_NOATIME;
  if ((attributes & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME) flags |= MS_STRICTATIME;
  for (const std::string& flag : operation.options.superblock_flags) {
    if (flag == "sync") flags |= MS_SYNCHRONOUS;
    if (flag == "dirsync") flags |= MS_DIRSYNC;
    if (flag == "lazytime") flags |= MS_LAZYTIME;
    if (flag == "mand") flags |= MS_MANDLOCK;
  }
  return flags;
}

}  // namespace

sys::OwnFd create_file_system(const MountOperation& operation, const FileSystemParameter& label) {
  sys::Result<sys::OwnFd> opened = sys::open_file_system(operation.type.c_str());
  if (opened.error() == ENODEV)
    throw Error(
        concat("unknown file system type \"", operation.type, "\" (is its kernel module missing?)"),
        ENODEV);
  if (opened.error() == ENOSYS) throw Error("fsopen: Linux 5.14 or newer is needed", ENOSYS);
  const sys::OwnFd context = std::move(opened).or_throw(describe(operation));
  if (!operation.source.empty())
    check(sys::set_parameter(context.get(), "source", operation.source), context.get(), operation);
  if (readonly_superblock(operation))
    check(sys::set_flag(context.get(), "ro"), context.get(), operation);
  configure(context.get(), operation, with_label(operation, label));
  check(sys::create_superblock(context.get()), context.get(), operation);
  sys::Result<sys::OwnFd> mount = sys::mount_superblock(context.get(), mount_attributes(operation));
  if (!mount) check(sys::Result<void>::failure(mount.error()), context.get(), operation);
  return *std::move(mount);
}

bool fits_fsconfig(const MountOperation& operation) {
  if (operation.source.size() > kLongestValue) return false;
  for (const FileSystemParameter& parameter : operation.options.parameters)
    if (parameter.key.size() > kLongestValue ||
        (parameter.value && parameter.value->size() > kLongestValue))
      return false;
  return true;
}

void mount_long_options(const MountOperation& operation, const FileSystemParameter& label,
                        int target) {
  sys::mount_by_path(operation.source, concat("/proc/self/fd/", target), operation.type,
                     classic_flags(operation), join_parameters(with_label(operation, label)))
      .or_throw(describe(operation));
}

void remount(const MountOperation& operation, int mount) {
  const MountOptions& options = operation.options;
  if (!options.bind && (!options.superblock_flags.empty() || !options.parameters.empty())) {
    const sys::OwnFd context = sys::pick_file_system(mount).or_throw("remount");
    configure(context.get(), operation, options.parameters);
    check(sys::reconfigure_superblock(context.get()), context.get(), operation);
  }
  apply_attributes(operation, mount, false);
}

}  // namespace brig::rootfs
