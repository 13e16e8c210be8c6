#include "container/create.h"

#include <limits.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "base/concat.h"
#include "base/log.h"
#include "base/scope_exit.h"
#include "base/timings.h"
#include "cgroup/location.h"
#include "cgroup/resources.h"
#include "container/document.h"
#include "container/hooks.h"
#include "container/host_side.h"
#include "container/init.h"
#include "isolate/idmap.h"
#include "isolate/seccomp_cache.h"
#include "oci/parse.h"
#include "oci/validate.h"
#include "sys/file.h"
#include "sys/ns.h"
#include "sys/procfs.h"
#include "sys/socket.h"

namespace brig::container {

namespace {

constexpr const char* kFrozen =
    "container's cgroup unexpectedly frozen before its process was set up";

// The path as seen from the root, without resolving links.
std::string absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  char cwd[PATH_MAX];
  if (::getcwd(cwd, sizeof cwd) == nullptr) throw Error("read the working directory", errno);
  return path == "." ? std::string(cwd) : concat(cwd, '/', path);
}

// RFC 3339 with nanoseconds, UTC.
std::string now_text() {
  // By hand, because gmtime_r(3) reads the time zone's file first.
  using namespace std::chrono;
  const auto now = system_clock::now();
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss<nanoseconds> time(now - day);
  const auto padded = [](auto number, std::size_t width) {
    const std::string digits = concat(number);
    return std::string(width - digits.size(), '0') + digits;
  };
  return concat(static_cast<int>(date.year()), '-', padded(static_cast<unsigned>(date.month()), 2),
                '-', padded(static_cast<unsigned>(date.day()), 2), 'T',
                padded(time.hours().count(), 2), ':', padded(time.minutes().count(), 2), ':',
                padded(time.seconds().count(), 2), '.', padded(time.subseconds().count(), 9), 'Z');
}

}  // namespace

Creation::Creation(const RuntimeOptions& runtime, const CreateOptions& options,
                   bool executes_at_once)
    : runtime_(runtime), options_(options), executes_at_once_(executes_at_once) {
  check_id(options.id);
  const std::optional<Store> there = Store::find(runtime.root, options.id);
  if (there && !there->is_abandoned()) throw id_exists(options.id);
}

Creation::~Creation() {
  if (!committed_) undo();
}

void Creation::load(bool detached) {
  timings::begin("configuration");
  record_.bundle = absolute_path(options_.bundle);
  const std::string path =
      options_.config_file.empty() ? concat(record_.bundle, "/config.json") : options_.config_file;
  config_text_ = read_document(path, concat("read ", path),
                               options_.config_file.empty()
                                   ? "is --bundle right? (`brig spec` writes an example)"
                                   : "is --config right?");
  with_context([&] { return std::string_view(path); },
               [&] {
                 std::optional<std::string_view> process;
                 config_ = oci::parse_config(config_text_, &process);
                 if (process)
                   record_.process_text = {
                       .offset = static_cast<std::uint64_t>(process->data() - config_text_.data()),
                       .size = static_cast<std::uint32_t>(process->size())};
                 if (needs_user_namespace(config_, caller_))
                   add_user_namespace(config_, caller_, isolate::read_subids(caller_.uid));
                 oci::validate(config_);
               });
  check_terminal_options(config_.process && config_.process->terminal, detached,
                         options_.console_socket, "process.terminal");
  if (!options_.notify_socket.empty()) {
    notify_.emplace(options_.notify_socket, concat(runtime_.root, '/', options_.id));
    notify_->configure(config_);
  }
  if (options_.listen_fds > 0 && config_.process) {
    config_.process->env.push_back(concat("LISTEN_FDS=", options_.listen_fds));
    config_.process->env.emplace_back("LISTEN_PID=1");
  }
  check_may_move_net_devices();
  plan_rdt();
  namespaces_ = plan_namespaces(config_, caller_.is_host_root());
  plan_cgroup();
  fill_record();
  rootfs_ = rootfs::plan_rootfs(
      config_, {.rootfs = record_.rootfs,
                .bundle = record_.bundle,
                .user_namespace = namespaces_.has(NamespaceType::kUser),
                .private_cgroup_namespace = namespaces_.has(NamespaceType::kCgroup),
                .caller_may_mount = caller_.may_mount,
                .private_pid_namespace = namespaces_.has(NamespaceType::kPid),
                .no_pivot = options_.no_pivot,
                .caller_is_host_root = caller_.is_host_root(),
                .cgroup_mount = cgroup_->path().empty() ? cgroup::known_mount_point()
                                                        : cgroup::find_mount_point(),
                .cgroup_directory = cgroup_->path()});
  process_ = plan_process(config_.process.value_or(Process{}), config_.annotations,
                          namespaces_.has(NamespaceType::kUser));
  process_.preserve_fds = options_.preserve_fds + options_.listen_fds;
  process_.memory_policy = config_.linux.memory_policy;
  for (const std::string& warning : process_.warnings) log::warning(warning);
}

