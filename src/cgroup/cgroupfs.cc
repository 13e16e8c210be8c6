#include "cgroup/cgroupfs.h"

#include <dirent.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <csignal>

#include "base/concat.h"
#include "base/scope_exit.h"
#include "cgroup/controllers.h"
#include "cgroup/devices_bpf.h"
#include "cgroup/files.h"
#include "cgroup/location.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::cgroup {

namespace {

constexpr std::chrono::seconds kPatience(10);
// A cgroup without processes can still be busy for the moment in which another one is made in it,
// of which nothing tells.
constexpr std::chrono::milliseconds kRetryPause(5);

sys::Deadline deadline_from_now() { return std::chrono::steady_clock::now() + kPatience; }

// The errors of a file of a cgroup that somebody removed: the name is gone, or the file was open.
bool is_gone(int error_number) { return error_number == ENOENT || error_number == ENODEV; }

// cgroup.events of a cgroup. The kernel announces each change of it with POLLPRI to a descriptor
// that has read it before.
class EventsFile {
 public:
  explicit EventsFile(int directory) {
    sys::Result<sys::OwnFd> file = sys::open_at(directory, "cgroup.events", O_RDONLY);
    if (file)
      file_ = std::move(*file);
    else if (!is_gone(file.error()))
      throw Error("open cgroup.events of the container's cgroup", file.error());
  }

  // Whether `key` ("frozen") is `wanted`. A cgroup that was removed has what anybody wants.
  [[nodiscard]] bool says(std::string_view key, std::uint64_t wanted) const {
    if (!file_) return true;
    char text[256];
    const sys::Result<std::size_t> length = sys::read_at(file_.get(), text, sizeof text, 0);
    if (!length && is_gone(length.error())) return true;
    if (!length) throw Error("read cgroup.events of the container's cgroup", length.error());
    return find_flat_value({text, *length}, key) == wanted;
  }

  // Waits for a change since the last says(); false when `deadline` passed without one.
  [[nodiscard]] bool wait(sys::Deadline deadline) const {
    return sys::wait_for(file_.get(), POLLPRI, deadline)
        .or_throw("wait for cgroup.events of the container's cgroup");
  }

  // Waits until says(); false when `deadline` passed.
  [[nodiscard]] bool wait_until(std::string_view key, std::uint64_t wanted,
                                sys::Deadline deadline) const {
    while (!says(key, wanted))
      if (!wait(deadline)) return says(key, wanted);
    return true;
  }

