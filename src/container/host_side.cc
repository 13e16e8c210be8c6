#include "container/host_side.h"

#include <fcntl.h>

#include <chrono>
#include <csignal>

#include "base/concat.h"
#include "container/console.h"
#include "container/relay.h"
#include "sys/file.h"

namespace brig::container {

namespace {

constexpr std::chrono::seconds kDeathDeadline(10);

}  // namespace

void check_terminal_options(bool terminal, bool detached, const std::string& console_socket,
                            const char* option) {
  const bool from_config = option[0] != '-';
  if (detached && terminal && console_socket.empty())
    throw Error(
        concat("cannot allocate tty if brig will detach without setting console socket: use "
               "--console-socket or ",
               from_config ? "set " : "leave out ", option, from_config ? " to false" : ""));
  if (!console_socket.empty() && !(detached && terminal))
    throw Error(
        concat("cannot use console socket if brig will not detach or allocate tty: leave out "
               "--console-socket or ",
               from_config ? "set " : "add ", option, from_config ? " to true" : ""));
}

sys::OwnFd take_terminal(Channel& channel, const std::string& console_socket,
                         const sys::ChildProcess& process) {
  Received received = channel.receive(Message::kConsoleMaster);
  if (!received.fd) throw Error("handshake: the terminal came without a descriptor");
  if (console_socket.empty()) {
    match_own_size(received.fd.get());  // before the process can ask for it
    return std::move(received.fd);
  }
  send_descriptor(console_socket, "--console-socket", received.fd.get(), received.text,
                  process.pidfd.get());
  return {};
}

void hand_on_listener(Channel& channel, const oci::StateRecord& record, const std::string& state,
                      const sys::ChildProcess& process) {
  const Received received = channel.receive(Message::kSeccompListener);
  if (!received.fd) throw Error("handshake: the seccomp listener came without a descriptor");
  if (!record.seccomp_listener) throw Error("the record of the container names no seccomp agent");
  send_descriptor(record.seccomp_listener->path, "linux.seccomp.listenerPath", received.fd.get(),
                  state, process.pidfd.get());
}

void publish_process(const sys::ChildProcess& process, const std::string& pidfd_socket,
                     const std::string& pid_file) {
  if (!pidfd_socket.empty())
    send_descriptor(pidfd_socket, "--pidfd-socket", process.pidfd.get(), "pidfd",
                    process.pidfd.get());
  if (!pid_file.empty())
    sys::replace_file_at(AT_FDCWD, pid_file, concat(process.pid), 0644)
        .or_throw("write the pid file ", pid_file);
}

void withdraw_process(const std::string& pid_file) noexcept {
  if (!pid_file.empty())
    sys::unlink_at(AT_FDCWD, pid_file).ignore("the failure before it is the one to report");
}

void explain_end(sys::ChildProcess& process, int cgroup, const PeerGone& error) {
  const sys::ExitStatus status =
      sys::wait_for_exit(process.pidfd.get()).or_throw("wait for the container's process");
  process = {};
  if (status.signal == 0)
    throw Error(concat("the container's process exited with status ", status.code,
                       " during set-up: ", error.what()));
  const char* cause = "";
  if (status.signal == SIGKILL && cgroup >= 0) {
    const sys::Result<std::string> events = sys::read_file_at(cgroup, "memory.events");
    if (events && (*events).find("oom_kill 0\n") == std::string::npos)
      cause = " (out of memory: raise linux.resources.memory.limit)";
  }
  throw Error(concat("the container's process was killed by signal ", status.signal, cause,
                     " during set-up: ", error.what()));
}

bool kill_and_reap(sys::ChildProcess& process) noexcept {
  if (!process.pidfd) return true;
  sys::send_signal(process.pidfd.get(), SIGKILL).ignore("it may have ended by itself");
  const sys::Result<bool> dead = sys::wait_until_dead(process.pidfd.get(), kDeathDeadline);
  if (dead && !*dead) return false;
  sys::wait_for_exit(process.pidfd.get()).ignore("it may have been waited for");
  process = {};
  return true;
}

}  // namespace brig::container