// Whether the configuration is one for a container without a cgroup, and its caller one who may
// have such a container. What it asks for beyond that cannot be left out in silence.
bool Creation::can_do_without_cgroup() const {
  return tolerates_no_cgroup(runtime_, caller_) &&
         runtime_.cgroup_manager == CgroupManager::kCgroupfs &&
         config_.linux.cgroups_path.empty() && !cgroup::needs_controllers(config_.linux.resources);
}

void Creation::plan_cgroup() {
  try {
    cgroup_ = cgroup::plan_cgroup({.manager = runtime_.cgroup_manager,
                                   .cgroups_path = config_.linux.cgroups_path,
                                   .id = options_.id,
                                   .annotations = config_.annotations});
  } catch (const Error& error) {
    if (!can_do_without_cgroup()) throw;
    log::debug(concat("a container without a cgroup: ", error.what()));
    cgroup_ = cgroup::no_cgroup();
  }
}

void Creation::make_cgroup() {
  try {
    cgroup_->create(config_.linux.resources);
  } catch (const Error& error) {
    if (!is_forbidden(error.error_number()) || caller_.is_host_root() || !cgroup_->unit().empty())
      throw;
    const std::string line = concat(error.what(), ": ", kDelegationRemedy);
    if (!can_do_without_cgroup()) throw Error(Error::CompleteLine{}, line, error.error_number());
    log::debug(concat("a container without a cgroup: ", line));
    cgroup_ = cgroup::no_cgroup();
    record_.cgroup_path.clear();
    store_->write(record_);
  }
  if (!cgroup_->comes_late()) delegate_cgroup();
}

void Creation::delegate_cgroup() {
  const std::optional<uid_t> owner = cgroup::delegation_owner(config_);
  if (!owner) return;
  try {
    cgroup_->delegate(*owner);
  } catch (const Error& error) {
    // Only root gives files away. The cgroup holds the container all the same.
    if (caller_.is_host_root() || !is_forbidden(error.error_number())) throw;
    log::debug(concat("the container cannot make cgroups of its own: ", error.what()));
  }
}

void Creation::fill_record() {
  record_.id = options_.id;
  record_.creating = true;
  record_.rootfs = config_.root->path.starts_with('/')
                       ? config_.root->path
                       : concat(record_.bundle, '/', config_.root->path);
  record_.created = now_text();
  record_.owner = ::geteuid();
  record_.annotations = config_.annotations;
  record_.cgroup_path = cgroup_->path();
  record_.systemd_unit = cgroup_->unit();
  record_.namespaces = config_.linux.namespaces;
  record_.personality = config_.linux.personality;
  record_.memory_policy = config_.linux.memory_policy;
  record_.poststart = config_.hooks.poststart;
  record_.poststop = config_.hooks.poststop;
  record_.no_new_keyring = options_.no_new_keyring;
}

void Creation::reserve() {
  timings::begin("state");
  store_.emplace(Store::create(runtime_.root, options_.id));
  // Not before the id is ours: of several creates of one id the losers would find the winner's
  // processes in the cgroup. Not after the record: who finds that kills what is in the cgroup.
  cgroup_->check_unused();
  store_->write(record_);
  if (notify_) notify_->listen();
}

