#include "sys/file.h"

#include <dirent.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cstring>

namespace brig::sys {

Result<OwnFd> open_at(int dir, const char* path, int flags, mode_t mode) {
  int fd;
  do {
    fd = ::openat(dir, path, flags | O_CLOEXEC, mode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return Result<OwnFd>::last_error();
  return OwnFd(fd);
}

Result<struct stat> stat_fd(int fd) {
  struct stat info = {};
  if (::fstat(fd, &info) < 0) return Result<struct stat>::last_error();
  return info;
}

Result<struct stat> stat_at(int dir, const std::string& path, int flags) {
  struct stat info = {};
  if (::fstatat(dir, path.c_str(), &info, flags) < 0) return Result<struct stat>::last_error();
  return info;
}

Result<std::uint64_t> file_system_type(int fd) {
  struct statfs info = {};
  if (::fstatfs(fd, &info) < 0) return Result<std::uint64_t>::last_error();
  return static_cast<std::uint64_t>(info.f_type);
}

Result<std::uint64_t> file_system_type_at(const char* path) {
  struct statfs info = {};
  if (::statfs(path, &info) < 0) return Result<std::uint64_t>::last_error();
  return static_cast<std::uint64_t>(info.f_type);
}

Result<unsigned long> mount_flags(int fd) {
  struct statvfs info = {};
  if (::fstatvfs(fd, &info) < 0) return Result<unsigned long>::last_error();
  return info.f_flag;
}

Result<void> make_directory_at(int dir, const std::string& path, mode_t mode) {
  return Result<void>::of(::mkdirat(dir, path.c_str(), mode));
}

Result<void> unlink_at(int dir, const std::string& path, int flags) {
  return Result<void>::of(::unlinkat(dir, path.c_str(), flags));
}

Result<void> make_symlink_at(const std::string& target, int dir, const std::string& path) {
  return Result<void>::of(::symlinkat(target.c_str(), dir, path.c_str()));
}

Result<std::string> read_link_at(int dir, const std::string& path) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(dir, path.c_str(), target, sizeof target);
  if (length < 0) return Result<std::string>::last_error();
  return std::string(target, static_cast<std::size_t>(length));
}

Result<void> rename_at(int old_dir, const std::string& old_path, int new_dir,
                       const std::string& new_path) {
  return Result<void>::of(::renameat(old_dir, old_path.c_str(), new_dir, new_path.c_str()));
}

Result<void> make_node_at(int dir, const std::string& path, mode_t mode, dev_t device) {
  return Result<void>::of(::mknodat(dir, path.c_str(), mode, device));
}

Result<void> change_mode(int fd, mode_t mode) { return Result<void>::of(::fchmod(fd, mode)); }

Result<void> change_owner(int fd, uid_t uid, gid_t gid) {
  return Result<void>::of(::fchownat(fd, "", uid, gid, AT_EMPTY_PATH));
}

Result<void> change_owner_at(int dir, const std::string& path, uid_t uid, gid_t gid) {
  return Result<void>::of(::fchownat(dir, path.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW));
}

Result<std::string> read_all(int fd, std::size_t limit) {
  // Most files are short, and each page that a process has not had before costs it a fault.
  std::string data(1024, '\0');
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(fd, data.data() + size, data.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Result<std::string>::last_error();
    size += static_cast<std::size_t>(got);
    if (size > limit) return Result<std::string>::failure(EFBIG);
    if (got == 0) break;
    if (size == data.size()) data.resize(size + std::max<std::size_t>(size, 16384));
  }
  data.resize(size);
  return data;
}

Result<std::string> read_file_at(int dir, const std::string& path, std::size_t limit) {
  Result<OwnFd> fd = open_at(dir, path, O_RDONLY);
  if (!fd) return Result<std::string>::failure(fd.error());
  return read_all(fd->get(), limit);
}

Result<std::size_t> read_at(int fd, char* buffer, std::size_t size, off_t offset) {
  ssize_t got;
  do {
    got = ::pread(fd, buffer, size, offset);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return Result<std::size_t>::last_error();
  return static_cast<std::size_t>(got);
}

Result<std::string> read_part(int fd, std::uint64_t offset, std::size_t size) {
  std::string data(size, '\0');
  const ssize_t got = ::pread(fd, data.data(), size, static_cast<off_t>(offset));
  if (got < 0) return Result<std::string>::last_error();
  data.resize(static_cast<std::size_t>(got));
  return data;
}

Result<void> write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t put = ::write(fd, data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return Result<void>::last_error();
    data.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> write_value(int fd, std::string_view data) {
  ssize_t put;
  do {
    put = ::write(fd, data.data(), data.size());
  } while (put < 0 && errno == EINTR);
  if (put < 0) return Result<void>::last_error();
  return static_cast<std::size_t>(put) == data.size() ? Result<void>() : Result<void>::failure(EIO);
}

Result<void> write_value_at(int dir, const std::string& path, std::string_view data) {
  const Result<OwnFd> fd = open_at(dir, path, O_WRONLY);
  return fd ? write_value(fd->get(), data) : Result<void>::failure(fd.error());
}

Result<void> write_file_at(int dir, const std::string& path, std::string_view data, mode_t mode) {
  const Result<OwnFd> fd = open_at(dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode);
  return fd ? write_all(fd->get(), data) : Result<void>::failure(fd.error());
}

Result<void> replace_file_at(int dir, const std::string& path, std::string_view data, mode_t mode) {
  const std::size_t slash = path.rfind('/');
  const std::size_t name_at = slash == std::string::npos ? 0 : slash + 1;
  const std::string scratch = concat(path.substr(0, name_at), '.', path.substr(name_at));
  Result<void> done = write_file_at(dir, scratch, data, mode);
  if (done) done = rename_at(dir, scratch, dir, path);
  if (!done) unlink_at(dir, scratch).ignore("the write's own failure is the one to report");
  return done;
}

Result<std::vector<DirectoryEntry>> list_directory(int dir, const std::string& path) {
  using Entries = std::vector<DirectoryEntry>;
  Result<OwnFd> fd = open_at(dir, path, O_RDONLY | O_DIRECTORY);
  if (!fd) return Result<Entries>::failure(fd.error());
  DIR* stream = ::fdopendir(fd->get());
  if (stream == nullptr) return Result<Entries>::last_error();
  (void)fd->release();  // closedir() closes it
  Entries entries;
  errno = 0;
  // The stream is local to this call, so readdir's shared buffer is ours.
  while (const dirent* entry = ::readdir(stream)) {  // NOLINT(concurrency-mt-unsafe)
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
      entries.push_back({entry->d_name, entry->d_type});
    errno = 0;
  }
  const int failed = errno;
  ::closedir(stream);
  if (failed != 0) return Result<Entries>::failure(failed);
  return entries;
}

namespace {

constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

Result<OwnFd> seal(OwnFd fd) {
  if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) < 0) return Result<OwnFd>::last_error();
  return fd;
}

}  // namespace

Result<OwnFd> sealed_memory_file(const char* name, std::string_view data) {
  OwnFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return Result<OwnFd>::last_error();
  if (Result<void> written = write_all(fd.get(), data); !written)
    return Result<OwnFd>::failure(written.error());
  return seal(std::move(fd));
}

Result<OwnFd> sealed_memory_copy(const char* name, int source) {
  constexpr unsigned kMfdExec = 0x10;  // MFD_EXEC, Linux 6.3
  OwnFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | kMfdExec));
  if (!fd && errno == EINVAL) fd.reset(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return Result<OwnFd>::last_error();
  off_t offset = 0;
  for (;;) {
    const ssize_t copied = ::sendfile(fd.get(), source, &offset, 1U << 30U);
    if (copied < 0 && errno == EINTR) continue;
    if (copied < 0) return Result<OwnFd>::last_error();
    if (copied == 0) return seal(std::move(fd));
  }
}

bool is_sealed(int fd) {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & kSeals) == kSeals;
}

Result<bool> has_verity(int fd) {
  struct statx info = {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &info) < 0) return Result<bool>::last_error();
  return (info.stx_attributes & info.stx_attributes_mask & STATX_ATTR_VERITY) != 0;
}

}  // namespace brig::sys
