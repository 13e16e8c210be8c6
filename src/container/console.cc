#include "container/console.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <chrono>

#include "base/concat.h"
#include "brig/error.h"
#include "container/handshake.h"
#include "sys/file.h"
#include "sys/path.h"
#include "sys/process.h"
#include "sys/socket.h"
#include "sys/tty.h"

namespace brig::container {

namespace {

// Documentation/admin-guide/devices.txt: /dev/ptmx is 5:2, Unix98 slaves are 136:N.
constexpr unsigned kPtmxMajor = 5;
constexpr unsigned kPtmxMinor = 2;
constexpr unsigned kSlaveMajor = 136;

constexpr std::chrono::seconds kSendTimeout(10);
// Nothing tells that a listener takes connections again, so one try to connect lasts that long, and
// between two of them the process is looked at.
constexpr std::chrono::milliseconds kConnectTimeout(100);

// Throws unless `fd` is the character device `device` of a devpts file system.
void check_pts_device(int fd, dev_t device, const char* what) {
  const std::uint64_t type = sys::file_system_type(fd).or_throw("check ", what);
  const struct stat info = sys::stat_fd(fd).or_throw("check ", what);
  if (type != DEVPTS_SUPER_MAGIC || !S_ISCHR(info.st_mode) || info.st_rdev != device)
    throw Error(concat("process.terminal: ", what,
                       " is not what the kernel puts there: the container needs a devpts file "
                       "system on /dev/pts"));
}

// Opening a device can have effects, so the file is looked at before: as O_PATH, then opened from
// there. Its folder must be a devpts, in which nobody can make files; what is mounted on top of it
// is refused by not crossing mounts.
sys::OwnFd open_master() {
  const sys::Result<sys::OwnFd> opened =
      sys::open_at(AT_FDCWD, "/dev/pts", O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (!opened)
    throw Error("process.terminal: open /dev/pts", opened.error(),
                "the container needs a devpts file system on /dev/pts");
  const sys::OwnFd& folder = *opened;
  const sys::OwnFd found = sys::open_at(folder.get(), "ptmx", O_PATH | O_NOFOLLOW)
                               .or_throw("process.terminal: open /dev/pts/ptmx");
  check_pts_device(found.get(), makedev(kPtmxMajor, kPtmxMinor), "/dev/pts/ptmx");
  sys::OwnFd master = sys::open_at(folder.get(), "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW)
                          .or_throw("process.terminal: open /dev/pts/ptmx");
  check_pts_device(master.get(), makedev(kPtmxMajor, kPtmxMinor), "/dev/pts/ptmx");
  return master;
}

sys::Result<sys::OwnFd> connect(const std::string& path, const char* what, int process) {
  const auto deadline = std::chrono::steady_clock::now() + kSendTimeout;
  for (;;) {
    sys::Result<sys::OwnFd> socket = sys::connect_unix(path, SOCK_STREAM, kConnectTimeout);
    if (socket.error() != EAGAIN || std::chrono::steady_clock::now() >= deadline) return socket;
    const std::chrono::milliseconds at_once(0);
    if (process >= 0 && sys::wait_until_dead(process, at_once).or_throw("look at the process"))
      throw PeerGone(concat("it ended before the listener of ", what, " accepted a connection"));
  }
}

}  // namespace

Terminal open_terminal(const std::optional<ConsoleSize>& size, uid_t owner_uid) {
  Terminal terminal;
  terminal.master = open_master();
  const int master = terminal.master.get();
  sys::unlock_slave(master).or_throw("process.terminal: unlock the terminal");
  const std::uint32_t number =
      sys::slave_number(master).or_throw("process.terminal: get the terminal's number");
  terminal.name = concat("/dev/pts/", number);
  terminal.slave =
      sys::open_slave(master, O_RDWR).or_throw("process.terminal: open the slave ", terminal.name);
  check_pts_device(terminal.slave.get(), makedev(kSlaveMajor, number), terminal.name.c_str());
  if (size) {
    winsize cells = {};
    cells.ws_row = static_cast<unsigned short>(size->height);
    cells.ws_col = static_cast<unsigned short>(size->width);
    sys::set_window_size(master, cells).or_throw("process.consoleSize: resize the terminal");
  }
  sys::change_owner(terminal.slave.get(), owner_uid, static_cast<gid_t>(-1))
      .ignore("as runc: a user that is not mapped cannot own it, and can still use it by its fd");
  return terminal;
}

void use_terminal(const Terminal& terminal) {
  if (::setsid() < 0 && errno != EPERM) throw Error("process.terminal: start a session", errno);
  sys::make_controlling_terminal(terminal.slave.get())
      .or_throw("process.terminal: make ", terminal.name, " the controlling terminal");
  for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; ++standard)
    if (::dup2(terminal.slave.get(), standard) < 0)
      throw Error(concat("process.terminal: use it as descriptor ", standard), errno);
}

void send_descriptor(const std::string& path, const char* what, int fd, const std::string& payload,
                     int process) {
  const sys::Result<sys::OwnFd> socket = connect(path, what, process);
  if (!socket)
    throw Error(concat(what, ": connect to ", path), socket.error(),
                socket.error() == EAGAIN ? "the listener does not accept connections" : "");
  sys::set_send_timeout((*socket).get(), kSendTimeout).or_throw(what, ": set a timeout");
  // A payload may be longer than one message; the descriptor is in the first.
  const std::string_view whole = payload;
  for (std::size_t at = 0; at == 0 || at < whole.size(); at += sys::kMessageLimit) {
    const sys::Result<void> sent =
        sys::send_message((*socket).get(), whole.substr(at, sys::kMessageLimit), at == 0 ? fd : -1);
    if (!sent)
      throw Error(concat(what, ": send the descriptor to ", path), sent.error(),
                  sent.error() == EAGAIN ? "the listener does not read" : "");
  }
}

}  // namespace brig::container
