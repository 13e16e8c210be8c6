// The systemd manager: a transient scope (or slice) unit holds the container's cgroup. Host side.
//
// systemd makes the cgroup and moves the container's first process into it while that process sets
// itself up; the limits that are more exact than systemd's properties, and the device filter, are
// then written as the cgroupfs manager writes them. From there on only the kernel's files are used:
// exec, kill, pause, statistics say nothing to systemd. A container that has ended takes its scope
// along, so `delete` says something only when it does not go.
#pragma once

#include <memory>
#include <string>

#include "cgroup/cgroup.h"
#include "cgroup/cgroupfs.h"
#include "cgroup/systemd_manager.h"
#include "cgroup/systemd_properties.h"
#include "cgroup/systemd_unit.h"

namespace brig::cgroup {

class Systemd : public Cgroup {
 public:
  // A unit to be made.
  static std::unique_ptr<Systemd> plan(const CgroupRequest& request);
  // One that exists.
  explicit Systemd(const CgroupRecord& record);

  [[nodiscard]] const std::string& path() const override { return files_.path(); }
  [[nodiscard]] const std::string& unit() const override { return unit_.name; }
  void check_unused() override { files_.check_unused(); }
  void create(const Resources& resources) override;
  void undo_create() override;
  [[nodiscard]] int directory() override;
  void adopt(pid_t pid) override;
  [[nodiscard]] bool comes_late() const override { return true; }
  bool complete(int peer) override;
  void close_in_child() override { manager_.reset(); }
  void admit(pid_t pid) override;
  [[nodiscard]] std::string entry_problem() override { return files_.entry_problem(); }
  [[nodiscard]] sys::OwnFd open_subgroup(const std::string& name) override {
    return files_.open_subgroup(name);
  }
  void update(const Resources& resources) override;
  void delegate(uid_t owner) override { files_.delegate(owner); }
  void freeze() override { files_.freeze(); }
  void thaw() override { files_.thaw(); }
  [[nodiscard]] bool is_frozen() override { return files_.is_frozen(); }
  [[nodiscard]] std::vector<pid_t> processes() override { return files_.processes(); }
  void signal_all(int signal) override { files_.signal_all(signal); }
  void destroy() override;

 private:
  Systemd(SystemdUnit unit, std::string path, const CgroupRequest& request);

  SystemdManager& manager();
  [[nodiscard]] bool wait_until_gone() const;

  SystemdUnit unit_;
  std::string id_;
  Cgroupfs files_;
  UnitProperties annotated_;
  UnitProperties limits_;
  Resources resources_;
  pid_t pid_ = -1;
  enum class State : unsigned char { kPlanned, kAsked, kExists } state_ = State::kPlanned;
  bool interrupted_ = false;      // the command that made it was killed before it was done
  bool may_stay_failed_ = false;  // an annotation keeps the unit when it has failed
  std::optional<SystemdManager> manager_;
};

}  // namespace brig::cgroup
