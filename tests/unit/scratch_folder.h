// A folder of a test's own under /tmp, removed with what the test made in it.
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "sys/file.h"

namespace brig::test {

class ScratchFolder {
 public:
  ScratchFolder() {
    char name[] = "/tmp/brig-test-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() { remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string path(std::string_view name) const { return concat(path_, '/', name); }

  // Makes a file and returns its path.
  [[nodiscard]] std::string file(std::string_view name, std::string_view data,
                                 mode_t mode = 0755) const {
    std::string where = path(name);
    const sys::OwnFd fd =
        sys::open_at(AT_FDCWD, where, O_WRONLY | O_CREAT | O_TRUNC, mode).or_throw("make ", where);
    sys::change_mode(fd.get(), mode).or_throw("chmod ", where);
    sys::write_all(fd.get(), data).or_throw("write ", where);
    return where;
  }

 private:
  static void remove(const std::string& folder) {
    const auto entries = sys::list_directory(AT_FDCWD, folder);
    if (!entries) return;
    for (const sys::DirectoryEntry& entry : *entries) {
      const std::string path = concat(folder, '/', entry.name);
      if (entry.type == DT_DIR)
        remove(path);
      else
        ::unlink(path.c_str());
    }
    ::rmdir(folder.c_str());
  }

  std::string path_;
};

}  // namespace brig::test
