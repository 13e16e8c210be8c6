// What the kernel alone takes for a container: bare system calls, in the order of brig's init, for
// the one bundle of bench/run (Docker's defaults; bench/check-floor compares what comes out with
// what brig makes). It reads no configuration, keeps no state, checks no path, and must never be
// used for anything else.
//
//   floor run ROOTFS FILE CGROUP FILTER COMMAND...     FILE is bound on three files of /etc; CGROUP
//   is a folder
//                                                      to be made, FILTER a file of struct
//                                                      sock_filter
//   floor exec PID CGROUP FILTER COMMAND...            one more process beside PID
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

// <sys/mount.h> and <linux/mount.h> do not go together here.
int mount(const char* source, const char* target, const char* type, unsigned long flags,
          const void* data);
int umount2(const char* target, int flags);
enum { kReadOnly = 1, kNoSuid = 2, kNoDev = 4, kNoExec = 8, kRemount = 32, kBind = 4096 };
enum { kRecursive = 16384, kPrivate = 1 << 18, kSlave = 1 << 19, kStrictAtime = 1 << 24 };
enum { kQuiet = kNoSuid | kNoDev | kNoExec, kDetach = 2 };

// CAP_* of Docker's default.
static const uint64_t kCapabilities = 0xa80425fb;

static char filter_code[65536];
static struct sock_fprog filter;

static void fail(const char* what) {
  perror(what);
  _exit(1);
}

static int check(int returned, const char* what) {
  if (returned < 0) fail(what);
  return returned;
}

static void load_filter(const char* path) {
  const int fd = check(open(path, O_RDONLY | O_CLOEXEC), path);
  const ssize_t size = read(fd, filter_code, sizeof filter_code);
  if (size <= 0) fail(path);
  filter.len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
  filter.filter = (struct sock_filter*)filter_code;
  close(fd);
}

// The mechanism of the device filter, not its rules.
static void attach_device_program(int cgroup) {
  const struct bpf_insn allow[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
      {.code = BPF_JMP | BPF_EXIT}};
  union bpf_attr program = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                            .insn_cnt = 2,
                            .insns = (uintptr_t)allow,
                            .license = (uintptr_t) "GPL"};
  const int fd = check((int)syscall(SYS_bpf, BPF_PROG_LOAD, &program, sizeof program), "bpf load");
  union bpf_attr attach = {.target_fd = (uint32_t)cgroup,
                           .attach_bpf_fd = (uint32_t)fd,
                           .attach_type = BPF_CGROUP_DEVICE,
                           .attach_flags = BPF_F_ALLOW_MULTI};
  check((int)syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach), "bpf attach");
  close(fd);
}

static pid_t clone_into(int cgroup, uint64_t flags) {
  struct clone_args how = {
      .flags = flags | CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)cgroup};
  return check((int)syscall(SYS_clone3, &how, sizeof how), "clone3");
}

