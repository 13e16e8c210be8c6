// `start`: lets init, which waits behind its fifo, execute the program. Host side.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

#include "base/concat.h"
#include "base/log.h"
#include "base/no_sigpipe.h"
#include "base/timings.h"
#include "brig/runtime.h"
#include "container/container.h"
#include "container/freeze_watch.h"
#include "container/hooks.h"
#include "container/init.h"
#include "container/notify_socket.h"
#include "container/poststart.h"
#include "container/remove.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::container {

namespace {

void check_can_start(Status status) {
  switch (status) {
    case Status::kCreated:
      return;
    case Status::kStopped:
      throw Error("cannot start a container that has stopped");
    case Status::kRunning:
      throw Error("cannot start an already running container");
    case Status::kPaused:
      throw Error("cannot start a paused container: resume it first");
    case Status::kCreating:
      throw Error("cannot start a container that is still being created");
  }
}

void log_warnings(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) log::warning(line);
}

// Nothing comes from an init that stays frozen: takes the byte back, if it has not read that
// before, so that it does not start once it is thawed, and throws.
void check_not_frozen(FreezeWatch& freeze, const Store& store) {
  const std::string problem = freeze.problem();
  if (problem.empty()) return;
  const sys::Result<sys::OwnFd> gate = sys::open_at(store.dir(), kStartFifo, O_RDONLY | O_NONBLOCK);
  char byte;
  const bool taken_back = gate && ::read(gate->get(), &byte, 1) == 1;
  throw Error(concat("cannot start a paused container: ", problem,
                     taken_back ? "" : "; it goes on starting when it is thawed"));
}

// Writes the byte init waits for and reads what it answers until it executes the program or ends:
// nothing when it has ended already.
std::string open_gate(const Container& container, int init) {
  const Store& store = container.store();
  const sys::OwnFd started = sys::open_at(store.dir(), kStartedFifo, O_RDONLY | O_NONBLOCK)
                                 .or_throw("open ", store.path(), '/', kStartedFifo);
  sys::Result<sys::OwnFd> gate = sys::open_at(store.dir(), kStartFifo, O_WRONLY | O_NONBLOCK);
  if (gate.error() == ENXIO) return {};
  const sys::OwnFd opened = std::move(gate).or_throw("open ", store.path(), '/', kStartFifo);
  const NoSigpipe no_sigpipe;
  const sys::Result<void> told = sys::write_all(opened.get(), "1");
  if (told.error() == EPIPE) return {};
  told.or_throw("tell init to start");
  std::string answer;
  char block[4096];
  FreezeWatch freeze(container.record().pid);
  for (;;) {
    pollfd watch[] = {{started.get(), POLLIN, 0}, {init, POLLIN, 0}};
    const int ready = ::poll(watch, 2, static_cast<int>(FreezeWatch::kInterval.count()));
    if (ready < 0 && errno != EINTR) throw Error("wait for init", errno);
    if (ready == 0) {
      check_not_frozen(freeze, store);
      continue;
    }
    const ssize_t got = ::read(started.get(), block, sizeof block);
    if (got > 0) answer.append(block, static_cast<std::size_t>(got));
    if (got == 0) return answer;
    if (got < 0 && errno != EINTR && errno != EAGAIN) throw Error("wait for init", errno);
    // A fifo that init, which was ending, had closed already when it was opened here tells no end.
    if (got < 0 && watch[1].revents != 0) return answer;
  }
}

// A startContainer hook that failed: the container must be destroyed (config.md), not only stopped.
class HookFailure : public Error {
 public:
  using Error::Error;
};

void check_answer(std::string_view answer) {
  const std::string_view word = kStartedWord;
  if (answer == word) return;
  const bool hooks_passed = answer.starts_with(word);
  if (!hooks_passed && !answer.empty()) throw HookFailure(std::string(answer));
  if (hooks_passed) answer.remove_prefix(word.size());
  if (answer.empty())
    throw Error("the container's process was killed before it could execute its program");
  throw Error(std::string(answer));
}

}  // namespace

void run_poststart_hooks(const oci::StateRecord& record) {
  if (record.poststart.empty()) return;
  const HookOutputs outputs = open_hook_outputs(record.annotations);
  const HookContext context = {.kind = "poststart",
                               .state = oci::hook_state_json(record, Status::kRunning, record.pid),
                               .cwd = record.bundle,
                               .outputs = &outputs,
                               .interruptible = true};
  run_hooks(record.poststart, context);
}

}  // namespace brig::container

namespace brig {

using namespace container;  // NOLINT(google-build-using-namespace): this file implements one of its
                            // operations

void start_container(const RuntimeOptions& runtime, const std::string& id,
                     const std::string& notify_socket) {
  Container container = Container::load_locked(runtime, id);
  check_can_start(container.status());
  std::optional<NotifySocket> notify;
  if (!notify_socket.empty()) {
    notify.emplace(notify_socket, container.store().path());
    notify->listen();
  }
  const sys::OwnFd init = container.open_init();
  timings::begin("wait for the execution");
  try {
    check_answer(init ? open_gate(container, init.get()) : std::string());
  } catch (const HookFailure&) {
    log_warnings(remove_container(container));
    throw;
  }
  timings::begin("publication");
  for (const char* fifo : {kStartFifo, kStartedFifo})
    sys::unlink_at(container.store().dir(), fifo).ignore("the fifo without a reader says the same");
  try {
    run_poststart_hooks(container.record());
  } catch (const Error&) {
    // config.md "poststart": the container is stopped and destroyed.
    log_warnings(remove_container(container));
    throw;
  }
  container.store().unlock();
  if (notify) notify->relay(container.record().pid, init.get());
}

}  // namespace brig
