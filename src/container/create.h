// The host side of making a container: the left column of handshake.h. Runs in the caller's process
// with the host's namespaces and brig's privileges; changes nothing there, but is in the
// container's network namespace for the moment in which it makes it (launch.h).
#pragma once

#include <memory>
#include <string>

#include "brig/runtime.h"
#include "cgroup/cgroup.h"
#include "container/handshake.h"
#include "container/hooks.h"
#include "container/launch.h"
#include "container/notify_socket.h"
#include "container/plan.h"
#include "container/process.h"
#include "container/rootless.h"
#include "container/store.h"
#include "isolate/intel_rdt.h"
#include "isolate/net_devices.h"
#include "oci/state.h"
#include "rootfs/rootfs.h"
#include "rootfs/sources.h"
#include "sys/process.h"

namespace brig::container {

// A container in the making. Call the steps in this order; when one throws, the destructor takes
// everything back that was made so far (and runs the poststop hooks once the container existed),
// until commit().
class Creation {
 public:
  Creation(const RuntimeOptions& runtime, const CreateOptions& options, bool executes_at_once);
  Creation(const Creation&) = delete;
  Creation& operator=(const Creation&) = delete;
  ~Creation();

  // Signals that end the wait for the container's process (Patience); by default none.
  void end_waits_by(int end_signals) noexcept { end_signals_ = end_signals; }

  // Reads and checks the configuration and decides everything that can be decided without acting.
  // `detached` is whether brig will not stay with the process: a terminal then needs
  // --console-socket.
  void load(bool detached);
  // Takes the id: makes the state folder, locks it, and, when nobody else uses the cgroup, records
  // what is about to exist.
  void reserve();
  // Compiles the filter, opens what only the host side can open, makes the cgroup with its limits.
  void prepare();
  // Clones the container's process, which runs init_main() (init.h).
  void launch_init();
  // Answers the container side until its process is ready to execute the program.
  void serve_until_ready();
  // Writes the record, the pid file and the pidfd socket: from here on the container is "created".
  void publish();
  // Tells init to go on. With `executes_at_once` waits until it has executed the program.
  void proceed();
  // The container stays.
  void commit() noexcept { committed_ = true; }

  [[nodiscard]] Store& store() noexcept { return *store_; }
  [[nodiscard]] const oci::StateRecord& record() const noexcept { return record_; }
  [[nodiscard]] const sys::ChildProcess& process() const noexcept { return init_; }
  // The terminal's master when it is for brig itself (foreground), else none.
  [[nodiscard]] sys::OwnFd take_terminal_master() noexcept { return std::move(terminal_master_); }
  [[nodiscard]] NotifySocket* notify_socket() noexcept { return notify_ ? &*notify_ : nullptr; }

 private:
  [[nodiscard]] bool can_do_without_cgroup() const;
  void plan_cgroup();
  void make_cgroup();
  void delegate_cgroup();
  void fill_record();
  void check_joined_are_not_the_hosts() const;
  [[nodiscard]] bool has_host_hooks() const noexcept {
    return !config_.hooks.prestart.empty() || !config_.hooks.create_runtime.empty();
  }
  void check_may_move_net_devices() const;
  void move_net_devices();
  void plan_rdt();
  void record_listener();
  void open_start_fifos();
  void write_while_init_works();
  void write_id_maps();
  void complete_cgroup();
  void run_host_hooks();
  void undo() noexcept;

  const RuntimeOptions& runtime_;
  const CreateOptions& options_;
  const bool executes_at_once_;
  const sys::Caller& caller_ = sys::caller();
  bool committed_ = false;
  bool published_ = false;  // the pid file is there
  bool existed_ = false;    // the container had a process: poststop hooks must run

  std::string config_text_;
  Config config_;
  NamespacePlan namespaces_;
  std::vector<NamespaceHandle> joined_;
  rootfs::RootfsPlan rootfs_;
  rootfs::Sources sources_;
  ProcessSetup process_;
  HookOutputs hook_outputs_;
  oci::StateRecord record_;

  std::optional<Store> store_;
  std::unique_ptr<cgroup::Cgroup> cgroup_;
  std::optional<NotifySocket> notify_;
  sys::OwnFd start_fifo_;
  sys::OwnFd started_fifo_;
  std::optional<Channel> channel_;
  int end_signals_ = -1;
  sys::ChildProcess init_;
  sys::OwnFd terminal_master_;
  std::string resctrl_;  // its mount point
  isolate::RdtPlan rdt_;
  isolate::RdtMade rdt_made_;
  std::optional<isolate::NetDevices> net_devices_;  // once there are any in the container
};

}  // namespace brig::container