 private:
  sys::OwnFd file_;
};

std::vector<std::string> child_names(int directory) {
  std::vector<std::string> names;
  sys::Result<std::vector<sys::DirectoryEntry>> entries = sys::list_directory(directory);
  if (!entries) return names;  // removed meanwhile
  for (sys::DirectoryEntry& entry : *entries)
    if (entry.type == DT_DIR) names.push_back(std::move(entry.name));
  return names;
}

void append_pids(std::string_view text, std::vector<pid_t>& pids) {
  std::string_view line;
  while (next_line(text, line)) {
    pid_t pid = 0;
    std::from_chars(line.data(), line.data() + line.size(), pid);
    if (pid > 0) pids.push_back(pid);  // 0: a process outside of this pid namespace
  }
}

// The depth of cgroups is bounded by path lengths, so recursion is.
void collect_pids(int directory, std::vector<pid_t>& pids) {
  const sys::Result<std::string> text = sys::read_file_at(directory, "cgroup.procs");
  // A threaded cgroup has no list of its own (EOPNOTSUPP): its processes are in the list of the
  // domain cgroup above.
  if (text)
    append_pids(*text, pids);
  else if (!is_gone(text.error()) && text.error() != EOPNOTSUPP)
    throw Error("read cgroup.procs of the container's cgroup", text.error());
  for (const std::string& name : child_names(directory)) {
    const sys::Result<sys::OwnFd> child =
        sys::open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (child) collect_pids(child->get(), pids);
  }
}

// Removes the cgroups below `directory`, deepest first; one that still has processes stays.
void remove_children(int directory) {
  for (const std::string& name : child_names(directory)) {
    const sys::Result<sys::OwnFd> child =
        sys::open_at(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (child) remove_children(child->get());
    sys::unlink_at(directory, name, AT_REMOVEDIR)
        .ignore("the parent's own removal fails and says so");
  }
}

// Sends `signal` to the processes of `pids` that `still_there` lists too. The pidfd is taken before
// the second look, so a number that was used again meanwhile cannot be hit.
void signal_processes(const std::vector<pid_t>& pids, Cgroupfs& cgroup, int signal) {
  std::vector<std::pair<pid_t, sys::OwnFd>> targets;
  for (const pid_t pid : pids)
    if (sys::Result<sys::OwnFd> pidfd = sys::open_pidfd(pid))
      targets.emplace_back(pid, std::move(*pidfd));
  const std::vector<pid_t> still_there = cgroup.processes();
  for (const auto& [pid, pidfd] : targets) {
    if (std::find(still_there.begin(), still_there.end(), pid) == still_there.end()) continue;
    const sys::Result<void> sent = sys::send_signal(pidfd.get(), signal);
    if (!sent && sent.error() != ESRCH)
      throw Error(concat("send signal ", signal, " to process ", pid), sent.error());
  }
}

}  // namespace

int Cgroupfs::directory() {
  if (!directory_)
    directory_ = sys::open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY)
                     .or_throw("open the container's cgroup ", path_);
  return directory_.get();
}

void Cgroupfs::make_directories() {
  sys::Result<void> made = sys::make_directory_at(AT_FDCWD, path_, 0755);
  if (!made && made.error() == ENOENT) {
    const std::size_t root = find_mount_point().size();
    for (std::size_t slash = path_.find('/', root + 1); slash != std::string::npos;
         slash = path_.find('/', slash + 1)) {
      const std::string parent = path_.substr(0, slash);
      const sys::Result<void> done = sys::make_directory_at(AT_FDCWD, parent, 0755);
      if (done)
        made_.push_back(parent);
      else if (done.error() != EEXIST)
        done.or_throw("make the cgroup ", parent);
    }
    made = sys::make_directory_at(AT_FDCWD, path_, 0755);
  }
  made_leaf_ = bool(made);
  if (made_leaf_)
    made_.push_back(path_);
  else if (made.error() != EEXIST)
    made.or_throw("make the cgroup ", path_);
}

// A cgroup that was there before may hold another container; one below a frozen cgroup would stop
// the new process before it can say anything, so while there is none the nearest above it is asked.
void Cgroupfs::check_unused() {
  const std::size_t root = find_mount_point().size();
  for (std::string path = path_; path.size() > root; path.resize(path.rfind('/'))) {
    const std::string file = concat(path, "/cgroup.events");
    const sys::Result<std::string> events = sys::read_file_at(AT_FDCWD, file);
    if (!events && is_gone(events.error())) continue;
    if (!events) throw Error(concat("read ", file), events.error());
    if (path == path_ && find_flat_value(*events, "populated").value_or(0) != 0)
      throw Error(concat("container's cgroup is not empty: ", processes().size(),
                         " process(es) found in ", path_,
                         ": is another container using this linux.cgroupsPath?"));
    if (find_flat_value(*events, "frozen").value_or(0) != 0)
      throw Error(concat("container's cgroup unexpectedly frozen: ", path,
                         " or a cgroup above it (cgroup.freeze)"));
    return;
  }
}

void Cgroupfs::set_resources(Plan plan) {
  if (plan.empty()) return;
  enable_controllers(plan, directory(), find_mount_point(), path_);
  apply_plan(plan, directory());
}

void Cgroupfs::create(const Resources& resources) {
  ScopeExit undo([this] { remove_made(); });
  make_directories();
  Plan plan = plan_resources(resources, {});
  no_second_process_ = let_first_process_in(plan);
  set_resources(std::move(plan));
  attach_device_filter(plan_device_filter(resources.devices), directory(), !made_leaf_);
  created_ = true;
  undo.dismiss();
}