void Creation::prepare() {
  timings::begin("seccomp filter");
  if (config_.linux.seccomp)
    process_.seccomp =
        isolate::cached_seccomp(*config_.linux.seccomp, concat(runtime_.root, kSeccompCache));
  if (process_.seccomp) {
    for (const std::string& warning : process_.seccomp->warnings) log::debug(warning);
    sys::write_file_at(store_->dir(), kSeccompFile, process_.seccomp->bpf, 0600)
        .or_throw("write ", store_->path(), '/', kSeccompFile);
    record_.seccomp_flags = process_.seccomp->flags;
    if (isolate::has_listener(process_.seccomp->flags)) record_listener();
  }
  timings::begin("sources");
  hook_outputs_ = open_hook_outputs(config_.annotations);
  joined_ = open_namespaces(namespaces_.joined);
  check_joined_are_not_the_hosts();
  sources_ = rootfs::open_sources(rootfs_);
  if (sources_.mount_namespace) {
    log::debug("the mount namespace starts with the root file system alone");
    namespaces_.leave_to_process(NamespaceType::kMount);
  }
  for (const NamespaceHandle& handle : joined_)
    if (handle.flags == CLONE_NEWUSER) rootfs::idmap_sources(rootfs_, sources_, handle.fd.get());
  if (record_.rdt_group) isolate::make_rdt_groups(rdt_, resctrl_, rdt_made_);
  timings::begin("cgroup");
  make_cgroup();
  if (!executes_at_once_) open_start_fifos();
}

// A path may name the host's own namespace: then it isolates nothing, and what the configuration
// sets in it would be set on the host.
void Creation::check_joined_are_not_the_hosts() const {
  Config isolated;
  const auto is_hosts = [&](NamespaceType type) {
    for (const NamespaceHandle& handle : joined_) {
      if (handle.flags != static_cast<int>(clone_flag(type))) continue;
      const sys::OwnFd own =
          sys::open_own_namespace(namespace_file(type)).or_throw("open a namespace");
      return sys::stat_fd(own.get()).or_throw("look at a namespace").st_ino ==
             sys::stat_fd(handle.fd.get()).or_throw("look at ", handle.label).st_ino;
    }
    return false;
  };
  for (const NamespaceType type :
       {NamespaceType::kNetwork, NamespaceType::kIpc, NamespaceType::kUts}) {
    if (!is_hosts(type)) continue;
    if (isolated.linux.namespaces.empty()) isolated = config_;
    std::erase_if(isolated.linux.namespaces,
                  [type](const Namespace& entry) { return entry.type == type; });
    oci::validate(isolated);
  }
}

void Creation::open_start_fifos() {
  const auto make = [&](const char* name) {
    sys::make_node_at(store_->dir(), name, S_IFIFO | 0600, 0)
        .or_throw("make ", store_->path(), '/', name);
    // Opened for both directions, so that neither open(2) nor a later reader waits or sees an early
    // end. Init inherits it: in a user namespace it could not open it.
    return sys::open_at(store_->dir(), name, O_RDWR).or_throw("open ", store_->path(), '/', name);
  };
  start_fifo_ = make(kStartFifo);
  started_fifo_ = make(kStartedFifo);
}

