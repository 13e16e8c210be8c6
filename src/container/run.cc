// `run`: create and start in one process, without the fifo between them. Host side.
#include <chrono>
#include <optional>

#include "base/concat.h"
#include "base/log.h"
#include "base/timings.h"
#include "brig/runtime.h"
#include "container/create.h"
#include "container/foreground.h"
#include "container/host_side.h"
#include "container/poststart.h"
#include "container/remove.h"

namespace brig {

namespace container {

namespace {

constexpr std::chrono::seconds kPatience(30);

// The process has ended: what `delete` would do, unless somebody else has done it meanwhile. Then
// there may be another container of that id, which is not in this folder.
void remove_after_exit(const RuntimeOptions& runtime, Store& store) {
  timings::begin("state");
  if (!store.lock_within(kPatience)) throw store.is_busy(kPatience);
  if (store.is_deleted()) return;
  for (const std::string& warning : remove_by_force(store, runtime)) log::warning(warning);
}

// The same after an error, which is the one to report.
void remove_in_vain(const RuntimeOptions& runtime, Store& store) {
  try {
    remove_after_exit(runtime, store);
  } catch (const Error& error) {
    log::debug(concat("remove the container: ", error.what()));
  }
}

}  // namespace

}  // namespace container

int run_container(const RuntimeOptions& runtime, const RunOptions& options) {
  std::optional<container::Foreground> foreground;
  if (!options.detach) foreground.emplace(!options.no_subreaper);
  container::Creation creation(runtime, options.create, true);
  if (foreground) creation.end_waits_by(foreground->end_signals());
  creation.load(options.detach);
  creation.reserve();
  creation.prepare();
  creation.launch_init();
  creation.serve_until_ready();
  creation.publish();
  creation.proceed();
  container::run_poststart_hooks(creation.record());
  creation.commit();
  const sys::ChildProcess& process = creation.process();
  container::NotifySocket* notify = creation.notify_socket();
  if (!foreground) {
    if (notify != nullptr) notify->relay(process.pid, process.pidfd.get());
    return 0;
  }
  try {
    timings::begin("program");
    const sys::ExitStatus status =
        foreground->wait({.pid = process.pid,
                          .pidfd = process.pidfd.get(),
                          .terminal_master = creation.take_terminal_master(),
                          .notify = notify});
    if (!options.keep) container::remove_after_exit(runtime, creation.store());
    return status.shell_status();
  } catch (const Error&) {
    // Nobody would wait for it any more, or know of it.
    if (!options.keep) {
      container::remove_in_vain(runtime, creation.store());
      container::withdraw_process(options.create.pid_file);
    }
    throw;
  }
}

}  // namespace brig