void Cgroupfs::configure(const Resources& resources) {
  set_resources(plan_resources(resources, {}));
  attach_device_filter(plan_device_filter(resources.devices), directory(), false);
}

void Cgroupfs::adopt(pid_t /*pid*/) {
  if (!no_second_process_) return;
  sys::write_value_at(directory(), "pids.max", "0").or_throw("write 0 to ", path_, "/pids.max");
}

void Cgroupfs::admit(pid_t pid) {
  sys::write_value_at(directory(), "cgroup.procs", concat(pid))
      .or_throw("move process ", pid, " into the cgroup ", path_);
}

// Nothing is killed here: a directory that somebody else uses by now stays.
void Cgroupfs::remove_made() {
  directory_.reset();
  for (; !made_.empty(); made_.pop_back())
    sys::unlink_at(AT_FDCWD, made_.back(), AT_REMOVEDIR).ignore("in use by now, or gone");
}

void Cgroupfs::undo_create() {
  if (!created_) return;
  created_ = false;
  if (made_leaf_)
    destroy();
  else
    signal_all(SIGKILL);
  remove_made();
}

std::string Cgroupfs::entry_problem() {
  std::string type = read_text(directory(), "cgroup.type").value_or("");
  while (!type.empty() && type.back() == '\n') type.pop_back();
  if (type == "domain invalid" || type == "threaded")
    return concat("the cgroup ", path_, " is of type \"", type,
                  "\", below a threaded cgroup, where no process can be started: set "
                  "linux.cgroupsPath to another place");
  if (read_text(directory(), "cgroup.subtree_control").value_or("").size() > 1)
    return concat("the cgroup ", path_,
                  " has controllers enabled for cgroups below it (cgroup.subtree_control), so it "
                  "cannot hold processes itself");
  return {};
}

sys::OwnFd Cgroupfs::open_subgroup(const std::string& name) {
  std::string_view rest = name;
  while (!rest.empty()) {
    const std::string_view component = rest.substr(0, rest.find('/'));
    rest.remove_prefix(component.size() < rest.size() ? component.size() + 1 : rest.size());
    if (component == "..") throw Error(concat("bad sub cgroup path: ", name));
  }
  const std::string relative = concat("./", name);
  return sys::open_at(directory(), relative, O_RDONLY | O_DIRECTORY)
      .or_throw("open the cgroup ", name, " below ", path_);
}

// All or nothing: the device filter, which the kernel replaces as a whole, comes last.
void Cgroupfs::update(const Resources& resources) {
  Plan plan = plan_resources(resources, read_current_limits(resources, directory()));
  if (!plan.empty()) enable_controllers(plan, directory(), find_mount_point(), path_);
  const Plan way_back = plan_way_back(plan, directory());
  ScopeExit undo([&] { go_back(way_back, directory_.get()); });
  apply_plan(plan, directory());
  if (!resources.devices.empty())
    attach_device_filter(plan_device_filter(resources.devices), directory(), true);
  undo.dismiss();
}

void Cgroupfs::delegate(uid_t owner) {
  const gid_t same_group = static_cast<gid_t>(-1);
  const std::string names = read_text(AT_FDCWD, "/sys/kernel/cgroup/delegate")
                                .value_or("cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n");
  sys::change_owner_at(directory(), ".", owner, same_group)
      .or_throw("give the cgroup ", path_, " to uid ", owner);
  std::string_view rest = names;
  std::string_view name;
  while (next_line(rest, name)) {
    const sys::Result<void> given =
        sys::change_owner_at(directory(), std::string(name), owner, same_group);
    // The list names files of controllers that may be off here.
    if (!given && given.error() != ENOENT)
      given.or_throw("give ", path_, '/', name, " to uid ", owner);
  }
}