static int wait_for(pid_t pid) {
  int status = 0;
  check(waitpid(pid, &status, 0), "waitpid");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void bring_up_loopback(void) {
  const int fd = check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  check(ioctl(fd, SIOCSIFFLAGS, &request), "lo");
  close(fd);
}

static void mount_at(const char* source, const char* target, const char* type, unsigned long flags,
                     const char* data) {
  check(mount(source, target, type, flags, data), target);
}

static void make_device(const char* path, unsigned major, unsigned minor) {
  check(mknod(path, S_IFCHR | 0666, makedev(major, minor)), path);
}

// With the rootfs as working directory.
static void mount_all(const char* file) {
  mount_at("proc", "proc", "proc", kQuiet, NULL);
  mount_at("tmpfs", "dev", "tmpfs", kNoSuid | kStrictAtime, "mode=755,size=65536k");
  check(mkdir("dev/pts", 0755), "dev/pts");
  mount_at("devpts", "dev/pts", "devpts", kNoSuid | kNoExec,
           "newinstance,ptmxmode=0666,mode=0620,gid=5");
  mount_at("sysfs", "sys", "sysfs", kQuiet | kReadOnly, NULL);
  mount_at("cgroup", "sys/fs/cgroup", "cgroup2", kQuiet, NULL);
  mount_at(NULL, "sys/fs/cgroup", NULL, kRemount | kBind | kQuiet | kReadOnly, NULL);
  check(mkdir("dev/mqueue", 0755), "dev/mqueue");
  mount_at("mqueue", "dev/mqueue", "mqueue", kQuiet, NULL);
  check(mkdir("dev/shm", 0755), "dev/shm");
  mount_at("shm", "dev/shm", "tmpfs", kQuiet, "mode=1777,size=67108864");
  const char* const files[] = {"etc/resolv.conf", "etc/hostname", "etc/hosts"};
  for (int i = 0; i < 3; ++i) {
    mount_at(file, files[i], NULL, kBind | kRecursive, NULL);
    mount_at(NULL, files[i], NULL, kPrivate | kRecursive, NULL);
  }
  make_device("dev/null", 1, 3);
  make_device("dev/zero", 1, 5);
  make_device("dev/full", 1, 7);
  make_device("dev/random", 1, 8);
  make_device("dev/urandom", 1, 9);
  make_device("dev/tty", 5, 0);
  check(symlink("/proc/self/fd", "dev/fd"), "dev/fd");
  check(symlink("/proc/self/fd/0", "dev/stdin"), "dev/stdin");
  check(symlink("/proc/self/fd/1", "dev/stdout"), "dev/stdout");
  check(symlink("/proc/self/fd/2", "dev/stderr"), "dev/stderr");
  check(symlink("pts/ptmx", "dev/ptmx"), "dev/ptmx");
}

static void write_text(const char* path, const char* text) {
  const int fd = check(open(path, O_WRONLY | O_CLOEXEC), path);
  if (write(fd, text, strlen(text)) < 0) fail(path);
  close(fd);
}

static void mask_all(int null) {
  const char* const read_only[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                   "/proc/sysrq-trigger"};
  for (int i = 0; i < 5; ++i) {
    if (mount(read_only[i], read_only[i], NULL, kBind | kRecursive, NULL) < 0) continue;
    mount_at(NULL, read_only[i], NULL, kRemount | kBind | kQuiet | kReadOnly, NULL);
  }
  const char* const masked[] = {"/proc/asound",      "/proc/acpi",          "/proc/kcore",
                                "/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
                                "/proc/timer_stats", "/proc/sched_debug",   "/proc/scsi",
                                "/sys/firmware"};
  const char* empty = NULL;
  for (int i = 0; i < 10; ++i) {
    struct stat info;
    if (stat(masked[i], &info) < 0) continue;
    if (!S_ISDIR(info.st_mode)) {
      const int copy =
          check((int)syscall(SYS_open_tree, null, "", OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH),
                "open_tree");
      check((int)syscall(SYS_move_mount, copy, "", AT_FDCWD, masked[i], MOVE_MOUNT_F_EMPTY_PATH),
            masked[i]);
      close(copy);
    } else if (empty != NULL) {
      mount_at(empty, masked[i], NULL, kBind, NULL);
    } else {
      empty = masked[i];
      mount_at("tmpfs", empty, "tmpfs", kReadOnly, "nr_blocks=1,nr_inodes=1");
    }
  }
}

static void build_root(const char* rootfs, const char* file) {
  mount_at(NULL, "/", NULL, kSlave | kRecursive, NULL);
  mount_at(rootfs, rootfs, NULL, kBind | kRecursive, NULL);
  check(chdir(rootfs), rootfs);
  mount_all(file);
  const int null = check(
      (int)syscall(SYS_open_tree, AT_FDCWD, "/dev/null", OPEN_TREE_CLONE | O_CLOEXEC), "open_tree");
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC};
  check((int)syscall(SYS_mount_setattr, null, "", AT_EMPTY_PATH, &attributes, sizeof attributes),
        "mount_setattr");
  check((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
  check(umount2(".", kDetach), "umount2");
  check(chdir("/"), "/");
  write_text("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
  write_text("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
  mask_all(null);
}

// Everything from the namespaces to the program. The filter goes before the capabilities, as there
// is no no_new_privs.
static void confine_and_execute(char** command) {
  umask(0022);
  check((int)syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
  check((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter),
        "seccomp");
  for (int bit = 0; bit <= CAP_LAST_CAP; ++bit)
    if (!(kCapabilities >> bit & 1)) prctl(PR_CAPBSET_DROP, bit);
  const gid_t root_group = 0;
  check(setgroups(1, &root_group), "setgroups");
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {
      {.effective = (uint32_t)kCapabilities, .permitted = (uint32_t)kCapabilities}};
  check((int)syscall(SYS_capset, &header, data), "capset");
  char* const environment[] = {"PATH=/bin", "HOSTNAME=eb734e69646b", "HOME=/root", NULL};
  execve(command[0], command, environment);
  fail(command[0]);
}

static int run(char** arguments) {
  const char* const cgroup_path = arguments[2];
  load_filter(arguments[3]);
  check(mkdir(cgroup_path, 0755), cgroup_path);
  const int cgroup = check(open(cgroup_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), cgroup_path);
  attach_device_program(cgroup);
  const pid_t pid =
      clone_into(cgroup, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET);
  if (pid == 0) {
    check(unshare(CLONE_NEWCGROUP), "unshare");
    bring_up_loopback();
    check((int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "_ses.floor"), "keyctl");
    check(sethostname("eb734e69646b", 12), "sethostname");
    umask(0);
    build_root(arguments[0], arguments[1]);
    setsid();
    confine_and_execute(arguments + 4);
  }
  const int status = wait_for(pid);
  check(rmdir(cgroup_path), cgroup_path);
  return status;
}

static int exec_beside(char** arguments) {
  load_filter(arguments[2]);
  const int init = check((int)syscall(SYS_pidfd_open, atoi(arguments[0]), 0), "pidfd_open");
  const int cgroup = check(open(arguments[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC), arguments[1]);
  check(setns(init, CLONE_NEWPID), "setns");
  const pid_t pid = clone_into(cgroup, 0);
  if (pid == 0) {
    check(setns(init, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP),
          "setns");
    check((int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "_ses.floor"), "keyctl");
    setsid();
    confine_and_execute(arguments + 3);
  }
  return wait_for(pid);
}

int main(int argc, char** argv) {
  if (argc > 6 && strcmp(argv[1], "run") == 0) return run(argv + 2);
  if (argc > 5 && strcmp(argv[1], "exec") == 0) return exec_beside(argv + 2);
  fputs(
      "usage: floor run ROOTFS FILE CGROUP FILTER COMMAND... | exec PID CGROUP FILTER COMMAND...\n",
      stderr);
  return 2;
}
