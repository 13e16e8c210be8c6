#include "sys/exec.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

namespace brig::sys {

namespace {

// The null-terminated array of pointers that the kernel wants; borrows the strings.
std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> list;
  list.reserve(strings.size() + 1);
  for (const std::string& text : strings) list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

// The attributes and file actions of posix_spawn(3), which need destroying. Their functions return
// errors instead of setting errno; the first one is kept.
class SpawnPlan {
 public:
  SpawnPlan() : actions_(), attributes_() {
    keep(::posix_spawn_file_actions_init(&actions_));
    keep(::posix_spawnattr_init(&attributes_));
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  void reset_process() {
    // Not sigfillset(3): it leaves out the two signals glibc uses itself, which posix_spawn(3)
    // would then leave ignored in the program.
    sigset_t every;
    std::memset(&every, 0xFF, sizeof every);
    sigset_t none;
    sigemptyset(&none);
    keep(::posix_spawnattr_setsigdefault(&attributes_, &every));
    keep(::posix_spawnattr_setsigmask(&attributes_, &none));
    keep(::posix_spawnattr_setpgroup(&attributes_, 0));
    keep(::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
  }
  void start_in(int directory) {
    keep(::posix_spawn_file_actions_addfchdir_np(&actions_, directory));
  }
  // Copied above the standard descriptors first: otherwise placing one could close the source of
  // the next, when the caller itself was started without some of them.
  void place(int fd, int target) {
    Result<OwnFd> copy = duplicate(fd, STDERR_FILENO + 1);
    keep(copy.error());
    if (!copy) return;
    keep(::posix_spawn_file_actions_adddup2(&actions_, copy->get(), target));
    sources_[target] = *std::move(copy);
  }
  void close_others() {
    keep(::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1));
  }

  Result<pid_t> run(const char* path, char** args, char** env) {
    if (error_ != 0) return Result<pid_t>::failure(error_);
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, path, &actions_, &attributes_, args, env);
    if (failed != 0) return Result<pid_t>::failure(failed);
    return pid;
  }

 private:
  void keep(int error_number) {
    if (error_ == 0) error_ = error_number;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  OwnFd sources_[3];
  int error_ = 0;
};

}  // namespace

Result<void> execute(const std::string& path, const std::vector<std::string>& args,
                     const std::vector<std::string>& env) {
  return Result<void>::of(::execve(path.c_str(), pointers(args).data(), pointers(env).data()));
}

Result<void> execute_descriptor(int fd, char* const* args) {
  return Result<void>::of(::syscall(SYS_execveat, fd, "", args, environ, AT_EMPTY_PATH));
}

Result<void> set_thread_name(const char* name) {
  return Result<void>::of(::prctl(PR_SET_NAME, name, 0, 0, 0));
}

Result<void> may_execute(const std::string& path) {
  return Result<void>::of(::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS));
}

Result<ChildProcess> spawn(const SpawnOptions& options) {
  SpawnPlan plan;
  plan.reset_process();
  if (options.directory >= 0) plan.start_in(options.directory);
  plan.place(options.input, STDIN_FILENO);
  plan.place(options.output, STDOUT_FILENO);
  plan.place(options.error, STDERR_FILENO);
  plan.close_others();
  std::vector<char*> env;
  if (options.env != nullptr) env = pointers(*options.env);
  Result<pid_t> pid = plan.run(options.path.c_str(), pointers(options.args).data(),
                               options.env != nullptr ? env.data() : environ);
  if (!pid) return Result<ChildProcess>::failure(pid.error());
  Result<OwnFd> pidfd = open_pidfd(*pid);
  if (!pidfd) {
    ::kill(*pid, SIGKILL);
    ::waitpid(*pid, nullptr, 0);
    return Result<ChildProcess>::failure(pidfd.error());
  }
  ChildProcess child;
  child.pid = *pid;
  child.pidfd = *std::move(pidfd);
  return child;
}

Result<void> signal_process_group(pid_t leader, int signal) {
  return Result<void>::of(::kill(-leader, signal));
}

}  // namespace brig::sys
