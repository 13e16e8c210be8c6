// The terminal of a container's process.
//
// The slave side is made in the container (its own devpts), by init or the exec'd process; the
// master goes to the host side over the handshake, which hands it to the engine's console socket or
// relays it to brig's own terminal (foreground.h).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "brig/config.h"
#include "sys/fd.h"

namespace brig::container {

struct Terminal {
  sys::OwnFd master;
  sys::OwnFd slave;
  std::string name;  // "/dev/pts/0", as seen in the container
};

// Container side, after the container's /dev/pts is in place: a new terminal from the container's
// own devpts, opened and checked so that a hostile image cannot put another file in its place
// (TIOCGPTPEER; devpts; major 136: CVE-2025-52565). `size` is set when given. `owner_uid`: the
// slave belongs to it (best effort as runc).
Terminal open_terminal(const std::optional<ConsoleSize>& size, uid_t owner_uid);

// Container side: makes `slave` the controlling terminal of the calling process (setsid(2) first)
// and its standard input, output and error.
void use_terminal(const Terminal& terminal);

// Host side: connects to the Unix stream socket at `path` (any length) and sends `fd` with
// `payload` as SCM_RIGHTS. `what` names the option for messages ("--console-socket"). Bounded: a
// socket whose peer does not read is an error. Throws PeerGone when the process behind the pidfd
// `process` (-1: none) ends before the listener accepts: who waits for its end need not wait for
// the listener.
void send_descriptor(const std::string& path, const char* what, int fd, const std::string& payload,
                     int process = -1);

}  // namespace brig::container
