#include "cgroup/systemd.h"

#include <poll.h>
#include <sys/inotify.h>

#include <chrono>

#include "base/concat.h"
#include "base/scope_exit.h"
#include "cgroup/files.h"
#include "cgroup/location.h"
#include "sys/file.h"
#include "sys/inotify.h"
#include "sys/poll.h"

namespace brig::cgroup {

namespace {

// systemd removes the cgroup of a scope by itself when the last process has ended. After that time
// it is asked to.
constexpr std::chrono::seconds kPatience(2);

constexpr const char* kCollectMode = "org.systemd.property.CollectMode";

std::string cgroup_of(const char* file) {
  const sys::Result<std::string> text = sys::read_file_at(AT_FDCWD, file);
  return text ? unified_path(*text) : std::string();
}

// The cgroup that systemd makes all others in, below the mount point.
std::string manager_cgroup(bool user) {
  if (!user) return system_manager_cgroup(cgroup_of("/proc/1/cgroup"));
  const std::string known = user_manager_cgroup(cgroup_of("/proc/self/cgroup"));
  return known.empty() ? SystemdManager(true).control_group() : known;
}

bool exists(const std::string& path) { return bool(sys::stat_at(AT_FDCWD, path)); }

}  // namespace

std::unique_ptr<Systemd> Systemd::plan(const CgroupRequest& request) {
  const bool user = wants_user_manager();
  SystemdUnit unit = plan_systemd_unit(request.cgroups_path, request.id, user);
  std::string path = concat(find_mount_point(), manager_cgroup(user), unit.path);
  return std::unique_ptr<Systemd>(new Systemd(std::move(unit), std::move(path), request));
}

Systemd::Systemd(SystemdUnit unit, std::string path, const CgroupRequest& request)
    : unit_(std::move(unit)),
      id_(request.id),
      files_(std::move(path)),
      annotated_(annotation_properties(request.annotations)),
      may_stay_failed_(request.annotations.count(kCollectMode) != 0) {}

Systemd::Systemd(const CgroupRecord& record)
    : files_(record.path),
      state_(State::kExists),
      interrupted_(record.interrupted),
      may_stay_failed_(record.annotations.count(kCollectMode) != 0) {
  unit_.name = record.unit;
}

SystemdManager& Systemd::manager() {
  if (!manager_) manager_.emplace(wants_user_manager());
  return *manager_;
}

// Only what can fail without a process: the unit is made with it.
void Systemd::create(const Resources& resources) {
  resources_ = resources;
  limits_ = limit_properties(plan_resources(resources, {}));
  manager();
}

int Systemd::directory() { return state_ == State::kExists ? files_.directory() : -1; }

void Systemd::adopt(pid_t pid) {
  pid_ = pid;
  manager().start_unit(unit_.name, unit_properties(unit_, id_, std::move(limits_), annotated_,
                                                   static_cast<std::uint32_t>(pid)));
  state_ = State::kAsked;
}

bool Systemd::complete(int peer) {
  try {
    if (!manager().start_finished(peer)) return false;
  } catch (const Error&) {
    state_ = State::kPlanned;
    manager_.reset();
    // What the process itself has to say is the cause: systemd makes no unit for one that ended.
    if (sys::wait_for_either(peer, -1, {}).or_throw("look at the process") == sys::Ready::kFirst)
      return false;
    throw;
  }
  state_ = State::kExists;
  manager_.reset();
  with_context([&] { return concat("the cgroup of the systemd unit ", unit_.name); },
               [&] {
                 if (unit_.is_slice()) files_.admit(pid_);
                 files_.configure(resources_);
               });
  return true;
}

void Systemd::undo_create() {
  if (state_ == State::kPlanned) return;
  if (state_ == State::kAsked) {
    // The process is dead by now, so that systemd may refuse to make the unit, which may also be
    // another container's: only one that was made is destroyed.
    try {
      manager().start_finished(-1);
    } catch (const Error&) {
      return;
    }
    state_ = State::kExists;
  }
  destroy();
}

void Systemd::admit(pid_t pid) { manager().attach_process(unit_.name, pid); }

void Systemd::update(const Resources& resources) {
  const Plan plan = plan_resources(resources, read_current_limits(resources, files_.directory()));
  const int directory = files_.directory();
  const Plan way_back = plan_way_back(plan, directory);
  files_.update(resources);
  ScopeExit undo([&] { go_back(way_back, directory); });
  std::uint64_t period = 100000;
  if (const std::optional<std::string> text = read_text(files_.directory(), "cpu.max")) {
    std::string_view line = *text;
    next_word(line);
    period = parse_value(next_word(line)).value_or(period);
  }
  const UnitProperties changed = limit_properties(plan, period);
  if (!changed.empty()) manager().set_properties(unit_.name, changed);
  undo.dismiss();
}

// The cgroup is removed by systemd, which would not notice otherwise that the scope is empty.
void Systemd::destroy() {
  if (exists(path())) files_.kill_all();
  const bool goes = !unit_.is_slice() && !interrupted_ && !may_stay_failed_;
  if (goes && wait_until_gone()) return;
  try {
    manager();
  } catch (const Error& error) {
    if (error.error_number() != ENOENT && error.error_number() != ECONNREFUSED) throw;
    // Without systemd there is no unit.
    files_.destroy();
    return;
  }
  manager().stop_unit(unit_.name);
  if (may_stay_failed_) manager().reset_failed(unit_.name);
  files_.destroy();
}

bool Systemd::wait_until_gone() const {
  if (!exists(path())) return true;
  const sys::OwnFd events = sys::open_inotify().or_throw("open inotify");
  const sys::Result<void> watched =
      sys::add_watch(events.get(), path().substr(0, path().rfind('/')), IN_DELETE | IN_DELETE_SELF);
  if (!watched && watched.error() != ENOENT) watched.or_throw("watch the cgroup above ", path());
  const sys::Deadline deadline = std::chrono::steady_clock::now() + kPatience;
  while (exists(path())) {
    if (!sys::wait_for(events.get(), POLLIN, deadline).or_throw("wait for inotify")) return false;
    sys::drain_inotify(events.get()).ignore("the look at the path decides");
  }
  return true;
}

}  // namespace brig::cgroup
