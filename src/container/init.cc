#include "container/init.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "base/concat.h"
#include "base/timings.h"
#include "container/console.h"
#include "container/hooks.h"
#include "isolate/credentials.h"
#include "isolate/idmap.h"
#include "isolate/scheduler.h"
#include "isolate/sysctl.h"
#include "isolate/time_offsets.h"
#include "isolate/uts.h"
#include "sys/file.h"
#include "sys/network.h"
#include "sys/ns.h"
#include "sys/path.h"
#include "sys/procfs.h"
#include "sys/signal.h"

namespace brig::container {

namespace {

// Nobody may look into or follow this process, and it must not outlive a brig that dies before it
// is ready: nothing would know it. The parent-death signal ends with the change of user or in
// finish_set_up().
void guard_process(const InitContext& in) {
  // The caller's mask must not show in what is made for the container.
  ::umask(0022);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
    throw Error("end with brig (PR_SET_PDEATHSIG)", errno);
  // An unprivileged brig and newuidmap(1) can write the maps of a dumpable process only. Nobody
  // else is in its user namespace yet.
  if (!in.namespaces.creates(NamespaceType::kUser)) isolate::set_not_dumpable();
}

// The offsets must be written before a process is in the namespace. unshare(2) moves only later
// children; this process goes along so that the program is in it on every kernel. Before the user
// changes, because /proc/self belongs to the user that brig started as.
void create_time_namespace(const InitContext& in) {
  if (!in.namespaces.creates(NamespaceType::kTime)) return;
  const int flag = static_cast<int>(clone_flag(NamespaceType::kTime));
  sys::unshare(flag).or_throw("make a time namespace");
  if (!in.config.linux.time_offsets.empty()) {
    const sys::OwnFd proc =
        sys::open_private_proc(sys::ProcScope::kProcesses).or_throw("open a private /proc");
    isolate::write_time_offsets(proc.get(), in.config.linux.time_offsets);
  }
  const sys::OwnFd own =
      sys::open_own_namespace("time_for_children").or_throw("open the time namespace");
  sys::enter_namespaces(own.get(), flag).or_throw("enter the time namespace");
}

void become_root_in_user_namespace(InitContext& in) {
  if (!in.namespaces.has(NamespaceType::kUser)) return;
  const isolate::IdMaps maps = {.uid = in.config.linux.uid_mappings,
                                .gid = in.config.linux.gid_mappings};
  if (in.namespaces.creates(NamespaceType::kUser)) {
    in.host.send(Message::kNeedIdMaps);
    in.host.receive(Message::kIdMapsWritten);
    isolate::set_not_dumpable();
  } else if (!maps.uid.empty() || !maps.gid.empty()) {
    const sys::OwnFd self = sys::open_process_directory(0).or_throw("open /proc/self");
    isolate::check_same_id_maps(maps, isolate::read_id_maps(self.get()));
  }
  become_root(in.process);
}

void make_cgroup_namespace(const InitContext& in) {
  if (in.namespaces.creates(NamespaceType::kCgroup))
    sys::unshare(CLONE_NEWCGROUP).or_throw("make a cgroup namespace");
}

constexpr Step kLateCgroup = {Side::kHost, Message::kCgroupReady};
constexpr Step kLateNetwork = {Side::kHost, Message::kNetworkReady};

// The host side makes the network namespace meanwhile, and systemd the cgroup: this process goes on
// in those of brig, up to the first mount that shows them.
class Late : public rootfs::LateParts {
 public:
  explicit Late(InitContext& in) : in_(in) {}
  void need_network() override {
    if (in_.host.next() != kLateNetwork) return;
    const Received ready = in_.host.receive(Message::kNetworkReady);
    sys::enter_namespaces(ready.fd.get(), CLONE_NEWNET).or_throw("enter the network namespace");
  }
  void need_cgroup() override {
    if (!in_.cgroup_is_late) return;
    need_network();  // it is said first
    if (in_.host.next() != kLateCgroup) return;
    in_.host.receive(Message::kCgroupReady);
    make_cgroup_namespace(in_);
  }

