// `run`: create and start in one process, without the fifo between them. Host side.
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

// The process has ended: what `delete` would do, unless somebody else has done it meanwhile.
void remove_after_exit(const RuntimeOptions& runtime, const std::string& id) {
  std::vector<std::string> warnings;
  delete_container(runtime, id, true, warnings);
  for (const std::string& warning : warnings) log::warning(warning);
}

// The same after an error, which is the one to report.
void remove_in_vain(const RuntimeOptions& runtime, const std::string& id) {
  try {
    remove_after_exit(runtime, id);
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
    if (!options.keep) container::remove_after_exit(runtime, options.create.id);
    return status.shell_status();
  } catch (const Error&) {
    // Nobody would wait for it any more, or know of it.
    if (!options.keep) {
      container::remove_in_vain(runtime, options.create.id);
      container::withdraw_process(options.create.pid_file);
    }
    throw;
  }
}

}  // namespace brig
