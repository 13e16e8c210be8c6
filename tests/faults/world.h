// Where a worker runs its commands: process, mount and cgroup namespaces as good as its own, so
// that whatever is there after a command was left behind by it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "process.h"

namespace faults {

// What the worker finds when it starts; the same for all workers.
struct Template {
  std::string runtime;   // absolute path
  std::string bundle;    // a folder that is copied: rootfs/, *.json with @CGROUP@ for the cgroup
  std::string cgroup;    // the parent of all, below the cgroup2 mount
  bool pure_v2 = false;  // make a pure cgroup v2 view
};

// Everything below /run, a tmpfs of the worker's own, but for what stays as it is.
inline constexpr const char* kBundle = "/run/faults/bundle";
inline constexpr const char* kRoot = "/run/faults/root";
inline constexpr const char* kPidFile = "/run/faults/pid";
inline constexpr const char* kId = "c";

class World {
 public:
  // To be made in process 1 of a new process id namespace; makes the rest. Throws
  // std::runtime_error.
  World(const Template& from, unsigned worker);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  // A command line of the runtime.
  [[nodiscard]] Words command(const Words& words) const;
  [[nodiscard]] Finished call(const Words& words) const { return run(command(words)); }
  // The host path of a file of the container's cgroup.
  [[nodiscard]] std::string cgroup_file(const std::string& name) const;

  // From now on what is there now is no leftover.
  void remember();
  // What is there that was not: "" or "process 12 (probe); cgroup c; file /run/x". Processes that
  // are dying are waited for.
  [[nodiscard]] std::string leftovers() const;
  // Removes all of it, by force.
  void clean() const;

 private:
  void mount_own(const Template& from);
  [[nodiscard]] std::string list_processes() const;
  [[nodiscard]] std::vector<std::string> list_files() const;

  std::string runtime_;
  std::string cgroup_;  // absolute
  std::vector<std::string> files_;
  std::vector<std::string> mounts_;
};

// Names in a folder with their types, "." and ".." left out; sorted.
std::vector<std::pair<std::string, unsigned char>> names_in(const std::string& folder);
std::string read_text(const std::string& path);
bool write_text(const std::string& path, const std::string& text);

}  // namespace faults
