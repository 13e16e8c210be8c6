#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "capabilities.h"
#include "facts.h"

namespace probe {
namespace {

// A line "Name:<tab>value" of /proc/self/status.
std::string status_line(std::string_view name) {
  const std::string text = read_text("/proc/self/status");
  const std::string start = "\n" + std::string(name) + ":";
  const std::size_t at = text.find(start);
  if (at == std::string::npos) return "";
  std::size_t from = at + start.size();
  while (text[from] == '\t' || text[from] == ' ') from++;
  return text.substr(from, text.find('\n', from) - from);
}

void write_set(Json& json, const char* name, unsigned long long bits) {
  json.key(name).begin_array();
  for (unsigned i = 0; i < 64; i++) {
    if ((bits >> i & 1) == 0) continue;
    const bool known = i < std::size(kCapabilities);
    json.text(known ? kCapabilities[i] : "CAP_" + std::to_string(i));
  }
  json.end_array();
}

unsigned long long joined(unsigned low, unsigned high) {
  return static_cast<unsigned long long>(high) << 32 | low;
}

struct Limit {
  const char* name;
  int resource;
};
constexpr Limit kLimits[] = {
    {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_CPU", RLIMIT_CPU},
    {"RLIMIT_DATA", RLIMIT_DATA},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},
    {"RLIMIT_LOCKS", RLIMIT_LOCKS},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK},
    {"RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE},
    {"RLIMIT_NICE", RLIMIT_NICE},
    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},
    {"RLIMIT_RSS", RLIMIT_RSS},
    {"RLIMIT_RTPRIO", RLIMIT_RTPRIO},
    {"RLIMIT_RTTIME", RLIMIT_RTTIME},
    {"RLIMIT_SIGPENDING", RLIMIT_SIGPENDING},
    {"RLIMIT_STACK", RLIMIT_STACK},
};

}  // namespace

std::string read_text(const std::string& path) {
  std::string text;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return text;
  char buffer[16384];
  for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  close(fd);
  return text;
}

std::string error_name(int number) {
  if (number == 0) return "ok";
  const char* name = strerrorname_np(number);
  return name != nullptr ? name : std::to_string(number);
}

void write_user(Json& json) {
  const mode_t mask = umask(0);
  umask(mask);
  char octal[8];
  std::snprintf(octal, sizeof octal, "%04o", mask);
  std::vector<gid_t> groups(static_cast<std::size_t>(getgroups(0, nullptr)));
  const int n = getgroups(static_cast<int>(groups.size()), groups.data());
  json.begin_object()
      .member("uid", static_cast<long long>(getuid()))
      .member("gid", static_cast<long long>(getgid()))
      .member("euid", static_cast<long long>(geteuid()))
      .member("egid", static_cast<long long>(getegid()))
      .member("umask", octal)
      .key("groups")
      .begin_array();
  for (int i = 0; i < n; i++)
    json.number(static_cast<long long>(groups[static_cast<std::size_t>(i)]));
  json.end_array().end_object();
}

void write_capabilities(Json& json) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  syscall(SYS_capget, &header, data);
  unsigned long long bounding = 0;
  unsigned long long ambient = 0;
  for (unsigned i = 0; i < 64; i++) {
    if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1) bounding |= 1ULL << i;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1) ambient |= 1ULL << i;
  }
  json.begin_object();
  write_set(json, "effective", joined(data[0].effective, data[1].effective));
  write_set(json, "permitted", joined(data[0].permitted, data[1].permitted));
  write_set(json, "inheritable", joined(data[0].inheritable, data[1].inheritable));
  write_set(json, "bounding", bounding);
  write_set(json, "ambient", ambient);
  json.end_object();
}

void write_no_new_privileges(Json& json) {
  json.boolean(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

void write_seccomp(Json& json) {
  json.begin_object()
      .member("mode", atoll(status_line("Seccomp").c_str()))
      .member("filters", atoll(status_line("Seccomp_filters").c_str()))
      .member("speculation", status_line("Speculation_Store_Bypass"))
      .end_object();
}

void write_rlimits(Json& json) {
  json.begin_object();
  for (const Limit& limit : kLimits) {
    rlimit64 value{};
    if (getrlimit64(static_cast<__rlimit_resource>(limit.resource), &value) != 0) continue;
    json.key(limit.name)
        .begin_object()
        .key("soft")
        .number(static_cast<unsigned long long>(value.rlim_cur))
        .key("hard")
        .number(static_cast<unsigned long long>(value.rlim_max))
        .end_object();
  }
  json.end_object();
}

void write_oom_score_adj(Json& json) {
  json.number(atoll(read_text("/proc/self/oom_score_adj").c_str()));
}

void write_arguments(Json& json) {
  const std::string text = read_text("/proc/self/cmdline");
  json.begin_array();
  for (std::size_t from = 0; from < text.size(); from += std::strlen(&text[from]) + 1) {
    json.text(&text[from]);
  }
  json.end_array();
}

void write_environment(Json& json) {
  json.begin_array();
  for (char** entry = environ; *entry != nullptr; entry++) json.text(*entry);
  json.end_array();
}

void write_working_directory(Json& json) {
  char path[4096];
  json.text(getcwd(path, sizeof path) != nullptr ? path : error_name(errno));
}

// The numbers of all open descriptors but the one that lists them.
void write_descriptors(Json& json) {
  json.begin_array();
  DIR* folder = opendir("/proc/self/fd");
  if (folder != nullptr) {
    while (const dirent* entry = readdir(folder)) {
      const int fd = atoi(entry->d_name);
      if (entry->d_name[0] != '.' && fd != dirfd(folder)) json.number(static_cast<long long>(fd));
    }
    closedir(folder);
  }
  json.end_array();
}

void write_terminal(Json& json) {
  winsize size{};
  ioctl(STDIN_FILENO, TIOCGWINSZ, &size);
  char name[256] = "";
  if (ttyname_r(STDIN_FILENO, name, sizeof name) != 0) name[0] = '\0';
  struct stat console {};
  struct stat input {};
  const bool same = stat("/dev/console", &console) == 0 && fstat(STDIN_FILENO, &input) == 0 &&
                    console.st_rdev == input.st_rdev && console.st_rdev != 0;
  json.begin_object()
      .member("stdin", isatty(STDIN_FILENO) == 1)
      .member("stdout", isatty(STDOUT_FILENO) == 1)
      .member("stderr", isatty(STDERR_FILENO) == 1)
      .member("height", static_cast<long long>(size.ws_row))
      .member("width", static_cast<long long>(size.ws_col))
      .member("controlling", tcgetsid(STDIN_FILENO) == getsid(0))
      .member("console_is_stdin", same)
      .member("name", name)
      .end_object();
}

void write_pid(Json& json) { json.number(static_cast<long long>(getpid())); }

}  // namespace probe
