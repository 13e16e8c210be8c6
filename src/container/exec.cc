// `exec`: adds a process to a running container. The host side first, the container side below it;
// they speak the second half of the protocol of handshake.h.
#include <sched.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "base/concat.h"
#include "base/log.h"
#include "base/timings.h"
#include "brig/runtime.h"
#include "container/console.h"
#include "container/container.h"
#include "container/document.h"
#include "container/foreground.h"
#include "container/host_side.h"
#include "container/launch.h"
#include "container/process.h"
#include "isolate/credentials.h"
#include "isolate/intel_rdt.h"
#include "isolate/scheduler.h"
#include "isolate/uts.h"
#include "oci/parse.h"
#include "oci/validate.h"
#include "sys/file.h"
#include "sys/signal.h"
#include "sys/socket.h"

namespace brig::container {

namespace {

constexpr const char* kPaused =
    "cannot exec in a paused container (use --ignore-paused to override)";

void check_can_exec(Status status, bool ignore_paused) {
  switch (status) {
    case Status::kCreated:
    case Status::kRunning:
      return;
    case Status::kPaused:
      if (ignore_paused) return;
      throw Error(kPaused);
    case Status::kStopped:
      throw Error("cannot exec in a stopped container");
    case Status::kCreating:
      throw Error("cannot exec in a container that is still being created");
  }
}

// No process of a container is described by more than that.
constexpr std::size_t kLongestProcess = 16U << 20U;

// The container's own process. Of the copy of its configuration only that part is read, where the
// record names it.
std::optional<Process> read_own_process(const Container& container) {
  const auto line = [&] {
    return concat("read the configuration of container ", container.record().id);
  };
  const sys::OwnFd file =
      sys::open_at(container.store().dir(), kConfigFile, O_RDONLY).or_throw(line());
  const std::optional<oci::TextRange>& part = container.record().process_text;
  if (part && part->size < kLongestProcess) {
    try {
      return oci::parse_process(
          sys::read_part(file.get(), part->offset, part->size).or_throw(line()));
    } catch (const Error&) {
      // The copy is damaged, which the whole of it explains.
    }
  }
  return oci::parse_config(sys::read_all(file.get()).or_throw(line())).process;
}

// That with what the command line changes.
Process process_from_options(const Container& container, const ExecOptions& options) {
  std::optional<Process> own = read_own_process(container);
  if (!own) throw Error("process is not set in the container's configuration: use exec --process");
  Process process = *std::move(own);
  process.args = options.args;
  process.terminal = options.terminal;
  if (!options.cwd.empty()) process.cwd = options.cwd;
  process.env.insert(process.env.end(), options.env.begin(), options.env.end());
  if (options.uid) process.user.uid = *options.uid;
  if (options.gid) process.user.gid = *options.gid;
  process.user.additional_gids.insert(process.user.additional_gids.end(),
                                      options.additional_gids.begin(),
                                      options.additional_gids.end());
  if (!options.process_label.empty()) process.selinux_label = options.process_label;
  if (!options.apparmor.empty()) process.apparmor_profile = options.apparmor;
  if (options.no_new_privileges) process.no_new_privileges = *options.no_new_privileges;
  if (!options.capabilities.empty()) {
    if (!process.capabilities) process.capabilities.emplace();
    isolate::add_exec_capabilities(*process.capabilities, options.capabilities);
  }
  return process;
}

Process load_process(const Container& container, const ExecOptions& options) {
  if (options.process_file.empty()) {
    Process process = process_from_options(container, options);
    oci::validate_process(process, "process");
    return process;
  }
  const std::string text =
      read_document(options.process_file, concat("read the process file ", options.process_file));
  return with_context([&] { return options.process_file; },
                      [&] {
                        Process process = oci::parse_process(text);
                        oci::validate_process(process, "");
                        return process;
                      });
}

// Everything init has that brig has not; entered all at once through its pidfd.
std::vector<NamespaceHandle> namespaces_of(const Container& container, int init) {
  std::vector<NamespaceHandle> handles(1);
  handles[0].fd = sys::duplicate(init).or_throw("duplicate a pidfd");
  handles[0].label = concat("of container ", container.record().id);
  for (const Namespace& entry : container.record().namespaces)
    handles[0].flags |= static_cast<int>(clone_flag(entry.type));
  if (handles[0].flags == 0) handles.clear();
  return handles;
}

bool has_user_namespace(const Container& container) {
  for (const Namespace& entry : container.record().namespaces)
    if (entry.type == NamespaceType::kUser) return true;
  return false;
}

struct ExecContext {
  const Container& container;
  const LaunchOptions& launch;
  ProcessSetup& setup;
  Channel host;
};

// --- container side ---

void set_up_terminal(ExecContext& in) {
  if (!in.setup.process.terminal) {
    ::setsid();
    return;
  }
  const Terminal terminal = open_terminal(in.setup.process.console_size, in.setup.process.user.uid);
  in.host.send(Message::kConsoleMaster, terminal.name, terminal.master.get());
  use_terminal(terminal);
}

// config.md `execCPUAffinity`. The process starts in the container's cgroup, whose cpuset may have
// none of the initial CPUs; on other runtimes it would have left them by now as well.
void set_affinity(const Process& process) {
  if (!process.exec_cpu_affinity) {
    isolate::reset_cpu_affinity();
    return;
  }
  try {
    isolate::set_cpu_affinity(process.exec_cpu_affinity->initial,
                              "process.execCPUAffinity.initial");
  } catch (const Error& error) {
    if (error.error_number() != EINVAL) throw;
  }
  isolate::set_cpu_affinity(process.exec_cpu_affinity->final, "process.execCPUAffinity.final");
}

[[noreturn]] void exec_main(ExecContext in) {
  timings::enter_container();
  timings::begin("namespaces");
  try {
    isolate::set_not_dumpable();
    enter_joined_namespaces(in.launch);
    if (has_user_namespace(in.container)) become_root(in.setup);
    if (!in.container.record().no_new_keyring)
      join_keyring(in.container.record().id, in.setup, false);
    set_up_terminal(in);
    sys::reset_signals();
    set_affinity(in.setup.process);
    if (in.container.record().personality)
      isolate::set_personality(*in.container.record().personality);
    timings::begin("privileges");
    const std::string program = confine(in.setup, in.host);
    timings::begin("wait for brig");
    in.host.send_ready();
    in.host.receive(Message::kProceed);
    in.host.send(Message::kExecuting);
    execute(in.setup, program);
  } catch (const Error& error) {
    in.host.send_failure(error.what(), error.error_number());
  } catch (const std::exception& error) {
    in.host.send_failure(error.what(), 0);
  }
  ::_exit(1);
}

// --- host side ---

// The directory to start in: the container's cgroup or the one below it that the caller names.
sys::OwnFd open_exec_cgroup(const Container& container, const ExecOptions& options) {
  if (!options.cgroup.empty()) return container.cgroup().open_subgroup(options.cgroup);
  const int directory = container.cgroup().directory();
  if (directory < 0) return {};
  return sys::duplicate(directory).or_throw("duplicate a descriptor");
}

// A process in the making; until commit() the destructor ends it.
class Execution {
 public:
  Execution(const RuntimeOptions& runtime, const ExecOptions& options);
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution();

