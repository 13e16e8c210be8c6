// sd_notify(3) for a container: NOTIFY_SOCKET of the caller, passed on through a socket of the
// container's own.
//
// As runc: `create` makes <state>/notify, which is bound on /run/notify in the container, where the
// process finds it by its environment; `start` and `run` relay READY=1 (and MAINPID of the
// container's process) to the caller's socket. Host side, except that `configure` only changes the
// Config.
#pragma once

#include <sys/types.h>

#include <string>

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
  // Makes the folder and the listening socket (mode 0777, datagram). Before the container's mounts
  // are made.
  void listen();
  // Relays until the container said READY=1 or the process behind `pidfd` has ended; then tells the
  // host socket MAINPID=`pid` and READY=1.
  void relay(pid_t pid, int pidfd);

 private:
  std::string host_socket_;
  std::string state_dir_;
  sys::OwnFd socket_;
};

}  // namespace brig::container
