#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "facts.h"

namespace probe {
namespace {

struct Call {
  std::string_view name;
  long number;
};

#define CALL(name) \
  { #name, SYS_##name }
// With arguments that are all 0 none of these does harm: they fail with EFAULT, EINVAL, EBADF, or
// read something.
constexpr Call kCalls[] = {
    CALL(getcwd),        CALL(getpid),        CALL(getppid),
    CALL(getuid),        CALL(getgid),        CALL(gettid),
    CALL(uname),         CALL(sethostname),   CALL(setdomainname),
    CALL(mount),         CALL(umount2),       CALL(pivot_root),
    CALL(chroot),        CALL(unshare),       CALL(setns),
    CALL(clone3),        CALL(keyctl),        CALL(add_key),
    CALL(request_key),   CALL(bpf),           CALL(perf_event_open),
    CALL(ptrace),        CALL(personality),   CALL(reboot),
    CALL(swapon),        CALL(swapoff),       CALL(init_module),
    CALL(syslog),        CALL(acct),          CALL(delete_module),
    CALL(quotactl),      CALL(setpriority),   CALL(sched_setscheduler),
    CALL(prlimit64),     CALL(mknodat),       CALL(open_by_handle_at),
    CALL(socket),        CALL(kill),          CALL(tgkill),
    CALL(ioctl),         CALL(sync),          CALL(getrandom),
    CALL(openat2),       CALL(memfd_create),  CALL(faccessat2),
    CALL(fsopen),        CALL(open_tree),     CALL(move_mount),
    CALL(userfaultfd),   CALL(mount_setattr), CALL(io_uring_setup),
    CALL(clock_settime), CALL(settimeofday),  CALL(landlock_create_ruleset),
    CALL(setuid),        CALL(setgid),        CALL(setgroups),
    CALL(fanotify_init), CALL(getpriority),   CALL(mkdirat),
    CALL(fchmodat),      CALL(fchownat),      CALL(sched_yield),
    CALL(dup),           CALL(capset),        CALL(seccomp),
#ifdef SYS_mkdir
    CALL(mkdir),         CALL(chmod),         CALL(chown),
    CALL(rmdir),         CALL(mknod),         CALL(access),
    CALL(getpgrp),
#endif
#ifdef SYS_iopl
    CALL(iopl),          CALL(ioperm),
#endif
};
#undef CALL

// In a child, which alone dies when a filter kills.
std::string try_call(long number, const unsigned long (&a)[6]) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    errno = 0;
    const long result = syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    _exit(result == -1 ? errno : 0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return "fork: " + error_name(errno);
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return std::string("SIG") + (name != nullptr ? name : "?");
  }
  return error_name(WEXITSTATUS(status));
}

}  // namespace

void write_syscall(Json& json, const std::string& call) {
  const std::string name = call.substr(0, call.find(':'));
  unsigned long arguments[6] = {};
  std::size_t at = name.size();
  for (unsigned i = 0; i < 6 && at < call.size(); i++) {
    char* end = nullptr;
    arguments[i] = strtoul(&call[at + 1], &end, 0);
    at = static_cast<std::size_t>(end - call.data());
  }
  for (const Call& known : kCalls) {
    if (known.name == name) {
      json.text(try_call(known.number, arguments));
      return;
    }
  }
  json.text("the probe does not know it");
}

}  // namespace probe
