#include "container/notify_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <chrono>
#include <utility>

#include "base/concat.h"
#include "base/log.h"
#include "brig/error.h"
#include "sys/file.h"
#include "sys/poll.h"
#include "sys/socket.h"

namespace brig::container {

namespace {

constexpr const char* kFolderInContainer = "/run/notify";
constexpr const char* kSocketName = "notify.sock";
constexpr std::chrono::seconds kBarrierTimeout(30);
constexpr std::chrono::seconds kSendTimeout(5);

// sd_notify_barrier(3): the service manager closes the descriptor of a BARRIER=1 message when it
// has handled all messages before it. One that does not know the protocol does so as well.
void wait_until_taken(int host) {
  auto [reader, writer] = sys::make_pipe().or_throw("make a pipe");
  sys::send_message(host, "BARRIER=1", writer.get()).or_throw("send BARRIER=1");
  writer.reset();
  const bool closed =
      sys::wait_for(reader.get(), POLLIN, std::chrono::steady_clock::now() + kBarrierTimeout)
          .or_throw("wait for the service manager");
  if (!closed) log::warning("NOTIFY_SOCKET: the service manager does not answer BARRIER=1");
}

}  // namespace

NotifySocket::NotifySocket(std::string host_socket, std::string state_dir)
    : host_socket_(std::move(host_socket)), state_dir_(std::move(state_dir)) {}

void NotifySocket::configure(Config& config) const {
  Mount mount;
  mount.destination = kFolderInContainer;
  mount.source = concat(state_dir_, "/notify");
  mount.type = "bind";
  mount.options = {"bind", "nosuid", "noexec", "nodev", "ro"};
  config.mounts.push_back(std::move(mount));
  if (config.process)
    config.process->env.push_back(concat("NOTIFY_SOCKET=", kFolderInContainer, '/', kSocketName));
}

void NotifySocket::listen() {
  const std::string folder = concat(state_dir_, "/notify");
  const sys::Result<void> made = sys::make_directory_at(AT_FDCWD, folder, 0755);
  if (made.error() != EEXIST) made.or_throw("make directory ", folder);
  const std::string path = concat(folder, '/', kSocketName);
  sys::unlink_at(AT_FDCWD, path).ignore("an earlier command may have made it, or not");
  sys::OwnFd socket = sys::bind_datagram(path).or_throw("make notify socket ", path);
  // Any user of the container may have to write to it. Only brig writes in the folder, so the name
  // is still the socket's; fchmod(2) of a socket descriptor would not change the file.
  if (::chmod(path.c_str(), 0777) < 0) throw Error(concat("change mode of ", path), errno);
  socket_ = std::move(socket);
}

void NotifySocket::relay(pid_t main_pid, int pidfd) {
  while (socket_) {
    pollfd watch[2] = {{socket_.get(), POLLIN, 0}, {pidfd, POLLIN, 0}};
    if (::poll(watch, 2, -1) < 0) {
      if (errno == EINTR) continue;
      throw Error("wait for the container's notification", errno);
    }
    if (watch[0].revents != 0)
      take(main_pid);
    else if (watch[1].revents != 0)
      return;
  }
  if (!host_) return;
  try {
    wait_until_taken(host_.get());
  } catch (const Error& error) {
    log::warning(concat("NOTIFY_SOCKET ", host_socket_, ": ", error.what()));
  }
}

void NotifySocket::take(pid_t main_pid) {
  const sys::Result<sys::Received> received = sys::receive_message(socket_.get());
  // What is no message (too long, with too many descriptors) is the container's own doing.
  if (!received || !says_ready((*received).bytes)) return;
  socket_.reset();
  try {
    tell_host(main_pid);
  } catch (const Error& error) {
    log::warning(concat("NOTIFY_SOCKET ", host_socket_, ": ", error.what()));
  }
}

void NotifySocket::tell_host(pid_t main_pid) {
  sys::OwnFd host = sys::connect_unix(host_socket_, SOCK_DGRAM, kSendTimeout).or_throw("connect");
  sys::send_message(host.get(), concat("MAINPID=", main_pid, "\nREADY=1\n")).or_throw("send");
  host_ = std::move(host);
}

bool says_ready(std::string_view datagram) {
  while (!datagram.empty()) {
    const std::size_t end = datagram.find('\n');
    if (datagram.substr(0, end) == "READY=1") return true;
    if (end == std::string_view::npos) return false;
    datagram.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace brig::container
