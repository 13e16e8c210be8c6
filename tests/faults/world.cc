#include "world.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace faults {

namespace {

constexpr const char* kMark = "@CGROUP@";

void check(long returned, const std::string& what) {
  if (returned < 0) throw std::runtime_error(what + ": " + std::strerror(errno));
}

std::string below(const std::string& folder, const std::string& name) {
  std::string path = folder;
  return path.append("/").append(name);
}

void list_tree(const std::string& folder, std::vector<std::string>& into) {
  for (const auto& [name, type] : names_in(folder)) {
    const std::string path = below(folder, name);
    // Compiled seccomp filters are kept for the next container.
    if (path == std::string(kRoot) + "/.seccomp") continue;
    into.push_back(path);
    if (type == DT_DIR) list_tree(path, into);
  }
}

std::vector<std::string> cgroups_below(const std::string& folder) {
  std::vector<std::string> found;  // deepest first
  for (const auto& [name, type] : names_in(folder)) {
    if (type != DT_DIR) continue;
    const std::string path = below(folder, name);
    for (std::string& deeper : cgroups_below(path)) found.push_back(std::move(deeper));
    found.push_back(path);
  }
  return found;
}

void copy_file(const std::string& from, const std::string& to) {
  struct stat info = {};
  check(::stat(from.c_str(), &info), from);
  const int source = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  const int target = ::open(to.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, info.st_mode & 0777);
  check(source < 0 ? source : target, to);
  char block[65536];
  ssize_t got;
  while ((got = ::read(source, block, sizeof block)) > 0)
    check(::write(target, block, static_cast<std::size_t>(got)), to);
  ::close(source);
  ::close(target);
}

void copy_tree(const std::string& from, const std::string& to) {
  check(::mkdir(to.c_str(), 0755), to);
  for (const auto& [name, type] : names_in(from)) {
    if (type == DT_DIR)
      copy_tree(below(from, name), below(to, name));
    else
      copy_file(below(from, name), below(to, name));
  }
}

std::vector<std::string> mount_lines() {
  std::vector<std::string> lines;
  std::istringstream text(read_text("/proc/self/mountinfo"));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::string mount_point(const std::string& line) {
  std::istringstream words(line);
  std::string word;
  for (int i = 0; i < 5; ++i) words >> word;
  return word;
}

template <class Report>
void each_new(const std::vector<std::string>& now, const std::vector<std::string>& before,
              const Report& report) {
  for (const std::string& one : now)
    if (std::find(before.begin(), before.end(), one) == before.end()) report(one);
}

std::vector<pid_t> other_processes() {
  std::vector<pid_t> pids;
  for (const auto& [name, type] : names_in("/proc"))
    if (const int pid = std::atoi(name.c_str()); pid > 1) pids.push_back(pid);
  return pids;
}

int remove_entry(const char* path, const struct stat* /*info*/, int /*flag*/, FTW* /*where*/) {
  return ::remove(path);
}

}  // namespace

std::vector<std::pair<std::string, unsigned char>> names_in(const std::string& folder) {
  std::vector<std::pair<std::string, unsigned char>> names;
  DIR* const stream = ::opendir(folder.c_str());
  if (stream == nullptr) return names;
  while (const dirent* entry = ::readdir(stream))  // NOLINT(concurrency-mt-unsafe): one thread
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0)
      names.emplace_back(entry->d_name, entry->d_type);
  ::closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

std::string read_text(const std::string& path) {
  std::string text;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return text;
  char block[16384];
  ssize_t got;
  while ((got = ::read(fd, block, sizeof block)) > 0)
    text.append(block, static_cast<std::size_t>(got));
  ::close(fd);
  return text;
}

bool write_text(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return done;
}

World::World(const Template& from, unsigned worker) : runtime_(from.runtime) {
  // clean() kills all others of the process id namespace.
  if (::getpid() != 1) throw std::runtime_error("a worker must be process 1");
  mount_own(from);
  const std::string own = from.cgroup + "/w" + std::to_string(worker);
  struct stat info = {};
  const bool hybrid = ::stat("/sys/fs/cgroup/cgroup.procs", &info) != 0;
  cgroup_ = (hybrid ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup") + own;
  check(::mkdir(cgroup_.c_str(), 0755), cgroup_);
  check(::mkdir("/run/faults", 0755), "/run/faults");
  copy_tree(from.bundle, kBundle);
  for (const char* file : {"/config.json", "/waiting/config.json", "/user/config.json"}) {
    const std::string path = std::string(kBundle) + file;
    std::string text = read_text(path);
    if (text.empty()) continue;
    for (std::size_t at; (at = text.find(kMark)) != std::string::npos;)
      text.replace(at, std::strlen(kMark), own + '/' + kId);
    write_text(path, text);
  }
  check(::mkdir(kRoot, 0711), kRoot);
  remember();
}

World::~World() {
  clean();
  ::rmdir(cgroup_.c_str());
}

void World::mount_own(const Template& from) {
  check(::unshare(CLONE_NEWNS), "unshare");
  check(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private");
  check(::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr), "mount /proc");
  check(::mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), "mount /run");
  check(::access(from.runtime.c_str(), X_OK), from.runtime + " must not be below /run");
  if (!from.pure_v2) return;
  while (::umount2("/sys/fs/cgroup", MNT_DETACH) == 0) continue;
  check(::mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, nullptr), "mount cgroup2");
}

Words World::command(const Words& words) const {
  Words all = {runtime_, "--root", kRoot};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

std::string World::cgroup_file(const std::string& name) const {
  return cgroup_ + '/' + kId + '/' + name;
}

void World::remember() {
  files_ = list_files();
  mounts_ = mount_lines();
}

std::vector<std::string> World::list_files() const {
  std::vector<std::string> files;
  list_tree("/run", files);
  return files;
}

std::string World::list_processes() const {
  std::string text;
  for (const pid_t pid : other_processes()) {
    const std::string stat = read_text("/proc/" + std::to_string(pid) + "/stat");
    const std::size_t end = stat.rfind(')');
    if (end != std::string::npos) text += "process " + stat.substr(0, end + 1) + "; ";
  }
  return text;
}

std::string World::leftovers() const {
  std::string text;
  if (!wait_for_all(1)) text = list_processes();
  for (const std::string& path : cgroups_below(cgroup_))
    text += "cgroup " + path.substr(cgroup_.size() + 1) + "; ";
  const auto report = [&text](const char* what) {
    return [&text, what](const std::string& one) { text += what + one + "; "; };
  };
  each_new(mount_lines(), mounts_, report("mount "));
  each_new(mounts_, mount_lines(), report("missing mount "));
  each_new(list_files(), files_, report("file "));
  each_new(files_, list_files(), report("missing file "));
  if (text.ends_with("; ")) text.resize(text.size() - 2);
  return text;
}

void World::clean() const {
  for (const pid_t pid : other_processes()) ::kill(pid, SIGKILL);
  wait_for_all(patience);
  for (const std::string& path : cgroups_below(cgroup_)) ::rmdir(path.c_str());
  each_new(mount_lines(), mounts_,
           [](const std::string& line) { ::umount2(mount_point(line).c_str(), MNT_DETACH); });
  std::vector<std::string> files = list_files();
  std::reverse(files.begin(), files.end());
  each_new(files, files_, [](const std::string& path) {
    ::nftw(path.c_str(), remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
  });
}

}  // namespace faults
