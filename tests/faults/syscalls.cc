#include "syscalls.h"

#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace faults {

namespace {

struct Call {
  long number;
  const char* name;
  int errors[4];  // up to the first 0
};

// Left out, so that their row has no errno:
//   - Calls that cannot fail, or only because of arguments that brig never passes: getpid, getuid
//     and the like, umask, getcwd's buffer, uname, rt_sigaction, rt_sigprocmask, setsid in a new
//     process, exit_group, sched_get*, getpriority, capget, the C library's start-up (arch_prctl,
//     set_tid_address, set_robust_list, rseq, getrandom, mprotect of its own tables).
//   - close and munmap: Linux has let go of the descriptor or memory even when they report a
//   failure.
//   - brk has no errno: the C library then takes mmap, and at its start-up ends the process.
//   - restart_syscall: the kernel's own.
constexpr Call kTable[] = {
    // Descriptors. EACCES is what a security module says, ENOMEM and EMFILE what a full host
    // says.
    {SYS_open, "open", {EMFILE, EINTR, EACCES}},
    {SYS_openat, "openat", {EMFILE, EINTR, EACCES}},
    {SYS_openat2, "openat2", {EMFILE, EINTR, EACCES, ENOSYS}},
    {SYS_open_tree, "open_tree", {EMFILE, EPERM, ENOSYS}},
    {SYS_fsopen, "fsopen", {EMFILE, EPERM, ENOSYS}},
    {SYS_fsmount, "fsmount", {EMFILE, EPERM, ENOSPC}},
    {SYS_socket, "socket", {EMFILE, ENOBUFS}},
    {SYS_socketpair, "socketpair", {EMFILE, ENOMEM}},
    {SYS_pipe2, "pipe2", {EMFILE}},
    {SYS_dup, "dup", {EMFILE}},
    {SYS_dup2, "dup2", {EBUSY}},
    {SYS_dup3, "dup3", {EBUSY}},
    {SYS_fcntl, "fcntl", {EMFILE}},
    {SYS_memfd_create, "memfd_create", {EMFILE, ENOMEM}},
    {SYS_pidfd_open, "pidfd_open", {EMFILE, ENOMEM, ENOSYS}},
    {SYS_pidfd_getfd, "pidfd_getfd", {EMFILE, EPERM}},
    {SYS_signalfd4, "signalfd4", {EMFILE, ENOMEM}},
    {SYS_eventfd2, "eventfd2", {EMFILE}},
    {SYS_timerfd_create, "timerfd_create", {EMFILE}},
    {SYS_epoll_create1, "epoll_create1", {EMFILE}},
    {SYS_inotify_init1, "inotify_init1", {EMFILE}},
    {SYS_inotify_add_watch, "inotify_add_watch", {ENOSPC}},
    {SYS_bpf, "bpf", {EPERM, ENOMEM}},
    {SYS_close_range, "close_range", {ENOMEM, ENOSYS}},
    // Bytes.
    {SYS_read, "read", {EIO, EINTR}},
    {SYS_pread64, "pread64", {EIO, EINTR}},
    {SYS_readv, "readv", {EIO, EINTR}},
    {SYS_write, "write", {ENOSPC, EIO, EINTR}},
    {SYS_pwrite64, "pwrite64", {ENOSPC, EINTR}},
    {SYS_writev, "writev", {ENOSPC, EINTR}},
    {SYS_sendfile, "sendfile", {EIO, EINTR}},
    {SYS_copy_file_range, "copy_file_range", {EIO, EINTR}},
    {SYS_getdents64, "getdents64", {EIO}},
    {SYS_sendto, "sendto", {ENOBUFS, EINTR}},
    {SYS_sendmsg, "sendmsg", {ENOBUFS, EINTR}},
    {SYS_recvfrom, "recvfrom", {ENOMEM, EINTR}},
    {SYS_recvmsg, "recvmsg", {ENOMEM, EINTR}},
    {SYS_connect, "connect", {ECONNREFUSED, EINTR}},
    {SYS_accept4, "accept4", {EMFILE, EINTR}},
    {SYS_bind, "bind", {EACCES, ENOMEM}},
    {SYS_listen, "listen", {ENOMEM}},
    {SYS_getsockname, "getsockname", {ENOBUFS}},
    {SYS_setsockopt, "setsockopt", {ENOMEM}},
    {SYS_getsockopt, "getsockopt", {ENOMEM}},
    // Names and attributes.
    {SYS_access, "access", {EIO}},
    {SYS_faccessat, "faccessat", {EIO}},
    {SYS_faccessat2, "faccessat2", {EIO, ENOSYS}},
    {SYS_stat, "stat", {EIO, EACCES}},
    {SYS_lstat, "lstat", {EIO, EACCES}},
    {SYS_fstat, "fstat", {EIO}},
    {SYS_newfstatat, "newfstatat", {EIO, EACCES}},
    {SYS_statx, "statx", {EIO, ENOSYS}},
    {SYS_statfs, "statfs", {EIO, ENOSYS}},
    {SYS_fstatfs, "fstatfs", {EIO, ENOSYS}},
    {SYS_readlink, "readlink", {EIO, EACCES}},
    {SYS_readlinkat, "readlinkat", {EIO, EACCES}},
    {SYS_mkdir, "mkdir", {ENOSPC, EPERM}},
    {SYS_mkdirat, "mkdirat", {ENOSPC, EPERM}},
    {SYS_mknodat, "mknodat", {ENOSPC, EPERM}},
    {SYS_symlinkat, "symlinkat", {ENOSPC, EPERM}},
    {SYS_unlink, "unlink", {EIO, EPERM}},
    {SYS_unlinkat, "unlinkat", {EIO, EPERM}},
    {SYS_rmdir, "rmdir", {EIO, EBUSY}},
    {SYS_renameat, "renameat", {ENOSPC, EIO}},
    {SYS_renameat2, "renameat2", {ENOSPC, EIO}},
    {SYS_rename, "rename", {ENOSPC, EIO}},
    {SYS_fchmod, "fchmod", {EPERM, EIO}},
    {SYS_fchmodat, "fchmodat", {EPERM, EIO}},
    {SYS_fchown, "fchown", {EPERM, EIO}},
    {SYS_fchownat, "fchownat", {EPERM, EIO}},
    {SYS_ftruncate, "ftruncate", {EIO}},
    {SYS_flock, "flock", {EINTR, ENOLCK}},
    {SYS_ioctl, "ioctl", {EPERM, EIO}},
    {SYS_getcwd, "getcwd", {ENOMEM}},
    {SYS_chdir, "chdir", {EACCES, ENOMEM}},
    {SYS_fchdir, "fchdir", {EACCES}},
    {SYS_chroot, "chroot", {EPERM}},
    // Mounts and namespaces.
    {SYS_mount, "mount", {EPERM, ENOSPC, ENOMEM}},
    {SYS_umount2, "umount2", {EPERM, ENOMEM}},
    {SYS_pivot_root, "pivot_root", {EPERM, ENOMEM}},
    {SYS_fsconfig, "fsconfig", {EPERM, ENOMEM}},
    {SYS_move_mount, "move_mount", {EPERM, ENOSPC}},
    {SYS_mount_setattr, "mount_setattr", {EPERM, ENOSYS}},
    {SYS_unshare, "unshare", {EPERM, ENOSPC}},
    {SYS_setns, "setns", {EPERM, ENOMEM}},
    {SYS_sethostname, "sethostname", {EPERM}},
    {SYS_setdomainname, "setdomainname", {EPERM}},
    // Processes and what they may do.
    {SYS_clone3, "clone3", {EAGAIN, ENOMEM, EPERM, ENOSYS}},
    {SYS_clone, "clone", {EAGAIN, ENOMEM}},
    {SYS_fork, "fork", {EAGAIN, ENOMEM}},
    {SYS_vfork, "vfork", {EAGAIN, ENOMEM}},
    {SYS_execve, "execve", {ENOMEM, EACCES}},
    {SYS_execveat, "execveat", {ENOMEM, EACCES}},
    {SYS_wait4, "wait4", {EINTR, ECHILD}},
    {SYS_waitid, "waitid", {EINTR, ECHILD}},
    {SYS_kill, "kill", {EPERM}},
    {SYS_pidfd_send_signal, "pidfd_send_signal", {EPERM, ENOSYS}},
    {SYS_poll, "poll", {EINTR, ENOMEM}},
    {SYS_ppoll, "ppoll", {EINTR, ENOMEM}},
    {SYS_nanosleep, "nanosleep", {EINTR}},
    {SYS_prctl, "prctl", {EPERM}},
    {SYS_prlimit64, "prlimit64", {EPERM}},
    {SYS_setpgid, "setpgid", {EPERM}},
    {SYS_setgroups, "setgroups", {EPERM, ENOMEM}},
    {SYS_setresuid, "setresuid", {EPERM, EAGAIN}},
    {SYS_setresgid, "setresgid", {EPERM}},
    {SYS_setuid, "setuid", {EPERM, EAGAIN}},
    {SYS_setgid, "setgid", {EPERM}},
    {SYS_capset, "capset", {EPERM}},
    {SYS_seccomp, "seccomp", {ENOMEM, EPERM, ENOSYS}},
    {SYS_keyctl, "keyctl", {EDQUOT, ENOMEM, EACCES}},
    {SYS_personality, "personality", {EINVAL}},
    {SYS_sched_setaffinity, "sched_setaffinity", {EPERM}},
    {SYS_sched_setattr, "sched_setattr", {EPERM}},
    {SYS_ioprio_set, "ioprio_set", {EPERM}},
    {SYS_setpriority, "setpriority", {EPERM}},
    {SYS_set_mempolicy, "set_mempolicy", {ENOMEM}},
    {SYS_mmap, "mmap", {ENOMEM}},
    {SYS_mremap, "mremap", {ENOMEM}},
    // Left out.
    {SYS_close, "close", {}},
    {SYS_munmap, "munmap", {}},
    {SYS_brk, "brk", {}},
    {SYS_mprotect, "mprotect", {}},
    {SYS_exit_group, "exit_group", {}},
    {SYS_exit, "exit", {}},
    {SYS_arch_prctl, "arch_prctl", {}},
    {SYS_set_tid_address, "set_tid_address", {}},
    {SYS_set_robust_list, "set_robust_list", {}},
    {SYS_rseq, "rseq", {}},
    {SYS_getrandom, "getrandom", {}},
    {SYS_rt_sigaction, "rt_sigaction", {}},
    {SYS_rt_sigprocmask, "rt_sigprocmask", {}},
    {SYS_sigaltstack, "sigaltstack", {}},
    {SYS_restart_syscall, "restart_syscall", {}},
    {SYS_getpid, "getpid", {}},
    {SYS_getppid, "getppid", {}},
    {SYS_gettid, "gettid", {}},
    {SYS_getuid, "getuid", {}},
    {SYS_getgid, "getgid", {}},
    {SYS_geteuid, "geteuid", {}},
    {SYS_getegid, "getegid", {}},
    {SYS_getgroups, "getgroups", {}},
    {SYS_getsid, "getsid", {}},
    {SYS_setsid, "setsid", {}},
    {SYS_umask, "umask", {}},
    {SYS_uname, "uname", {}},
    {SYS_capget, "capget", {}},
    {SYS_sched_getaffinity, "sched_getaffinity", {}},
    {SYS_sched_getattr, "sched_getattr", {}},
    {SYS_getpriority, "getpriority", {}},
    {SYS_ioprio_get, "ioprio_get", {}},
    {SYS_clock_gettime, "clock_gettime", {}},
};

const Call* find(long number) {
  for (const Call& call : kTable)
    if (call.number == number) return &call;
  return nullptr;
}

constexpr int kHighestErrno = 133;

}  // namespace

