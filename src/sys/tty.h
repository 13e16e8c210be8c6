// Terminals and pseudo-terminals: ioctl_tty(2), pts(4), termios(3).
#pragma once

#include <sys/ioctl.h>
#include <termios.h>

#include <cstdint>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// For the master of a pseudo-terminal. TIOCSPTLCK: lets its slave be opened.
Result<void> unlock_slave(int master);
// The number N of /dev/pts/N in the master's own devpts. TIOCGPTN.
Result<std::uint32_t> slave_number(int master);
// Opens the slave without a path, so that no file in /dev/pts can stand in for it; O_NOCTTY and
// O_CLOEXEC are added to `flags`. TIOCGPTPEER.
Result<OwnFd> open_slave(int master, int flags);

// Makes `slave` the controlling terminal of the calling session leader, which must have none.
// TIOCSCTTY.
Result<void> make_controlling_terminal(int slave);

// Size in character cells (ws_row, ws_col). TIOCGWINSZ, TIOCSWINSZ.
Result<winsize> window_size(int fd);
Result<void> set_window_size(int fd, const winsize& size);

// Keeps a terminal in raw mode (cfmakeraw(3)) while it lives, then restores the settings found.
// Every path out of the scope restores them, exceptions included.
class [[nodiscard]] RawMode {
 public:
  // Takes note of the settings of `fd`, which is borrowed. Nothing happens when it is no terminal.
  explicit RawMode(int fd);
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;
  ~RawMode();

 private:
  int fd_ = -1;
  termios found_ = {};
};

}  // namespace brig::sys
