#include "rootfs/copy_up.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <string>

#include "brig/error.h"
#include "sys/file.h"

namespace brig::rootfs {

namespace {

constexpr int kMaxDepth = 256;  // one open descriptor a level, and no endless tree

void copy_metadata(int directory, const std::string& name, const struct stat& info) {
  if (::fchownat(directory, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) < 0)
    sys::Result<void>::last_error().or_throw("set the owner of the copy of ", name);
  // After the owner, which takes the set-user-id bits away. The copy is ours alone: nobody can have
  // put a link in its place.
  if (!S_ISLNK(info.st_mode) && ::fchmodat(directory, name.c_str(), info.st_mode & 07777U, 0) < 0)
    sys::Result<void>::last_error().or_throw("set the mode of the copy of ", name);
  const timespec times[2] = {info.st_atim, info.st_mtim};
  sys::Result<void>::of(::utimensat(directory, name.c_str(), times, AT_SYMLINK_NOFOLLOW))
      .or_throw("set the times of the copy of ", name);
}

void copy_file(int from, int to, const std::string& name) {
  const sys::OwnFd source =
      sys::open_at(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).or_throw("open ", name);
  const struct stat info = sys::stat_fd(source.get()).or_throw("stat ", name);
  if (!S_ISREG(info.st_mode)) throw Error(name + " was exchanged while it was copied");
  const sys::OwnFd copy =
      sys::open_at(to, name, O_WRONLY | O_CREAT | O_EXCL, 0600).or_throw("create copy of ", name);
  for (;;) {
    const ssize_t copied = ::sendfile(copy.get(), source.get(), nullptr, std::size_t{1} << 30U);
    if (copied < 0) sys::Result<void>::last_error().or_throw("copy ", name);
    if (copied == 0) return;
  }
}

void copy_directory(int from, int to, int depth);

void copy_entry(int from, int to, const std::string& name, int depth) {
  const struct stat info = sys::stat_at(from, name, AT_SYMLINK_NOFOLLOW).or_throw("stat ", name);
  if (S_ISREG(info.st_mode)) {
    copy_file(from, to, name);
  } else if (S_ISDIR(info.st_mode)) {
    sys::make_directory_at(to, name, 0700).or_throw("create copy of ", name);
    const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
    const sys::OwnFd source = sys::open_at(from, name, flags).or_throw("open ", name);
    const sys::OwnFd copy = sys::open_at(to, name, flags).or_throw("open the copy of ", name);
    copy_directory(source.get(), copy.get(), depth + 1);
  } else if (S_ISLNK(info.st_mode)) {
    const std::string target = sys::read_link_at(from, name).or_throw("read link ", name);
    sys::make_symlink_at(target, to, name).or_throw("create copy of ", name);
  } else {
    sys::make_node_at(to, name, info.st_mode & (S_IFMT | 0777U), info.st_rdev)
        .or_throw("create copy of ", name);
  }
  copy_metadata(to, name, info);
}

void copy_directory(int from, int to, int depth) {
  if (depth > kMaxDepth) throw Error("the directory to copy is nested too deeply", ELOOP);
  for (const sys::DirectoryEntry& entry : sys::list_directory(from).or_throw("list a directory"))
    copy_entry(from, to, entry.name, depth);
}

}  // namespace

void copy_up(int from, int to) {
  with_context([] { return "tmpcopyup"; },
               [&] {
                 copy_directory(from, to, 0);
                 copy_metadata(to, ".", sys::stat_fd(from).or_throw("stat the directory"));
               });
}

}  // namespace brig::rootfs
