#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "facts.h"

namespace probe {
namespace {

constexpr const char* kNamespaces[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c != ' ' && c != '\n' && c != '\t') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// [[inside, outside, size], ...]
void write_map(Json& json, const char* path) {
  const std::vector<std::string> words = words_of(read_text(path));
  json.begin_array();
  for (std::size_t i = 0; i + 2 < words.size(); i += 3) {
    json.begin_array();
    for (std::size_t j = i; j < i + 3; j++) json.number(atoll(words[j].c_str()));
    json.end_array();
  }
  json.end_array();
}

void write_addresses(Json& json, const ifaddrs* list, const std::string& name) {
  json.key("addresses").begin_array();
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || name != entry->ifa_name) continue;
    const int family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const void* address =
        family == AF_INET
            ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(entry->ifa_addr)->sin_addr)
            : &reinterpret_cast<sockaddr_in6*>(entry->ifa_addr)->sin6_addr;
    char text[INET6_ADDRSTRLEN];
    if (inet_ntop(family, address, text, sizeof text) != nullptr) json.text(text);
  }
  json.end_array();
}

}  // namespace

void write_namespaces(Json& json) {
  json.begin_object();
  for (const char* name : kNamespaces) {
    char target[64];
    const std::string path = std::string("/proc/self/ns/") + name;
    const ssize_t n = readlink(path.c_str(), target, sizeof target);
    if (n > 0) json.member(name, std::string_view(target, static_cast<std::size_t>(n)));
  }
  json.end_object();
}

void write_hostname(Json& json) {
  utsname names{};
  uname(&names);
  json.text(names.nodename);
}

void write_domainname(Json& json) {
  utsname names{};
  uname(&names);
  json.text(names.domainname);
}

// The path in the unified hierarchy.
void write_cgroup(Json& json) {
  const std::string text = "\n" + read_text("/proc/self/cgroup");
  const std::size_t at = text.find("\n0::");
  json.text(at == std::string::npos ? "" : text.substr(at + 4, text.find('\n', at + 4) - at - 4));
}

void write_time_offsets(Json& json) {
  const std::vector<std::string> words = words_of(read_text("/proc/self/timens_offsets"));
  json.begin_object();
  for (std::size_t i = 0; i + 2 < words.size(); i += 3) {
    json.key(words[i])
        .begin_object()
        .member("secs", atoll(words[i + 1].c_str()))
        .member("nanosecs", atoll(words[i + 2].c_str()))
        .end_object();
  }
  json.end_object();
}

void write_clocks(Json& json) {
  timespec monotonic{};
  timespec boottime{};
  clock_gettime(CLOCK_MONOTONIC, &monotonic);
  clock_gettime(CLOCK_BOOTTIME, &boottime);
  json.begin_object()
      .member("monotonic", static_cast<long long>(monotonic.tv_sec))
      .member("boottime", static_cast<long long>(boottime.tv_sec))
      .end_object();
}

void write_personality(Json& json) {
  utsname names{};
  uname(&names);
  const auto value = static_cast<unsigned>(personality(0xffffffff));
  json.begin_object()
      .member("domain", (value & PER_MASK) == PER_LINUX32 ? "LINUX32" : "LINUX")
      .member("value", static_cast<long long>(value))
      .member("machine", names.machine)
      .end_object();
}

void write_keyring(Json& json) {
  constexpr int kGetId = 0;
  constexpr int kDescribe = 6;
  constexpr int kSession = -3;
  const long serial = syscall(SYS_keyctl, kGetId, kSession, 0);
  char text[256] = "";
  if (serial > 0) syscall(SYS_keyctl, kDescribe, serial, text, sizeof text);
  const char* name = std::strrchr(text, ';');
  json.begin_object()
      .member("serial", static_cast<long long>(serial))
      .member("name", name != nullptr ? name + 1 : "")
      .end_object();
}

void write_uid_map(Json& json) { write_map(json, "/proc/self/uid_map"); }
void write_gid_map(Json& json) { write_map(json, "/proc/self/gid_map"); }

void write_interfaces(Json& json) {
  json.begin_object();
  ifaddrs* list = nullptr;
  struct if_nameindex* names = if_nameindex();
  if (getifaddrs(&list) != 0) list = nullptr;
  for (const struct if_nameindex* each = names; each != nullptr && each->if_index != 0; each++) {
    bool up = false;
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
      if (std::strcmp(entry->ifa_name, each->if_name) == 0) up = (entry->ifa_flags & IFF_UP) != 0;
    }
    json.key(each->if_name).begin_object().member("up", up);
    write_addresses(json, list, each->if_name);
    json.end_object();
  }
  if (names != nullptr) if_freenameindex(names);
  if (list != nullptr) freeifaddrs(list);
  json.end_object();
}

void write_sysctl(Json& json, const std::string& name) {
  std::string path = "/proc/sys/" + name;
  for (std::size_t i = 10; i < path.size(); i++) {
    if (path[i] == '.') path[i] = '/';
  }
  if (access(path.c_str(), F_OK) != 0) {
    json.null();
    return;
  }
  json.text(trimmed(read_text(path)));
}

}  // namespace probe
