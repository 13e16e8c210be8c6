#include "machine.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "value.h"

namespace kit {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool version_at_least(const std::string& version, const std::string& least) {
  std::istringstream a(version);
  std::istringstream b(least);
  for (int i = 0; i < 3; i++) {
    int x = 0;
    int y = 0;
    a >> x;
    b >> y;
    if (x != y) return x > y;
    a.ignore();
    b.ignore();
    if (!b) break;
  }
  return true;
}

namespace {

// The numbers of a whole device that has the file; "" when none has.
std::string block_device_with(const std::string& file) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/block", error)) {
    if (!std::filesystem::exists(entry.path() / file, error)) continue;
    std::istringstream words(read_file(entry.path() / "dev"));
    if (std::string numbers; words >> numbers) return numbers;
  }
  return "";
}

void demand(int result, const std::string& what) {
  if (result != 0) throw KitError(what + ": " + std::strerror(errno));
}

void move_into(const std::string& cgroup) {
  const int file = open((cgroup + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC);
  const bool moved = file >= 0 && write(file, "0", 1) == 1;
  const int failed = errno;
  if (file >= 0) close(file);
  errno = failed;
  demand(moved ? 0 : -1, "into the cgroup " + cgroup);
}

// Those that cannot be had are left out: bound to cgroup v1, or kept by the machine.
void enable_controllers(const std::string& cgroup) {
  std::istringstream words(read_file(cgroup + "/cgroup.controllers"));
  for (std::string name; words >> name;) {
    std::ofstream(cgroup + "/cgroup.subtree_control") << "+" << name << std::flush;
  }
}

}  // namespace

void enter_own_mounts() {
  demand(unshare(CLONE_NEWNS), "a new mount namespace");
  demand(mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
  if (access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0) return;
  while (umount2(kCgroupMount, MNT_DETACH) == 0) {
  }
  // Where the kernel has none, the cases that need cgroups are skipped.
  static_cast<void>(mount("cgroup2", kCgroupMount, "cgroup2", 0, nullptr));
}

void make_cgroup_for_cases(const std::string& folder) {
  if (access((std::string(kCgroupMount) + "/cgroup.controllers").c_str(), F_OK) != 0) return;
  enable_controllers(kCgroupMount);
  demand(mkdir(folder.c_str(), 0755), "the cgroup " + folder);
  enable_controllers(folder);
}

void enter_own_cgroup(const std::string& folder) {
  demand(mkdir(folder.c_str(), 0755), "the cgroup " + folder);
  demand(mkdir((folder + "/runner").c_str(), 0755), "the cgroup " + folder + "/runner");
  move_into(folder);
  demand(unshare(CLONE_NEWCGROUP), "a new cgroup namespace");
  // A cgroup that has processes cannot give its controllers to those in it.
  move_into(folder + "/runner");
  demand(umount2(kCgroupMount, MNT_DETACH), "the old cgroup mount");
  demand(mount("cgroup2", kCgroupMount, "cgroup2", 0, nullptr), "a cgroup mount for the case");
}

Machine look_at_machine(const std::string& cases) {
  Machine machine;
  machine.root = geteuid() == 0;
  utsname names{};
  uname(&names);
  machine.kernel = names.release;
  const std::string controllers = std::string(kCgroupMount) + "/cgroup.controllers";
  machine.cgroup = access(controllers.c_str(), F_OK) == 0 ? "v2" : "none";
  std::istringstream words(read_file(cases + "/cgroup.subtree_control"));
  for (std::string word; words >> word;) machine.controllers.push_back(word);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  syscall(SYS_capget, &header, data);
  machine.capabilities = data[0].permitted | static_cast<unsigned long long>(data[1].permitted)
                                                 << 32;
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  machine.processors = CPU_COUNT(&set);
  machine.security_modules = read_file("/sys/kernel/security/lsm");
  machine.file_systems = read_file("/proc/filesystems");
  machine.block_device = block_device_with("dev");
  machine.bfq_device = block_device_with("queue/iosched/slice_idle");
  return machine;
}

}  // namespace kit