void Creation::launch_init() {
  timings::begin("new process");
  auto [ours, theirs] = sys::make_seqpacket_pair().or_throw("make a socket pair");
  const SequenceOptions sequence = {.id_maps = namespaces_.creates(NamespaceType::kUser),
                                    .network = namespaces_.host_flags != 0,
                                    .late_cgroup = cgroup_->comes_late(),
                                    .hooks = has_host_hooks() || !config_.linux.net_devices.empty(),
                                    .console = config_.process && config_.process->terminal,
                                    .listener = record_.seccomp_listener.has_value(),
                                    .executes_at_once = executes_at_once_,
                                    .proceeds_ahead = executes_at_once_ && !has_host_hooks() &&
                                                      options_.pid_file.empty() &&
                                                      options_.pidfd_socket.empty()};
  const LaunchOptions launch_options = {.joined = joined_,
                                        .clone_flags = namespaces_.clone_flags,
                                        .needs_stage = namespaces_.needs_stage,
                                        .cgroup = cgroup_->directory(),
                                        .end_signals = end_signals_,
                                        .if_frozen = kFrozen,
                                        .setup = process_};
  try {
    init_ = launch(launch_options);
  } catch (Error& error) {
    if (const std::string problem = cgroup_->entry_problem(); !problem.empty())
      error.add_context(problem);
    throw;
  }
  if (init_.pid == 0) {
    ours.reset();
    store_->close_in_child();
    cgroup_->close_in_child();
    init_main({.config = config_,
               .namespaces = namespaces_,
               .launch = launch_options,
               .record = record_,
               .rootfs = rootfs_,
               .sources = std::move(sources_),
               .process = process_,
               .hook_outputs = hook_outputs_,
               .cgroup_is_late = cgroup_->comes_late(),
               .host = Channel(std::move(theirs), Side::kContainer, sequence),
               .start_fifo = std::move(start_fifo_),
               .started_fifo = std::move(started_fifo_)});
  }
  existed_ = true;
  theirs.reset();
  start_fifo_.reset();
  started_fifo_.reset();
  channel_.emplace(std::move(ours), Side::kHost, sequence);
  channel_->wait_with(patience_with(init_.pid, end_signals_, kFrozen));
  cgroup_->adopt(init_.pid);
  record_.pid = init_.pid;
  record_.start_time =
      sys::process_stat(init_.pid).or_throw("look at process ", init_.pid).start_time;
  apply_from_host(process_, init_.pid);
  if (record_.rdt_group) isolate::join_rdt_group(*record_.rdt_group, init_.pid);
}

// What can be done while init is at work. The files beside the record need no rename: `exec` reads
// them once the record says that the container is created, and to the removal of a container with a
// damaged record half a configuration is as none.
void Creation::write_while_init_works() {
  sys::write_file_at(store_->dir(), kConfigFile, config_text_, 0600)
      .or_throw("write ", store_->path(), '/', kConfigFile);
  // `run` has no "created" that must not show too early; only hooks could tell the difference.
  if (!executes_at_once_ || has_host_hooks()) return;
  record_.creating = false;
  store_->write(record_);
}

void Creation::serve_until_ready() {
  timings::begin("wait for the set-up");
  try {
    if (namespaces_.host_flags != 0) {
      const sys::OwnFd network = make_network_namespace();
      channel_->send(Message::kNetworkReady, {}, network.get());
    }
    write_while_init_works();
    if (channel_->expects(Message::kNeedIdMaps)) {
      channel_->receive(Message::kNeedIdMaps);
      write_id_maps();
      channel_->send(Message::kIdMapsWritten);
    }
    if (cgroup_->comes_late()) complete_cgroup();
    if (channel_->expects(Message::kNeedHooks)) {
      channel_->receive(Message::kNeedHooks);
      move_net_devices();
      if (has_host_hooks()) run_host_hooks();
      channel_->send(Message::kHooksDone);
    }
    if (channel_->expects(Message::kConsoleMaster))
      terminal_master_ = take_terminal(*channel_, options_.console_socket, init_);
    if (channel_->expects(Message::kSeccompListener))
      hand_on_listener(
          *channel_, record_,
          oci::container_process_state_json(record_, Status::kCreating, init_.pid, init_.pid),
          init_);
    channel_->receive_ready();
  } catch (const PeerGone& error) {
    explain_end(init_, cgroup_->directory(), error);
  } catch (const PeerFailure& error) {
    // Where the kernel does not kill, it refuses.
    if (error.error_number() != ENOMEM || !config_.linux.resources.memory) throw;
    throw Error(Error::CompleteLine{},
                concat(error.what(), ": is linux.resources.memory.limit too small?"), ENOMEM);
  }
}

