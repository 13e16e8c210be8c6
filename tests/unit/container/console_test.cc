#include "container/console.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "brig/error.h"
#include "sys/socket.h"
#include "sys/tty.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;
using container::send_descriptor;

namespace {

sys::OwnFd listen_at(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  sys::OwnFd server(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(server.get(), 1) == 0);
  return server;
}

}  // namespace

TEST_CASE("a descriptor is sent with its payload to the engine's socket") {
  const test::ScratchFolder scratch;
  const sys::OwnFd server = listen_at(scratch.path("s"));
  const sys::OwnFd file = sys::open_at(AT_FDCWD, "/dev/null", O_RDONLY).or_throw("open");
  send_descriptor(scratch.path("s"), "--console-socket", file.get(), "/dev/pts/0");
  const sys::OwnFd client(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const sys::Received received = sys::receive_message(client.get()).or_throw("receive");
  CHECK(received.bytes == "/dev/pts/0");
  REQUIRE(received.fd);
  CHECK(sys::stat_fd(received.fd.get())->st_rdev == sys::stat_fd(file.get())->st_rdev);
}

TEST_CASE("a socket that nobody listens on names option and path") {
  CHECK_THROWS_WITH_AS(send_descriptor("/nonexistent/s", "--pidfd-socket", 0, "pidfd"),
                       "--pidfd-socket: connect to /nonexistent/s: no such file or directory",
                       Error);
}

// The kernel's default for devpts lets only root open its own ptmx.
TEST_CASE("a terminal of /dev/pts has the size it was given" *
          doctest::skip(::access("/dev/pts/ptmx", R_OK | W_OK) != 0)) {
  const container::Terminal terminal =
      container::open_terminal(ConsoleSize{.height = 30, .width = 90}, ::geteuid());
  CHECK(terminal.name.starts_with("/dev/pts/"));
  CHECK(::isatty(terminal.slave.get()) == 1);
  CHECK(sys::window_size(terminal.slave.get())->ws_row == 30);
  CHECK(sys::window_size(terminal.slave.get())->ws_col == 90);
}
