// sd_notify(3) for a container: NOTIFY_SOCKET of the caller, passed on through a socket of the
// container's own.
//
// As runc: `create` makes <state>/notify, which is bound on /run/notify in the container, where the
// process finds it by its environment; `start` and `run` relay READY=1 (and MAINPID) to the
// caller's socket. Nothing else that the container says is passed on. Host side, except that
// `configure` only changes the Config.
//
// A service manager that cannot be reached is no failure of the container: it is logged as a
// warning.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "brig/config.h"
#include "sys/fd.h"

namespace brig::container {

class NotifySocket {
 public:
  // `host_socket` is the caller's NOTIFY_SOCKET (a path, or '@' for the abstract namespace);
  // `state_dir` the container's folder.
  NotifySocket(std::string host_socket, std::string state_dir);

  // Adds the bind mount and the environment variable to `config` (before it is planned).
  void configure(Config& config) const;

  // Makes the folder, unless it exists, and the listening socket (mode 0777, datagram) in it, in
  // place of one that an earlier command made. `create` calls it before the container's mounts are
  // made, `start` again before the process runs. Throws Error.
  void listen();

  // Relays until the container said READY=1 or the process behind `pidfd` has ended; the host
  // socket is told MAINPID=`main_pid`. Waits (for up to 30 s) until the service manager has taken
  // that from the socket: the caller may exit right after.
  void relay(pid_t main_pid, int pidfd);

  // For a caller with a poll(2) loop of its own: what to wait for (POLLIN), -1 once READY=1 has
  // been passed on; and what to do then.
  [[nodiscard]] int fd() const { return socket_.get(); }
  void take(pid_t main_pid);

 private:
  void tell_host(pid_t main_pid);

  std::string host_socket_;
  std::string state_dir_;
  sys::OwnFd socket_;
  sys::OwnFd host_;
};

// Whether a datagram of sd_notify(3) (assignments, one a line) says READY=1.
bool says_ready(std::string_view datagram);

}  // namespace brig::container