// Init goes on meanwhile, and says something before this ends only when it fails.
void Creation::complete_cgroup() {
  if (!cgroup_->complete(channel_->fd())) channel_->receive(Message::kReady);
  delegate_cgroup();
  channel_->send(Message::kCgroupReady);
}

void Creation::write_id_maps() {
  const sys::OwnFd directory =
      sys::open_process_directory(init_.pid).or_throw("open /proc/", init_.pid);
  isolate::write_id_maps(
      {.process_dir = directory.get(), .pid = init_.pid, .unprivileged = unprivileged_ids(caller_)},
      {.uid = config_.linux.uid_mappings, .gid = config_.linux.gid_mappings});
  if (rootfs::needs_container_idmap(rootfs_)) {
    const sys::OwnFd user_namespace = sys::open_at(directory.get(), "ns/user", O_RDONLY)
                                          .or_throw("open the user namespace of ", init_.pid);
    rootfs::idmap_sources(rootfs_, sources_, user_namespace.get());
  }
}

void Creation::run_host_hooks() {
  // Hooks may ask for the state of the container.
  store_->write(record_);
  HookContext context = {.kind = "prestart",
                         .state = oci::hook_state_json(record_, Status::kCreating, init_.pid),
                         .cwd = record_.bundle,
                         .outputs = &hook_outputs_,
                         .interruptible = true};
  run_hooks(config_.hooks.prestart, context);
  context.kind = "createRuntime";
  run_hooks(config_.hooks.create_runtime, context);
}

void Creation::publish() {
  timings::begin("publication");
  sources_ = {};  // init has its own descriptors of them; ours would pin the mounts
  if (record_.creating) {
    record_.creating = false;
    store_->write(record_);
  }
  try {
    publish_process(init_, options_.pidfd_socket, options_.pid_file);
  } catch (const PeerGone& error) {
    explain_end(init_, cgroup_->directory(), error);
  }
  published_ = true;
}

void Creation::proceed() {
  timings::begin("wait for the execution");
  try {
    channel_->send(Message::kProceed);
    if (executes_at_once_) channel_->wait_executed();
  } catch (const PeerGone& error) {
    explain_end(init_, cgroup_->directory(), error);
  }
  store_->unlock();
}

void Creation::undo() noexcept {
  const auto attempt = [](const char* what, auto&& step) {
    try {
      step();
      return true;
    } catch (const Error& error) {
      log::warning(concat("undo of create: ", what, ": ", error.what()));
      return false;
    }
  };
  if (net_devices_) attempt("network devices", [&] { net_devices_->move_back(); });
  const bool dead = kill_and_reap(init_);
  if (published_) withdraw_process(options_.pid_file);
  if (!store_) return;
  if (!dead || !attempt("cgroup", [&] { cgroup_->undo_create(); })) {
    // Nobody could find it again without the record.
    record_.creating = true;
    attempt("state", [&] { store_->write(record_); });
    const std::string cause =
        dead ? "" : concat("process ", record_.pid, " does not end after SIGKILL: ");
    log::warning(concat("undo of create: ", cause,
                        "remove the rest later, with brig delete --force ", options_.id));
    return;
  }
  attempt("resctrl", [&] { isolate::unmake_rdt_groups(rdt_, rdt_made_); });
  if (existed_) {
    const HookContext context = {.kind = "poststop",
                                 .state = oci::hook_state_json(record_, Status::kStopped, 0),
                                 .cwd = record_.bundle,
                                 .outputs = &hook_outputs_,
                                 .interruptible = true};
    for (const std::string& problem : run_all_hooks(config_.hooks.poststop, context))
      log::warning(problem);
  }
  attempt("state", [&] { store_->remove(); });
}

}  // namespace brig::container

namespace brig {

void create_container(const RuntimeOptions& runtime, const CreateOptions& options) {
  container::Creation creation(runtime, options, false);
  creation.load(true);
  creation.reserve();
  creation.prepare();
  creation.launch_init();
  creation.serve_until_ready();
  creation.publish();
  creation.proceed();
  creation.commit();
}

}  // namespace brig