void Cgroupfs::freeze() {
  sys::write_value_at(directory(), "cgroup.freeze", "1").or_throw("freeze the cgroup ", path_);
  ScopeExit undo([this] {
    sys::write_value_at(directory(), "cgroup.freeze", "0").ignore("why it failed is the news");
  });
  if (EventsFile(directory()).wait_until("frozen", 1, deadline_from_now())) return undo.dismiss();
  throw Error(concat("freeze the cgroup ", path_,
                     ": its processes did not stop within 10 seconds; they run again"));
}

void Cgroupfs::thaw() {
  sys::write_value_at(directory(), "cgroup.freeze", "0").or_throw("thaw the cgroup ", path_);
}

bool Cgroupfs::is_frozen() {
  const sys::Result<std::string> text =
      sys::read_file_at(AT_FDCWD, concat(path_, "/cgroup.freeze"));
  if (!text && is_gone(text.error())) return false;
  if (!text) throw Error(concat("read ", path_, "/cgroup.freeze"), text.error());
  return *text == "1\n";
}

std::vector<pid_t> Cgroupfs::processes() {
  std::vector<pid_t> pids;
  const sys::Result<sys::OwnFd> top = sys::open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY);
  if (!top && !is_gone(top.error()))
    throw Error(concat("open the container's cgroup ", path_), top.error());
  if (top) collect_pids(top->get(), pids);
  return pids;
}

void Cgroupfs::signal_all(int signal) {
  if (signal == SIGKILL) {
    const sys::Result<void> killed =
        sys::write_value_at(AT_FDCWD, concat(path_, "/cgroup.kill"), "1");
    if (killed || is_gone(killed.error())) return;
    // A threaded cgroup cannot be killed as a whole.
    if (killed.error() != EOPNOTSUPP) killed.or_throw("write 1 to ", path_, "/cgroup.kill");
  }
  signal_processes(processes(), *this, signal);
}

void Cgroupfs::destroy() {
  const sys::Result<void> removed = sys::unlink_at(AT_FDCWD, path_, AT_REMOVEDIR);
  if (!removed && removed.error() != ENOENT && removed.error() != EBUSY)
    removed.or_throw("remove the cgroup ", path_);
  if (!removed && removed.error() == EBUSY) kill_and_remove(deadline_from_now());
  directory_.reset();
}

void Cgroupfs::kill_all() {
  signal_all(SIGKILL);
  const sys::Result<sys::OwnFd> top = sys::open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY);
  if (!top && is_gone(top.error())) return;
  if (!top) throw Error(concat("open the container's cgroup ", path_), top.error());
  if (!EventsFile(top->get()).wait_until("populated", 0, deadline_from_now()))
    throw Error(concat("the cgroup ", path_, ": ", processes().size(),
                       " process(es) are left 10 seconds after they were killed"),
                EBUSY);
}

// Repeats until the removal works: a process that is just entering the cgroup (an exec) or a cgroup
// that is just being made in it must not make this fail.
void Cgroupfs::kill_and_remove(sys::Deadline deadline) {
  for (;;) {
    signal_all(SIGKILL);
    const sys::Result<sys::OwnFd> top = sys::open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY);
    if (!top && is_gone(top.error())) return;
    if (!top) throw Error(concat("open the container's cgroup ", path_), top.error());
    const EventsFile events(top->get());
    const bool empty = events.wait_until("populated", 0, deadline);
    remove_children(top->get());
    const sys::Result<void> removed = sys::unlink_at(AT_FDCWD, path_, AT_REMOVEDIR);
    if (removed || removed.error() == ENOENT) return;
    if (removed.error() != EBUSY) removed.or_throw("remove the cgroup ", path_);
    const auto now = std::chrono::steady_clock::now();
    if (!empty || now >= deadline)
      throw Error(concat("remove the cgroup ", path_, ": ", processes().size(),
                         " process(es) are left 10 seconds after they were killed"),
                  EBUSY);
    (void)events.wait(std::min(deadline, now + kRetryPause));
  }
}

}  // namespace brig::cgroup
