#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "facts.h"

namespace probe {
namespace {

struct MountLine {
  std::string root, point, options, optional, type, source, super;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::vector<MountLine> read_mountinfo() {
  std::vector<MountLine> lines;
  for (const std::string& line : split(read_text("/proc/self/mountinfo"), '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    if (words.size() < 9) continue;
    MountLine mount{.root = words[3], .point = words[4], .options = words[5]};
    std::size_t i = 6;
    while (words[i] != "-" && i + 3 < words.size()) {
      if (!mount.optional.empty()) mount.optional += ',';
      mount.optional += words[i++];
    }
    mount.type = words[i + 1];
    mount.source = words[i + 2];
    if (i + 3 < words.size()) mount.super = words[i + 3];
    lines.push_back(mount);
  }
  return lines;
}

void write_words(Json& json, const char* name, const std::string& text) {
  json.key(name).begin_array();
  if (!text.empty()) {
    for (const std::string& word : split(text, ',')) json.text(word);
  }
  json.end_array();
}

const char* type_name(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return "file";
    case S_IFDIR:
      return "directory";
    case S_IFCHR:
      return "c";
    case S_IFBLK:
      return "b";
    case S_IFIFO:
      return "p";
    case S_IFLNK:
      return "link";
    case S_IFSOCK:
      return "socket";
    default:
      return "?";
  }
}

void write_error(Json& json, int number) {
  json.begin_object().member("error", error_name(number)).end_object();
}

// Attributes of what the path itself names: links are not followed.
void write_attributes(Json& json, const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return write_error(json, errno);
  char mode[8];
  std::snprintf(mode, sizeof mode, "%04o", status.st_mode & 07777U);
  json.begin_object()
      .member("type", type_name(status.st_mode))
      .member("mode", mode)
      .member("uid", static_cast<long long>(status.st_uid))
      .member("gid", static_cast<long long>(status.st_gid));
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
    json.member("major", static_cast<long long>(major(status.st_rdev)))
        .member("minor", static_cast<long long>(minor(status.st_rdev)));
  }
  if (S_ISREG(status.st_mode)) json.member("size", static_cast<long long>(status.st_size));
  if (S_ISLNK(status.st_mode)) {
    char target[4096];
    const ssize_t n = readlink(path.c_str(), target, sizeof target);
    json.member("target", std::string_view(target, n > 0 ? static_cast<std::size_t>(n) : 0));
  }
  json.end_object();
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  DIR* folder = opendir(path.c_str());
  if (folder == nullptr) return names;
  while (const dirent* entry = readdir(folder)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  closedir(folder);
  return names;
}

int try_open(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  if (fd < 0) return errno;
  close(fd);
  return 0;
}

}  // namespace

// By mount point; of several at one point the topmost.
void write_mounts(Json& json) {
  json.begin_object();
  const std::vector<MountLine> lines = read_mountinfo();
  for (std::size_t i = 0; i < lines.size(); i++) {
    bool covered = false;
    for (std::size_t j = i + 1; j < lines.size(); j++) {
      covered = covered || lines[j].point == lines[i].point;
    }
    if (covered) continue;
    json.key(lines[i].point)
        .begin_object()
        .member("type", lines[i].type)
        .member("source", lines[i].source)
        .member("root", lines[i].root);
    write_words(json, "options", lines[i].options);
    write_words(json, "super", lines[i].super);
    // shared and master without the numbers of their groups; none of them is a private mount.
    json.key("propagation").begin_array();
    for (const std::string& word : split(lines[i].optional, ',')) {
      if (!word.empty()) json.text(word.substr(0, word.find(':')));
    }
    json.end_array().end_object();
  }
  json.end_object();
}

void write_mount_order(Json& json) {
  json.begin_array();
  for (const MountLine& line : read_mountinfo()) json.text(line.point);
  json.end_array();
}

void write_devices(Json& json) {
  json.begin_object();
  for (const std::string& name : names_in("/dev")) {
    const std::string path = "/dev/" + name;
    json.key(path);
    write_attributes(json, path);
  }
  json.end_object();
}

void write_file(Json& json, const std::string& path) { write_attributes(json, path); }

void write_list(Json& json, const std::string& path) {
  json.begin_array();
  for (const std::string& name : names_in(path)) json.text(name);
  json.end_array();
}

void write_read(Json& json, const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return write_error(json, errno);
  if (S_ISDIR(status.st_mode)) {
    json.begin_object()
        .member("error", error_name(try_open(path, O_RDONLY | O_DIRECTORY)))
        .member("entries", static_cast<long long>(names_in(path).size()))
        .end_object();
    return;
  }
  static char text[65536];
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return write_error(json, errno);
  const ssize_t n = read(fd, text, sizeof text);
  const int failed = n < 0 ? errno : 0;
  close(fd);
  json.begin_object()
      .member("error", error_name(failed))
      .member("content", std::string_view(text, n > 0 ? static_cast<std::size_t>(n) : 0))
      .end_object();
}

// Opens a file for writing (and changes nothing), or makes a file in a directory and removes it.
void write_write(Json& json, const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    json.text(error_name(errno));
    return;
  }
  if (!S_ISDIR(status.st_mode)) {
    json.text(error_name(try_open(path, O_WRONLY)));
    return;
  }
  const std::string made = path + "/probe-was-here";
  const int failed = try_open(made, O_WRONLY | O_CREAT | O_EXCL);
  if (failed == 0) unlink(made.c_str());
  json.text(error_name(failed));
}

// TYPE,MAJOR,MINOR: what the cgroup lets it do with the device. ENXIO and the like say that the
// cgroup let it pass and no driver answered.
void write_device_access(Json& json, const std::string& device) {
  const std::vector<std::string> parts = split(device, ',');
  if (parts.size() != 3) return write_error(json, EINVAL);
  const mode_t type = parts[0] == "b" ? S_IFBLK : S_IFCHR;
  const auto allowed = [](int failed) {
    return failed == EPERM || failed == EACCES ? "no" : "yes";
  };
  const std::string node = "/tmp/probe-device";
  const dev_t number = makedev(static_cast<unsigned>(atoi(parts[1].c_str())),
                               static_cast<unsigned>(atoi(parts[2].c_str())));
  const int made = mknod(node.c_str(), type | 0600, number) == 0 ? 0 : errno;
  // A node that it may not make it opens where the case has put one.
  const std::string ready = "/device-" + parts[0] + "-" + parts[1] + "-" + parts[2];
  const std::string& path = made == 0 ? node : ready;
  json.begin_object()
      .member("mknod", allowed(made))
      .member("read", allowed(try_open(path, O_RDONLY)))
      .member("write", allowed(try_open(path, O_WRONLY)))
      .end_object();
  unlink(node.c_str());
}

}  // namespace probe
