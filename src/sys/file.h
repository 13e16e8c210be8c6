// Files and directories by descriptor. `dir` is a directory descriptor or AT_FDCWD; every
// descriptor made here is close-on-exec. Paths here are followed as the kernel follows them: inside
// a container's root file system, which is hostile, use sys/path.h instead.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// openat(2) with O_CLOEXEC added; retries EINTR.
Result<OwnFd> open_at(int dir, const char* path, int flags, mode_t mode = 0);
inline Result<OwnFd> open_at(int dir, const std::string& path, int flags, mode_t mode = 0) {
  return open_at(dir, path.c_str(), flags, mode);
}

// fstat(2), fstatat(2) (`flags` as AT_SYMLINK_NOFOLLOW).
Result<struct stat> stat_fd(int fd);
Result<struct stat> stat_at(int dir, const std::string& path, int flags = 0);
// f_type of fstatfs(2) or statfs(2): a *_MAGIC of linux/magic.h.
Result<std::uint64_t> file_system_type(int fd);
Result<std::uint64_t> file_system_type_at(const char* path);

// The mount's flags (ST_RDONLY, ST_NOEXEC) as fstatvfs(3) gives them; also for O_PATH descriptors.
Result<unsigned long> mount_flags(int fd);

// mkdirat(2), unlinkat(2) (`flags` as AT_REMOVEDIR), symlinkat(2), readlinkat(2), renameat(2),
// mknodat(2), fchmod(2), fchownat(2) with AT_EMPTY_PATH (works on O_PATH descriptors).
Result<void> make_directory_at(int dir, const std::string& path, mode_t mode);
Result<void> unlink_at(int dir, const std::string& path, int flags = 0);
Result<void> make_symlink_at(const std::string& target, int dir, const std::string& path);
Result<std::string> read_link_at(int dir, const std::string& path);
Result<void> rename_at(int old_dir, const std::string& old_path, int new_dir,
                       const std::string& new_path);
Result<void> make_node_at(int dir, const std::string& path, mode_t mode, dev_t device);
Result<void> change_mode(int fd, mode_t mode);
Result<void> change_owner(int fd, uid_t uid, gid_t gid);
// fchownat(2) of `path` itself, never of what a link points to. -1 leaves an id as it is.
Result<void> change_owner_at(int dir, const std::string& path, uid_t uid, gid_t gid);

// Everything up to the end of file, at most `limit` bytes (a longer file is EFBIG).
Result<std::string> read_all(int fd, std::size_t limit = 64U << 20U);
Result<std::string> read_file_at(int dir, const std::string& path, std::size_t limit = 64U << 20U);

// One pread(2) of at most `size` bytes at `offset` into `buffer`; how many were read.
Result<std::size_t> read_at(int fd, char* buffer, std::size_t size, off_t offset);
// At most `size` bytes from `offset` on, with one pread(2).
Result<std::string> read_part(int fd, std::uint64_t offset, std::size_t size);

// Writes all of `data`, going on after short writes and EINTR.
Result<void> write_all(int fd, std::string_view data);
// One write(2) of all of `data`, as files of procfs, sysfs and cgroupfs want it; a short write is
// EIO.
Result<void> write_value(int fd, std::string_view data);
// The same for a file that must exist (opened O_WRONLY, without O_CREAT or O_TRUNC).
Result<void> write_value_at(int dir, const std::string& path, std::string_view data);
// Creates `path`, or empties it first: for a file that nobody reads before something else says that
// it is whole. A link there is ELOOP.
Result<void> write_file_at(int dir, const std::string& path, std::string_view data, mode_t mode);
// Creates or replaces `path` so that a reader sees the old or the new content, never a part: writes
// a sibling file ".<name>" and renames it.
Result<void> replace_file_at(int dir, const std::string& path, std::string_view data, mode_t mode);

// The entries of a directory other than "." and "..", in directory order. getdents64(2) through
// readdir(3).
struct DirectoryEntry {
  std::string name;
  unsigned char type = 0;  // DT_* of dirent.h
};
Result<std::vector<DirectoryEntry>> list_directory(int dir, const std::string& path = ".");

// A sealed, anonymous file with `data` (memfd_create(2), read-only through its seals).
Result<OwnFd> sealed_memory_file(const char* name, std::string_view data);
// The same with a copy of the file `source`, to be executed (MFD_EXEC where the kernel knows it).
// sendfile(2).
Result<OwnFd> sealed_memory_copy(const char* name, int source);
// Whether `fd` (not O_PATH) is a memory file sealed like those two. fcntl(2) F_GET_SEALS.
bool is_sealed(int fd);

// Whether fs-verity protects the file, so that nobody can ever write to it. statx(2)
// STATX_ATTR_VERITY.
Result<bool> has_verity(int fd);

}  // namespace brig::sys
