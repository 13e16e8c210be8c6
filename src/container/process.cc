#include "container/process.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>

#include "base/concat.h"
#include "base/timings.h"
#include "container/program.h"
#include "isolate/credentials.h"
#include "isolate/keyring.h"
#include "isolate/lsm.h"
#include "isolate/memory_policy.h"
#include "isolate/oom.h"
#include "isolate/rlimits.h"
#include "isolate/scheduler.h"
#include "sys/caller.h"
#include "sys/file.h"
#include "sys/procfs.h"

namespace brig::container {

namespace {

constexpr std::size_t kLongestPasswd = 16U << 20U;

bool has_home(const std::vector<std::string>& env) {
  return std::any_of(env.begin(), env.end(), [](const std::string& entry) {
    return entry.starts_with("HOME=") && entry.size() > 5;
  });
}

// What an image can be the cause of. A host that lacks something for the moment must not change the
// program's environment in silence.
bool is_images_own(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EACCES:
    case ENXIO:
    case ENODEV:
    case EFBIG:
      return true;
    default:
      return false;
  }
}

// /etc/passwd belongs to the image: it may be a fifo that never ends or a link into /proc.
std::string read_passwd() {
  open_how how = {};
  how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_MAGICLINKS;
  sys::OwnFd fd;
  do {
    fd.reset(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof how)));
  } while (!fd && errno == EINTR);
  const auto failed = [](int error_number) {
    if (!is_images_own(error_number)) throw Error("read /etc/passwd to find HOME", error_number);
    return std::string();
  };
  if (!fd) return failed(errno);
  if (!S_ISREG(sys::stat_fd(fd.get()).or_throw("look at /etc/passwd").st_mode)) return {};
  sys::Result<std::string> text = sys::read_all(fd.get(), kLongestPasswd);
  return text ? *std::move(text) : failed(text.error());
}

// De facto, not in the spec: programs get HOME as a login would set it.
void complete_home(Process& process) {
  if (has_home(process.env)) return;
  std::erase(process.env, "HOME=");
  const std::string home = isolate::find_home(read_passwd(), process.user.uid);
  process.env.push_back(concat("HOME=", home.empty() ? "/" : home));
}

void change_directory(const std::string& cwd) {
  if (cwd.empty()) return;
  if (::chdir(cwd.c_str()) < 0) throw Error(concat("process.cwd: change to ", cwd), errno);
}

// A working directory outside the root shows as a relative path or none at all (CVE-2024-21626).
void check_working_directory() {
  char path[PATH_MAX];
  if (::syscall(SYS_getcwd, path, sizeof path) < 0 || path[0] != '/')
    throw Error(
        "process.cwd: the current directory is outside of the container's root file system");
}

// A standard stream that is the host's /dev/null becomes the container's own, as runc does: the
// descriptor would otherwise show a mount of the host.
void reopen_null_streams() {
  const auto is_null = [](const sys::Result<struct stat>& info) {
    return info && S_ISCHR((*info).st_mode) && (*info).st_rdev == makedev(1, 3);
  };
  for (int stream = 0; stream <= 2; ++stream) {
    if (!is_null(sys::stat_fd(stream))) continue;
    // Looked at before it is opened: an image may have a fifo there.
    if (!is_null(sys::stat_at(AT_FDCWD, "/dev/null", AT_SYMLINK_NOFOLLOW))) return;
    const sys::Result<sys::OwnFd> own =
        sys::open_at(AT_FDCWD, "/dev/null", O_RDWR | O_NOFOLLOW | O_NOCTTY);
    if (!own || !is_null(sys::stat_fd((*own).get()))) return;
    if (::dup2((*own).get(), stream) < 0) throw Error("open /dev/null again", errno);
  }
}

// At execve(2) only the standard streams and what the caller wants preserved stay open. Marked
// before a filter is in force, which need not allow these calls.
void mark_descriptors(std::uint32_t preserved) {
  sys::close_range_on_exec(3 + preserved).or_throw("close descriptors (close_range)");
  for (std::uint32_t i = 0; i < preserved; ++i)
    sys::set_close_on_exec(static_cast<int>(3 + i), false).or_throw("keep descriptor ", 3 + i);
}

isolate::Groups groups_of(const ProcessSetup& setup) {
  if (setup.keep_original_groups) return isolate::Groups::kKeep;
  const bool none = setup.process.user.additional_gids.empty();
  return setup.in_user_namespace && none ? isolate::Groups::kSetIfAllowed : isolate::Groups::kSet;
}

void set_labels(const Process& process) {
  if (process.apparmor_profile.empty() && process.selinux_label.empty()) return;
  const sys::OwnFd proc =
      sys::open_private_proc(sys::ProcScope::kProcesses).or_throw("open a private /proc");
  if (!process.apparmor_profile.empty())
    isolate::set_apparmor_profile(proc.get(), process.apparmor_profile);
  if (!process.selinux_label.empty()) isolate::set_selinux_label(proc.get(), process.selinux_label);
}