bool Fault::is_harmless() const {
  return kind == Kind::kShort || (kind == Kind::kErrno && error == EINTR);
}

std::string fault_name(const Fault& fault) {
  if (fault.kind == Fault::Kind::kKill) return "kill";
  if (fault.kind == Fault::Kind::kShort) return "short";
  const char* name = ::strerrorname_np(fault.error);
  return name == nullptr ? std::to_string(fault.error) : name;
}

Fault parse_fault(std::string_view name) {
  if (name == "kill") return {Fault::Kind::kKill};
  if (name == "short") return {Fault::Kind::kShort};
  for (int error = 1; error <= kHighestErrno; ++error) {
    const char* known = ::strerrorname_np(error);
    if (known != nullptr && name == known) return {Fault::Kind::kErrno, error};
  }
  throw std::invalid_argument("no such errno: " + std::string(name));
}

std::string syscall_name(long number) {
  const Call* call = find(number);
  return call == nullptr ? "syscall-" + std::to_string(number) : call->name;
}

std::vector<Fault> faults_of(long number, bool can_be_short) {
  std::vector<Fault> faults;
  const Call* call = find(number);
  constexpr int kOfOthers[4] = {EPERM, ENOMEM};
  for (const int error : call == nullptr ? kOfOthers : call->errors)
    if (error != 0) faults.push_back({Fault::Kind::kErrno, error});
  if (can_be_short) faults.push_back({Fault::Kind::kShort});
  return faults;
}

bool has_substitute(long number, const Fault& fault) {
  if (fault.kind != Fault::Kind::kErrno) return false;
  if (fault.error == EACCES) return number == SYS_openat2;
  if (fault.error != EPERM) return false;
  return number == SYS_fsopen || number == SYS_fsconfig || number == SYS_fsmount ||
         number == SYS_mknodat;
}

Transfer transfer_of(long number) {
  // Not pread64: what is read at an offset is a file of the kernel that waits for a change, in one.
  if (number == SYS_read) return Transfer::kRead;
  if (number == SYS_write || number == SYS_pwrite64) return Transfer::kWrite;
  return Transfer::kNone;
}

}  // namespace faults