 private:
  InitContext& in_;
};

void set_up_identity(const InitContext& in) {
  if (!in.cgroup_is_late) make_cgroup_namespace(in);
  if ((in.namespaces.clone_flags & CLONE_NEWNET) != 0)
    sys::bring_up_loopback().or_throw("set the network interface lo up");
  if (!in.record.no_new_keyring) join_keyring(in.record.id, in.process, true);
  isolate::set_host_names(in.config);
}

void host_hooks(InitContext& in) {
  if (in.host.next() != Step{Side::kContainer, Message::kNeedHooks}) return;
  in.host.send(Message::kNeedHooks);
  in.host.receive(Message::kHooksDone);
}

void container_hooks(const InitContext& in, const std::vector<Hook>& hooks, const char* kind,
                     Status status) {
  if (hooks.empty()) return;
  run_hooks(hooks, {.kind = kind,
                    .state = oci::hook_state_json(in.record, status, ::getpid()),
                    .cwd = {},
                    .inherited_env = &in.process.process.env,
                    .outputs = &in.hook_outputs});
}

void set_up_terminal(InitContext& in, rootfs::Rootfs& root) {
  const Process& process = in.process.process;
  if (!process.terminal) {
    ::setsid();
    return;
  }
  const Terminal terminal = open_terminal(process.console_size, process.user.uid);
  root.bind_console(terminal.slave.get());
  in.host.send(Message::kConsoleMaster, terminal.name, terminal.master.get());
  use_terminal(terminal);
}

// As runc and crun: a working directory that does not exist is made.
void make_working_directory(const std::string& cwd, const rootfs::Rootfs& root) {
  if (cwd.empty() || cwd == "/") return;
  const sys::OwnFd made =
      sys::make_directories_in_root(root.root(), cwd, 0755).or_throw("process.cwd: make ", cwd);
}

void write_sysctls(const std::map<std::string, std::string>& settings) {
  if (settings.empty()) return;
  const sys::OwnFd proc =
      sys::open_private_proc(sys::ProcScope::kWhole).or_throw("open a private /proc");
  isolate::write_sysctls(proc.get(), settings);
}

void build_root(InitContext& in) {
  rootfs::Rootfs root(in.rootfs, std::move(in.sources));
  Late late(in);
  timings::begin("mounts");
  root.mount(late);
  timings::begin("hooks");
  late.need_network();
  late.need_cgroup();
  host_hooks(in);
  container_hooks(in, in.config.hooks.create_container, "createContainer", Status::kCreating);
  timings::begin("root");
  root.enter();
  make_working_directory(in.process.process.cwd, root);
  timings::begin("terminal and sysctl");
  set_up_terminal(in, root);
  write_sysctls(in.config.linux.sysctl);
  timings::begin("masks");
  root.seal();
}

// Ready, if brig waits for it, then until brig has recorded the container and says Proceed. From
// here on this process does not depend on the life of brig any more.
void report_ready(InitContext& in) {
  timings::begin("wait for brig");
  if (::prctl(PR_SET_PDEATHSIG, 0) < 0) throw Error("outlive brig (PR_SET_PDEATHSIG)", errno);
  in.host.send_ready();
  in.host.receive(Message::kProceed);
}

// `create`: waits until `start` writes to the fifo. Any byte will do.
void wait_for_start(InitContext& in) {
  if (!in.start_fifo) return;
  in.host.close();
  timings::write();
  char byte;
  ssize_t got;
  do {
    got = ::read(in.start_fifo.get(), &byte, 1);
  } while (got < 0 && errno == EINTR);
  sys::Result<void>::of(got).or_throw("wait for start");
}

void announce_execution(InitContext& in) {
  timings::begin("execution");
  if (!in.started_fifo)
    in.host.send(Message::kExecuting);
  else
    sys::write_all(in.started_fifo.get(), kStartedWord).or_throw("tell start");
}

void report_failure(InitContext& in, const char* line, int error_number) noexcept {
  if (in.host.fd() >= 0)
    in.host.send_failure(line, error_number);
  else
    sys::write_all(in.started_fifo.get(), line).ignore("nobody waits any more");
}

void set_up(InitContext& in, std::string& program) {
  timings::enter_container();
  timings::begin("namespaces");
  guard_process(in);
  enter_joined_namespaces(in.launch);
  create_time_namespace(in);
  become_root_in_user_namespace(in);
  set_up_identity(in);
  build_root(in);
  timings::begin("privileges");
  sys::reset_signals();
  isolate::reset_cpu_affinity();
  if (in.config.linux.personality) isolate::set_personality(*in.config.linux.personality);
  program = confine(in.process, in.host);
}

}  // namespace

void init_main(InitContext context) {
  try {
    std::string program;
    set_up(context, program);
    report_ready(context);
    wait_for_start(context);
    container_hooks(context, context.config.hooks.start_container, "startContainer",
                    Status::kCreated);
    announce_execution(context);
    execute(context.process, program);
  } catch (const Error& error) {
    report_failure(context, error.what(), error.error_number());
  } catch (const std::bad_alloc&) {
    report_failure(context, "cannot allocate memory", ENOMEM);
  } catch (const std::exception& error) {
    report_failure(context, error.what(), 0);
  }
  ::_exit(1);
}

}  // namespace brig::container