void set_scheduling(const ProcessSetup& setup) {
  const Process& process = setup.process;
  if (setup.memory_policy) isolate::set_memory_policy(*setup.memory_policy);
  if (process.scheduler) isolate::set_scheduler(*process.scheduler);
  if (process.io_priority) isolate::set_io_priority(*process.io_priority);
}

void load_filter(const isolate::SeccompFilter& filter, Channel& host) {
  if (!isolate::has_listener(filter.flags)) return isolate::load_seccomp(filter.bpf, filter.flags);
  const std::string message = host.take_turn(Message::kSeccompListener);
  isolate::load_seccomp_with_listener(filter.bpf, filter.flags,
                                      {.socket = host.fd(), .message = message});
}

void give_up_privileges(const ProcessSetup& setup, Channel& host) {
  const Process& process = setup.process;
  isolate::give_standard_streams(process.user.uid);
  isolate::apply_rlimits(process.rlimits);
  if (process.no_new_privileges)
    isolate::set_no_new_privileges();
  else if (setup.seccomp)  // needs CAP_SYS_ADMIN, so it must come before the capabilities go
    load_filter(*setup.seccomp, host);
  if (setup.capabilities) isolate::drop_bounding(*setup.capabilities);
  isolate::set_user(process.user, groups_of(setup));
  if (setup.capabilities) isolate::apply_capabilities(*setup.capabilities);
  isolate::set_not_dumpable();
}

// `pid` 0: the calling process.
void set_oom_score(const Process& process, pid_t pid) {
  const sys::OwnFd directory =
      sys::open_process_directory(pid).or_throw("open the process's folder in /proc");
  isolate::set_oom_score_adj(directory.get(), *process.oom_score_adj);
}

}  // namespace

ProcessSetup plan_process(Process process, const std::map<std::string, std::string>& annotations,
                          bool user_namespace) {
  ProcessSetup setup;
  isolate::check_lsm(process);
  if (process.capabilities) {
    const std::uint64_t held =
        user_namespace ? isolate::all_capabilities() : isolate::held_capabilities();
    setup.capabilities = isolate::resolve_capabilities(*process.capabilities, held, setup.warnings);
  }
  const auto keep = annotations.find("run.oci.keep_original_groups");
  setup.keep_original_groups = keep != annotations.end() && keep->second == "1";
  setup.user_namespace = user_namespace;
  setup.in_user_namespace = user_namespace || !sys::caller().initial_user_namespace;
  setup.process = std::move(process);
  return setup;
}

void apply_from_host(const ProcessSetup& setup, pid_t pid) {
  if (setup.process.oom_score_adj && ::geteuid() == 0) set_oom_score(setup.process, pid);
  if (setup.user_namespace) isolate::raise_hard_limits(setup.process.rlimits, pid);
}

void apply_unprivileged(const ProcessSetup& setup) {
  if (setup.process.oom_score_adj && ::geteuid() != 0) set_oom_score(setup.process, 0);
}

void become_root(const ProcessSetup& setup) {
  const isolate::Groups groups =
      setup.keep_original_groups ? isolate::Groups::kKeep : isolate::Groups::kSetIfAllowed;
  try {
    isolate::set_user(User{}, groups);
  } catch (const Error& error) {
    if (error.error_number() != EINVAL) throw;
    User own = setup.process.user;
    own.additional_gids.clear();
    isolate::set_user(own, groups);
  }
}

void join_keyring(const std::string& container_id, const ProcessSetup& setup, bool is_init) {
  sys::OwnFd proc;
  if (!setup.process.selinux_label.empty())
    proc = sys::open_private_proc(sys::ProcScope::kProcesses).or_throw("open a private /proc");
  isolate::join_session_keyring(proc.get(), {.container_id = container_id,
                                             .selinux_label = setup.process.selinux_label,
                                             .user_namespace = setup.user_namespace,
                                             .set_permissions = is_init});
}

std::string confine(ProcessSetup& setup, Channel& host) {
  Process& process = setup.process;
  isolate::set_umask(process.user);
  set_scheduling(setup);
  set_labels(process);
  complete_home(process);
  reopen_null_streams();
  mark_descriptors(setup.preserve_fds);
  // As root a directory may be out of reach that the user can enter (a network file system), and
  // the other way round: either will do.
  const bool entered = process.cwd.empty() || ::chdir(process.cwd.c_str()) == 0;
  give_up_privileges(setup, host);
  if (!entered) change_directory(process.cwd);
  check_working_directory();
  std::string program =
      process.args.empty() ? std::string() : find_program(process.args[0], process.env);
  if (process.no_new_privileges && setup.seccomp && isolate::has_listener(setup.seccomp->flags))
    load_filter(*setup.seccomp, host);
  return program;
}

void execute(const ProcessSetup& setup, const std::string& program) {
  if (setup.process.args.empty())
    throw Error("process is not set in the configuration: there is nothing to start");
  timings::write();
  const std::optional<isolate::SeccompFilter>& filter = setup.seccomp;
  if (filter && setup.process.no_new_privileges && !isolate::has_listener(filter->flags))
    isolate::load_seccomp(filter->bpf, filter->flags);
  execute_program(program, setup.process.args, setup.process.env);
}

}  // namespace brig::container
