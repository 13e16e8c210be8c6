#include "container/launch.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "base/concat.h"
#include "base/scope_exit.h"
#include "container/handshake.h"
#include "isolate/credentials.h"
#include "oci/words.h"
#include "sys/file.h"
#include "sys/network.h"
#include "sys/ns.h"
#include "sys/signal.h"
#include "sys/socket.h"

namespace brig::container {

namespace {

void enter(const NamespaceHandle& handle, int flags) {
  const sys::Result<void> entered = sys::enter_namespaces(handle.fd.get(), flags);
  if (entered.error() == EINVAL && !handle.type.empty())
    throw Error(concat("join namespace ", handle.label, ": it is not of the type ", handle.type));
  entered.or_throw("join namespace ", handle.label);
}

// While it lives, the caller's children are made in another process id namespace. The caller itself
// stays where it is.
class ChildrenInPidNamespace {
 public:
  explicit ChildrenInPidNamespace(const NamespaceHandle& handle)
      : own_(sys::open_own_namespace("pid").or_throw("open /proc/self/ns/pid")) {
    enter(handle, CLONE_NEWPID);
  }
  ChildrenInPidNamespace(const ChildrenInPidNamespace&) = delete;
  ChildrenInPidNamespace& operator=(const ChildrenInPidNamespace&) = delete;
  ~ChildrenInPidNamespace() {
    if (own_)
      sys::enter_namespaces(own_.get(), CLONE_NEWPID)
          .ignore("returning to one's own namespace is always permitted");
  }
  // In the child: its own children belong where it is.
  void stay() noexcept { own_.reset(); }

