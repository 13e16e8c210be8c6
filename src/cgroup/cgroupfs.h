// The cgroupfs manager: the kernel's files under the cgroup2 mount, and nothing else.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cgroup/cgroup.h"
#include "cgroup/resources.h"
#include "sys/poll.h"

namespace brig::cgroup {

class Cgroupfs : public Cgroup {
 public:
  // `path` is the cgroup's directory on this host, below the cgroup2 mount.
  explicit Cgroupfs(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const override { return path_; }
  void check_unused() override;
  void create(const Resources& resources) override;
  void undo_create() override;
  [[nodiscard]] int directory() override;
  void adopt(pid_t pid) override;
  void admit(pid_t pid) override;
  [[nodiscard]] std::string entry_problem() override;
  [[nodiscard]] sys::OwnFd open_subgroup(const std::string& name) override;
  void update(const Resources& resources) override;
  void delegate(uid_t owner) override;
  void freeze() override;
  void thaw() override;
  [[nodiscard]] bool is_frozen() override;
  [[nodiscard]] std::vector<pid_t> processes() override;
  void signal_all(int signal) override;
  void destroy() override;

  // For a cgroup that another manager makes and removes: sets the limits and the device filter;
  // kills all processes and waits until they have ended.
  void configure(const Resources& resources);
  void kill_all();

 private:
  void make_directories();
  void remove_made();
  void set_resources(Plan plan);
  void kill_and_remove(sys::Deadline deadline);

  std::string path_;
  sys::OwnFd directory_;
  std::vector<std::string> made_;  // directories that create() made, outermost first
  bool made_leaf_ = false;
  bool created_ = false;            // create() succeeded
  bool no_second_process_ = false;  // pids.max becomes 0 once the first process is there
};

}  // namespace brig::cgroup
