#include "sys/mount_api.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string_view>

namespace brig::sys {

namespace {

constexpr unsigned kOpenTreeNamespace = 2;  // OPEN_TREE_NAMESPACE, not in older headers

Result<OwnFd> owned(int fd) {
  if (fd < 0) return Result<OwnFd>::last_error();
  return OwnFd(fd);
}

}  // namespace

Result<OwnFd> clone_mount(int dir, const std::string& path, unsigned flags) {
  if (path.empty()) flags |= AT_EMPTY_PATH;
  return owned(::open_tree(dir, path.c_str(), flags | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

Result<OwnFd> clone_into_namespace(const std::string& path) {
  constexpr unsigned kFlags = kOpenTreeNamespace | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
  return owned(::open_tree(AT_FDCWD, path.c_str(), kFlags));
}

Result<void> move_mount(int mount, int target) {
  return Result<void>::of(
      ::move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

Result<void> set_mount_attributes(int mount, const MountAttributes& attributes, bool recursive) {
  struct mount_attr change = {};
  change.attr_set = attributes.set;
  change.attr_clr = attributes.clear;
  change.propagation = attributes.propagation;
  if (attributes.user_namespace >= 0)
    change.userns_fd = static_cast<std::uint64_t>(attributes.user_namespace);
  const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0U);
  return Result<void>::of(::mount_setattr(mount, "", flags, &change, sizeof change));
}

Result<OwnFd> open_file_system(const char* type) { return owned(::fsopen(type, FSOPEN_CLOEXEC)); }

Result<OwnFd> pick_file_system(int mount) {
  return owned(::fspick(mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
}

Result<void> set_parameter(int context, const std::string& key, const std::string& value) {
  return Result<void>::of(::fsconfig(context, FSCONFIG_SET_STRING, key.c_str(), value.c_str(), 0));
}

Result<void> set_flag(int context, const std::string& key) {
  return Result<void>::of(::fsconfig(context, FSCONFIG_SET_FLAG, key.c_str(), nullptr, 0));
}

Result<void> create_superblock(int context) {
  return Result<void>::of(::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
}

Result<void> reconfigure_superblock(int context) {
  return Result<void>::of(::fsconfig(context, FSCONFIG_CMD_RECONFIGURE, nullptr, nullptr, 0));
}

Result<OwnFd> mount_superblock(int context, std::uint64_t attributes) {
  return owned(::fsmount(context, FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)));
}

std::string file_system_messages(int context) {
  std::string messages;
  char buffer[1024];
  // One message a read, "e tmpfs: Unknown parameter 'x'"; ENODATA ends the list.
  for (;;) {
    const ssize_t length = ::read(context, buffer, sizeof buffer);
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return messages;
    std::string_view message(buffer, static_cast<std::size_t>(length));
    if (message.size() > 2 && message[1] == ' ') message.remove_prefix(2);
    while (!message.empty() && (message.back() == '\n' || message.back() == '\0'))
      message.remove_suffix(1);
    if (!messages.empty()) messages += "; ";
    messages += message;
  }
}

Result<void> mount_by_path(const std::string& source, const std::string& target,
                           const std::string& type, unsigned long flags, const std::string& data) {
  return Result<void>::of(
      ::mount(source.c_str(), target.c_str(), type.c_str(), flags, data.c_str()));
}

Result<void> unmount(const std::string& path, int flags) {
  return Result<void>::of(::umount2(path.c_str(), flags));
}

Result<void> pivot_root(const char* new_root, const char* put_old) {
  return Result<void>::of(::syscall(SYS_pivot_root, new_root, put_old));
}

Result<void> change_root(const char* path) { return Result<void>::of(::chroot(path)); }

Result<void> enter_directory(int dir) { return Result<void>::of(::fchdir(dir)); }

Result<void> enter_directory(const char* path) { return Result<void>::of(::chdir(path)); }

}  // namespace brig::sys
