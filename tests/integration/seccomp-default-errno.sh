#!/bin/bash
# A list of allowed calls: others get the default errno, ones newer than the list ENOSYS.
. "$(dirname "$0")/lib.sh"
need_root
[ "$(uname -m)" = x86_64 ] || skip "the calls below are those of x86_64"

make_bundle list '.process.noNewPrivileges = false'
# All that a busybox shell may need, old calls only.
edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 13,
  architectures: ["SCMP_ARCH_X86_64"], syscalls: [{action: "SCMP_ACT_ALLOW", names: [
  "access", "arch_prctl", "brk", "capget", "capset", "chdir", "chmod", "clone", "close", "dup", "dup2", "execve", "exit",
  "exit_group", "faccessat", "fchdir", "fcntl", "fork", "fstat", "fstatfs", "getcwd", "getdents64", "getegid", "geteuid",
  "getgid", "getpgrp", "getpid", "getppid", "getrandom", "getrlimit", "getuid", "ioctl", "lseek", "lstat", "mkdir", "mmap",
  "mprotect", "mremap", "munmap", "newfstatat", "open", "openat", "pipe", "pipe2", "poll", "prctl", "prlimit64", "read",
  "readlink", "readlinkat", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sendfile", "set_robust_list",
  "set_tid_address", "recvmsg", "sendmsg", "setgid", "setresgid", "setresuid", "setgroups", "setuid", "sigaltstack", "stat", "statfs", "statx", "sysinfo", "umask",
  "uname", "vfork", "wait4", "write", "writev", "futex", "rt_sigsuspend", "setpgid", "tgkill", "kill"]}]}'
run_shell list 'rmdir /tmp 2>&1; sethostname 2>/dev/null; hostname x 2>&1; exit 0'
assert_eq "refused calls" 2 "$(grep -c 'Permission denied' <<<"$stdout")"

# Without no_new_privs and with no capability left the filter must still be loaded.
edit_config '.process.capabilities = {} | .process.user = {uid: 1000, gid: 1000}'
run_shell list 'grep -E "Seccomp:|CapEff|NoNewPrivs" /proc/self/status'
assert_matches "filter without privileges" 'Seccomp:[[:space:]]2' "$stdout"
assert_matches "no_new_privs" 'NoNewPrivs:[[:space:]]0' "$stdout"
assert_matches "capabilities" 'CapEff:[[:space:]]0000000000000000' "$stdout"
