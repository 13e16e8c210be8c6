#include "machine.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <vector>

#include "../faults/world.h"

namespace soak {

namespace {

// brig keeps 64; each command that is at work may write one more.
constexpr long kMostFilters = 64 + 32;
// A removed cgroup goes once the kernel has let go of all that was in it.
constexpr long kMostDying = 256;

// The number after `key` in a text of "key number" lines; -1: not there.
long number_after(const std::string& text, const std::string& key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    long number = 0;
    if (words >> word && word == key && words >> number) return number;
  }
  return -1;
}

void list_below(const std::string& folder, bool only_folders, std::vector<std::string>& into) {
  for (const auto& [name, type] : faults::names_in(folder)) {
    std::string path = folder;
    path.append(1, '/').append(name);
    if (type == DT_DIR || !only_folders) into.push_back(path);
    // Root file systems are not looked into, nor what is to keep of filters.
    if (type == DT_DIR && name != "rootfs" && name != ".seccomp")
      list_below(path, only_folders, into);
  }
}

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> files;
  list_below(folder, false, files);
  return files;
}

std::vector<std::string> cgroups_below(const std::string& parent) {
  std::vector<std::string> cgroups;
  list_below(parent, true, cgroups);
  return cgroups;
}

// All but process 1, which has started us, and ourselves. One that is dead waits for its parent
// only.
std::vector<std::string> processes() {
  std::vector<std::string> names;
  for (const auto& [name, type] : faults::names_in("/proc")) {
    const int pid = std::atoi(name.c_str());
    if (pid <= 1 || pid == ::getpid()) continue;
    const std::string stat = faults::read_text("/proc/" + name + "/stat");
    const std::size_t end = stat.rfind(')');
    if (end == std::string::npos || std::strchr("ZX", stat[end + 2]) != nullptr) continue;
    names.push_back(stat.substr(0, end + 1));
  }
  return names;
}

long count_entries(const std::string& folder) {
  return static_cast<long>(faults::names_in(folder).size());
}

long count_lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace

Sample look(const Places& places, unsigned lifecycles) {
  Sample sample;
  sample.lifecycles = lifecycles;
  sample.processes = static_cast<long>(processes().size());
  sample.cgroups = static_cast<long>(cgroups_below(places.cgroup).size());
  sample.mounts = count_lines(faults::read_text("/proc/self/mountinfo"));
  sample.descriptors = count_entries("/proc/self/fd") - 1;
  sample.files =
      static_cast<long>(files_below(places.folder).size() + files_below(places.root).size());
  sample.filters = count_entries(places.root + "/.seccomp");
  sample.dying_cgroups =
      number_after(faults::read_text(places.cgroup + "/cgroup.stat"), "nr_dying_descendants");
  sample.open_files = std::atol(faults::read_text("/proc/sys/fs/file-nr").c_str());
  sample.slab_kb = number_after(faults::read_text("/proc/meminfo"), "Slab:");
  sample.net_namespaces = number_after(faults::read_text("/proc/slabinfo"), "net_namespace");
  return sample;
}

std::string name_leftovers(const Places& places) {
  constexpr std::size_t kEnough = 1000;
  std::string text;
  const auto name = [&](const char* kind, const std::vector<std::string>& all) {
    for (const std::string& one : all)
      if (text.size() < kEnough) text.append(kind).append(one).append("; ");
  };
  name("process ", processes());
  name("cgroup ", cgroups_below(places.cgroup));
  name("file ", files_below(places.root));
  return text;
}

void print_head() {
  std::printf("%10s %9s %7s %6s %11s %5s %7s %6s | machine: %10s %8s %7s\n", "lifecycles",
              "processes", "cgroups", "mounts", "descriptors", "files", "filters", "dying",
              "open files", "slab KB", "netns");
}

void print_sample(const Sample& one) {
  std::printf("%10u %9ld %7ld %6ld %11ld %5ld %7ld %6ld |          %10ld %8ld %7ld\n",
              one.lifecycles, one.processes, one.cgroups, one.mounts, one.descriptors, one.files,
              one.filters, one.dying_cgroups, one.open_files, one.slab_kb, one.net_namespaces);
  std::fflush(stdout);
}

bool is_flat(const Sample& first, const Sample& sample) {
  const struct {
    const char* what;
    long seen;
    long allowed;
  } kRules[] = {{"processes", sample.processes, 0},
                {"cgroups", sample.cgroups, 0},
                {"mounts", sample.mounts, first.mounts},
                {"descriptors", sample.descriptors, first.descriptors},
                {"files", sample.files, first.files},
                {"filters", sample.filters, kMostFilters},
                {"dying cgroups", sample.dying_cgroups, kMostDying}};
  bool flat = true;
  for (const auto& rule : kRules) {
    if (rule.seen <= rule.allowed) continue;
    std::printf("FAIL: %s: %ld, more than %ld\n", rule.what, rule.seen, rule.allowed);
    flat = false;
  }
  return flat;
}

}  // namespace soak