 private:
  sys::OwnFd own_;
};

sys::Result<sys::ChildProcess> clone_directly(const LaunchOptions& options) {
  const sys::CloneOptions how = {
      .flags = options.clone_flags, .cgroup = options.cgroup, .exit_signal = SIGCHLD};
  for (const NamespaceHandle& handle : options.joined) {
    if ((handle.flags & CLONE_NEWPID) == 0) continue;
    ChildrenInPidNamespace guard(handle);
    sys::Result<sys::ChildProcess> child = sys::clone_process(how);
    if (child && child->pid == 0) guard.stay();
    return child;
  }
  return sys::clone_process(how);
}

// What the stage tells the caller: the pid of the process it made, or the line and errno of its
// failure.
struct StageReport {
  pid_t pid = 0;
  int error_number = 0;
};

void send_report(int socket, const StageReport& report, std::string_view line, int fd) {
  std::string bytes(sizeof report, '\0');
  std::memcpy(bytes.data(), &report, sizeof report);
  bytes.append(line.substr(0, 4096));
  sys::send_message(socket, bytes, fd).ignore("the caller sees the end of the stream");
}

// Enters all namespaces, the user namespace last. What only its root may enter, as all that an
// unprivileged user has, waits for after that.
void enter_all(const std::vector<NamespaceHandle>& joined) {
  std::vector<const NamespaceHandle*> refused;
  bool in_user_namespace = false;
  for (const NamespaceHandle& handle : joined) {
    if (handle.flags == CLONE_NEWUSER) in_user_namespace = true;
    try {
      enter(handle, handle.flags);
    } catch (const Error& error) {
      if (error.error_number() != EPERM || in_user_namespace) throw;
      refused.push_back(&handle);
    }
  }
  for (const NamespaceHandle* handle : refused) enter(*handle, handle->flags);
}

// The stage: enters the namespaces with the privileges of the host and clones the container's
// process from there, as a sibling of itself. Returns only in that process.
void run_stage(const LaunchOptions& options, const sys::OwnFd& socket) {
  try {
    apply_unprivileged(options.setup);
    // Its memory is brig's, and it is about to be where the container's processes are.
    isolate::set_not_dumpable();
    enter_all(options.joined);
    const sys::ChildProcess child =
        sys::clone_process({.flags = options.clone_flags | CLONE_PARENT})
            .or_throw("make the container's process");
    if (child.pid == 0) return;
    send_report(socket.get(), {.pid = child.pid}, {}, child.pidfd.get());
  } catch (const Error& error) {
    send_report(socket.get(), {.error_number = error.error_number()}, error.what(), -1);
  }
  ::_exit(0);
}

sys::ChildProcess clone_through_stage(const LaunchOptions& options) {
  auto [ours, theirs] = sys::make_seqpacket_pair().or_throw("make a socket pair");
  sys::ChildProcess stage = sys::clone_process({.cgroup = options.cgroup, .exit_signal = SIGCHLD})
                                .or_throw("make a helper process");
  if (stage.pid == 0) {
    ours.reset();
    run_stage(options, theirs);
    return sys::ChildProcess{.pid = 0, .pidfd = {}};
  }
  theirs.reset();
  const ScopeExit reap(
      [&] { sys::wait_for_exit(stage.pidfd.get()).ignore("it has said what there was to say"); });
  // It is in the container's cgroup.
  ScopeExit end([&] { sys::send_signal(stage.pidfd.get(), SIGKILL).ignore("it may have ended"); });
  Patience patience = patience_with(stage.pid, options.end_signals, options.if_frozen);
  wait_for_answer(ours.get(), patience);
  end.dismiss();
  sys::Received raw = sys::receive_message(ours.get()).or_throw("wait for the helper process");
  StageReport report;
  if (raw.bytes.size() < sizeof report)
    throw Error("the helper process that joins namespaces was killed");
  std::memcpy(&report, raw.bytes.data(), sizeof report);
  if (report.pid == 0)
    throw Error(Error::CompleteLine{}, raw.bytes.substr(sizeof report), report.error_number);
  return sys::ChildProcess{.pid = report.pid, .pidfd = std::move(raw.fd)};
}

// Says what stands behind the errors that clone3(2) and unshare(2) give for limits and old kernels.
[[noreturn]] void explain_clone_failure(std::string line, int error_number, std::uint64_t flags) {
  if (error_number == ENOSYS) line += ": Linux 5.14 or newer is needed";
  if (error_number == EAGAIN)
    line +=
        ": the limit on processes is reached (pids.max of the cgroup, RLIMIT_NPROC, or "
        "kernel.pid_max)";
  if (error_number == ENOMEM)
    line += ": the host has no more, or its cgroup may not have it (linux.resources.memory.limit)";
  if (error_number == ENOSPC || error_number == EUSERS)
    line +=
        ": a limit on namespaces is reached (/proc/sys/user/max_*_namespaces, or their nesting "
        "depth)";
  if (error_number == EPERM && (flags & CLONE_NEWUSER) != 0)
    line +=
        ": user namespaces may be disabled (/proc/sys/user/max_user_namespaces, "
        "/proc/sys/kernel/unprivileged_userns_clone)";
  throw Error(line, error_number);
}

}  // namespace

std::vector<NamespaceHandle> open_namespaces(const std::vector<JoinedNamespace>& joined) {
  std::vector<NamespaceHandle> handles;
  handles.reserve(joined.size());
  for (const JoinedNamespace& entry : joined) {
    NamespaceHandle handle;
    handle.label = concat("linux.namespaces[", entry.index, "].path (", entry.path, ")");
    handle.flags = static_cast<int>(clone_flag(entry.type));
    handle.type = oci::word_of(oci::kNamespaceWords, entry.type);
    handle.fd = sys::open_at(AT_FDCWD, entry.path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
                    .or_throw("open namespace ", handle.label);
    const std::uint64_t type =
        sys::file_system_type(handle.fd.get()).or_throw("look at ", handle.label);
    if (type != NSFS_MAGIC)
      throw Error(concat("join namespace ", handle.label, ": not a namespace file"));
    handles.push_back(std::move(handle));
  }
  return handles;
}

sys::ChildProcess launch(const LaunchOptions& options) {
  // The new process decides about signals itself; until then none may reach a handler of the caller
  // in it.
  const sys::BlockAllSignals blocked;
  if (options.needs_stage) return clone_through_stage(options);
  sys::Result<sys::ChildProcess> child = clone_directly(options);
  if (!child)
    explain_clone_failure("make the container's process (clone3)", child.error(),
                          options.clone_flags);
  return *std::move(child);
}

sys::OwnFd make_network_namespace() {
  const sys::OwnFd own = sys::open_own_namespace("net").or_throw("open /proc/self/ns/net");
  const sys::Result<void> made = sys::unshare(CLONE_NEWNET);
  if (!made)
    explain_clone_failure("make the network namespace (unshare)", made.error(), CLONE_NEWNET);
  sys::Result<sys::OwnFd> network = sys::open_own_namespace("net");
  const sys::Result<void> up = sys::bring_up_loopback();
  sys::enter_namespaces(own.get(), CLONE_NEWNET).or_throw("return to the host's network namespace");
  up.or_throw("set the network interface lo up");
  return std::move(network).or_throw("open /proc/self/ns/net");
}

void enter_joined_namespaces(const LaunchOptions& options) {
  if (options.needs_stage) return;
  apply_unprivileged(options.setup);
  for (const NamespaceHandle& handle : options.joined) {
    const int flags = handle.flags & ~CLONE_NEWPID;
    if (flags != 0) enter(handle, flags);
  }
}

}  // namespace brig::container