  // Signals that end the wait for the process (Patience); by default none.
  void end_waits_by(int end_signals) noexcept { end_signals_ = end_signals; }
  void load();
  void launch_process();
  void serve();
  // After a failure: throws what stands behind it when the container is what has ended.
  void check_still_runs() const;
  // The process, which the destructor then leaves alone.
  sys::ChildProcess commit() {
    published_ = false;
    return std::exchange(process_, {});
  }
  [[nodiscard]] sys::OwnFd take_terminal_master() noexcept { return std::move(terminal_master_); }

 private:
  sys::ChildProcess launch_into(int cgroup, const SequenceOptions& sequence);

  const ExecOptions& options_;
  Container container_;
  sys::OwnFd init_;
  sys::OwnFd cgroup_;
  ProcessSetup setup_;
  sys::ChildProcess process_;
  bool published_ = false;  // the pid file is there
  std::optional<Channel> channel_;
  int end_signals_ = -1;
  sys::OwnFd terminal_master_;
};

Execution::Execution(const RuntimeOptions& runtime, const ExecOptions& options)
    : options_(options), container_(Container::load(runtime, options.id)) {}

Execution::~Execution() {
  kill_and_reap(process_);
  if (published_) withdraw_process(options_.pid_file);
}

void Execution::load() {
  timings::begin("configuration");
  init_ = container_.open_init();
  check_can_exec(container_.status(static_cast<bool>(init_)), options_.ignore_paused);
  Process process = load_process(container_, options_);
  check_terminal_options(process.terminal, options_.detach, options_.console_socket,
                         options_.process_file.empty() ? "--tty" : "terminal");
  setup_ = plan_process(std::move(process), container_.record().annotations,
                        has_user_namespace(container_));
  setup_.preserve_fds = options_.preserve_fds;
  setup_.memory_policy = container_.record().memory_policy;
  for (const std::string& warning : setup_.warnings) log::warning(warning);
  if (container_.record().seccomp_flags) {
    setup_.seccomp.emplace();
    setup_.seccomp->bpf = sys::read_file_at(container_.store().dir(), kSeccompFile)
                              .or_throw("read ", container_.store().path(), '/', kSeccompFile);
    setup_.seccomp->flags = *container_.record().seccomp_flags;
  }
  cgroup_ = open_exec_cgroup(container_, options_);
}

// In the container's process it does not return.
sys::ChildProcess Execution::launch_into(int cgroup, const SequenceOptions& sequence) {
  const std::vector<NamespaceHandle> joined = namespaces_of(container_, init_.get());
  auto [ours, theirs] = sys::make_seqpacket_pair().or_throw("make a socket pair");
  // An unprivileged caller may enter the process id namespace only as root of the user namespace,
  // and so only a helper process can make children there.
  const char* const if_frozen = options_.ignore_paused ? nullptr : kPaused;
  const LaunchOptions launch_options = {.joined = joined,
                                        .needs_stage = ::geteuid() != 0,
                                        .cgroup = cgroup,
                                        .end_signals = end_signals_,
                                        .if_frozen = if_frozen,
                                        .setup = setup_};
  sys::ChildProcess process = launch(launch_options);
  if (process.pid == 0) {
    ours.reset();
    container_.store().close_in_child();
    exec_main({.container = container_,
               .launch = launch_options,
               .setup = setup_,
               .host = Channel(std::move(theirs), Side::kContainer, sequence)});
  }
  channel_.emplace(std::move(ours), Side::kHost, sequence);
  channel_->wait_with(patience_with(process.pid, end_signals_, if_frozen));
  return process;
}

void Execution::launch_process() {
  timings::begin("new process");
  const SequenceOptions sequence = {
      .console = setup_.process.terminal,
      .listener = setup_.seccomp && isolate::has_listener(setup_.seccomp->flags),
      .executes_at_once = true,
      .proceeds_ahead = options_.pid_file.empty() && options_.pidfd_socket.empty()};
  try {
    process_ = launch_into(cgroup_.get(), sequence);
  } catch (const Error& error) {
    // EACCES: the cgroup above both ours and the container's is not ours to change; systemd's is
    // the hand that may move a process between them.
    if (error.error_number() == EACCES && !container_.record().systemd_unit.empty() &&
        options_.cgroup.empty()) {
      process_ = launch_into(-1, sequence);
      container_.cgroup().admit(process_.pid);
      apply_from_host(setup_, process_.pid);
      return;
    }
    // EBUSY: init has made cgroups below its own and enabled controllers there, so that the
    // container's own cgroup may not hold processes any more; init has moved to where they may be.
    if (error.error_number() != EBUSY || !options_.cgroup.empty()) throw;
    cgroup_ = cgroup::open_cgroup_of_process(container_.record().pid);
    process_ = launch_into(cgroup_.get(), sequence);
  }
  apply_from_host(setup_, process_.pid);
}

void Execution::serve() {
  timings::begin("wait for the set-up");
  if (container_.record().rdt_group)
    isolate::join_rdt_group(*container_.record().rdt_group, process_.pid);
  try {
    if (channel_->expects(Message::kConsoleMaster))
      terminal_master_ = take_terminal(*channel_, options_.console_socket, process_);
    if (channel_->expects(Message::kSeccompListener))
      hand_on_listener(*channel_, container_.record(),
                       oci::container_process_state_json(container_.record(), container_.status(),
                                                         container_.record().pid, process_.pid),
                       process_);
    channel_->receive_ready();
    timings::begin("publication");
    publish_process(process_, options_.pidfd_socket, options_.pid_file);
    published_ = true;
    timings::begin("wait for the execution");
    channel_->send(Message::kProceed);
    channel_->wait_executed();
  } catch (const PeerGone& error) {
    explain_end(process_, cgroup_.get(), error);
  }
}

void Execution::check_still_runs() const {
  const sys::Result<sys::ProcessStat> init = sys::process_stat(container_.record().pid);
  if (init.error() == ESRCH ||
      (init && (init->ending || init->start_time != container_.record().start_time)))
    throw Error("cannot exec in a stopped container: it has ended meanwhile");
}

}  // namespace

}  // namespace brig::container

namespace brig {

int exec_in_container(const RuntimeOptions& runtime, const ExecOptions& options) {
  std::optional<container::Foreground> foreground;
  if (!options.detach) foreground.emplace(false);
  container::Execution execution(runtime, options);
  if (foreground) execution.end_waits_by(foreground->end_signals());
  execution.load();
  try {
    execution.launch_process();
    execution.serve();
  } catch (const Error&) {
    execution.check_still_runs();
    throw;
  }
  sys::ChildProcess process = execution.commit();
  if (!foreground) return 0;
  timings::begin("program");
  try {
    return foreground
        ->wait({.pid = process.pid,
                .pidfd = process.pidfd.get(),
                .terminal_master = execution.take_terminal_master()})
        .shell_status();
  } catch (const Error&) {
    container::kill_and_reap(process);  // nobody would wait for it any more
    throw;
  }
}

}  // namespace brig
