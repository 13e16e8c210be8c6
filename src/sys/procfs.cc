#include "sys/procfs.h"

#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include <algorithm>

#include "sys/file.h"

namespace brig::sys {

namespace {

// The inode number of the root directory of every procfs (PROC_ROOT_INO of linux/proc_fs.h).
constexpr ino_t kProcRootInode = 1;

Result<void> check_is_procfs(int fd) {
  Result<std::uint64_t> type = file_system_type(fd);
  if (!type) return Result<void>::failure(type.error());
  return *type == PROC_SUPER_MAGIC ? Result<void>() : Result<void>::failure(EXDEV);
}

Result<OwnFd> mount_new_proc(ProcScope scope) {
  const OwnFd context(::fsopen("proc", FSOPEN_CLOEXEC));
  if (!context) return Result<OwnFd>::last_error();
  if (scope == ProcScope::kProcesses &&
      ::fsconfig(context.get(), FSCONFIG_SET_STRING, "subset", "pid", 0) < 0)
    return Result<OwnFd>::last_error();
  if (::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
    return Result<OwnFd>::last_error();
  OwnFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC,
                        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  if (!mount) return Result<OwnFd>::last_error();
  return mount;
}

}  // namespace

std::string mount_point_in(std::string_view mountinfo, std::string_view type) {
  // Optional fields end with " - ", then comes the type; the mount point is the fifth word.
  constexpr int kWordsBefore = 4;
  const std::string mark = concat(" - ", type, ' ');
  while (!mountinfo.empty()) {
    std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    if (line.find(mark) == std::string_view::npos) continue;
    for (int i = 0; i < kWordsBefore; ++i)
      line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
    const std::string_view point = line.substr(0, line.find(' '));
    if (point.find('\\') == std::string_view::npos) return std::string(point);
  }
  return {};
}

Result<std::string> find_mount(std::string_view type) {
  Result<std::string> text = read_file_at(AT_FDCWD, "/proc/self/mountinfo");
  if (!text) return text;
  return mount_point_in(*text, type);
}

Result<OwnFd> open_private_proc(ProcScope scope) {
  if (Result<OwnFd> mount = mount_new_proc(scope)) return mount;
  OwnFd proc(::open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
  if (!proc) {
    Result<OwnFd> plain = open_at(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW);
    if (!plain) return plain;
    proc = std::move(*plain);
  }
  if (Result<void> checked = check_is_procfs(proc.get()); !checked)
    return Result<OwnFd>::failure(checked.error());
  Result<struct stat> info = stat_fd(proc.get());
  if (!info) return Result<OwnFd>::failure(info.error());
  if (info->st_ino != kProcRootInode) return Result<OwnFd>::failure(EXDEV);
  return proc;
}

Result<OwnFd> open_proc_file(int proc, const std::string& path, int flags) {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  long fd;
  do {
    fd = ::syscall(SYS_openat2, proc, path.c_str(), &how, sizeof how);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return Result<OwnFd>::last_error();
  return OwnFd(static_cast<int>(fd));
}

Result<void> write_proc_file(int proc, const std::string& path, std::string_view value) {
  const Result<OwnFd> file = open_proc_file(proc, path, O_WRONLY);
  return file ? write_value(file->get(), value) : Result<void>::failure(file.error());
}

Result<OwnFd> open_process_directory(pid_t pid) {
  Result<OwnFd> directory = open_at(
      AT_FDCWD, pid == 0 ? std::string("/proc/self") : concat("/proc/", pid), O_PATH | O_DIRECTORY);
  if (!directory) return directory;
  if (Result<void> checked = check_is_procfs(directory->get()); !checked)
    return Result<OwnFd>::failure(checked.error());
  return directory;
}

}  // namespace brig::sys
