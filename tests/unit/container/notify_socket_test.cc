#include "container/notify_socket.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <csignal>

#include "sys/exec.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/socket.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;
using container::NotifySocket;
using container::says_ready;

TEST_CASE("READY=1 is a line of its own") {
  CHECK(says_ready("READY=1"));
  CHECK(says_ready("READY=1\n"));
  CHECK(says_ready("STATUS=up\nREADY=1\nMAINPID=3"));
  CHECK_FALSE(says_ready(""));
  CHECK_FALSE(says_ready("READY=10"));
  CHECK_FALSE(says_ready("READY=0\n"));
  CHECK_FALSE(says_ready("XREADY=1"));
  CHECK_FALSE(says_ready("STATUS=READY=1"));
}

TEST_CASE("the container gets a read-only mount and the variable") {
  Config config;
  config.process.emplace();
  NotifySocket("/run/host", "/run/brig/x").configure(config);
  REQUIRE(config.mounts.size() == 1);
  CHECK(config.mounts[0].source == "/run/brig/x/notify");
  CHECK(config.mounts[0].destination == "/run/notify");
  CHECK(config.process->env == std::vector<std::string>{"NOTIFY_SOCKET=/run/notify/notify.sock"});
}

TEST_CASE("the host is told once the container is ready, and asked whether it knows") {
  const test::ScratchFolder scratch;
  const std::string deep = scratch.path(std::string(110, 'd'));
  REQUIRE(sys::make_directory_at(AT_FDCWD, deep, 0700));
  const sys::OwnFd host = sys::bind_datagram(deep + "/host").or_throw("bind");
  NotifySocket notify(deep + "/host", deep);
  notify.listen();
  notify.listen();  // as `start` does after `create`
  struct stat info = *sys::stat_at(AT_FDCWD, deep + "/notify/notify.sock");
  CHECK((info.st_mode & 07777U) == 0777);
  const sys::OwnFd client =
      sys::connect_unix(deep + "/notify/notify.sock", SOCK_DGRAM).or_throw("connect");
  sys::send_message(client.get(), "STATUS=starting").or_throw("send");
  sys::send_message(client.get(), std::string(20'000, 'x')).or_throw("send");
  sys::send_message(client.get(), "READY=1\n").or_throw("send");

  const sys::ChildProcess manager = sys::clone_process({.exit_signal = SIGCHLD}).or_throw("clone");
  if (manager.pid == 0) {
    const bool told =
        sys::receive_message(host.get())->bytes == concat("MAINPID=", 4711, "\nREADY=1\n");
    const sys::Result<sys::Received> barrier = sys::receive_message(host.get());
    ::_exit(told && (*barrier).bytes == "BARRIER=1" && (*barrier).fd ? 0 : 1);
  }
  const sys::OwnFd self = sys::open_pidfd(::getpid()).or_throw("pidfd");
  notify.relay(4711, self.get());
  CHECK(notify.fd() == -1);
  CHECK(sys::wait_for_exit(manager.pidfd.get())->shell_status() == 0);
}

TEST_CASE("a container that ends before it is ready ends the relay") {
  const test::ScratchFolder scratch;
  NotifySocket notify("/nonexistent", scratch.path());
  notify.listen();
  const sys::ChildProcess child = sys::clone_process({.exit_signal = SIGCHLD}).or_throw("clone");
  if (child.pid == 0) ::_exit(0);
  notify.relay(child.pid, child.pidfd.get());
  CHECK(sys::wait_for_exit(child.pidfd.get())->shell_status() == 0);
}

TEST_CASE("a host socket that does not exist fails nothing") {
  const test::ScratchFolder scratch;
  NotifySocket notify("/nonexistent", scratch.path());
  notify.listen();
  const sys::OwnFd client =
      sys::connect_unix(scratch.path("notify/notify.sock"), SOCK_DGRAM).or_throw("connect");
  sys::send_message(client.get(), "READY=1").or_throw("send");
  const sys::OwnFd self = sys::open_pidfd(::getpid()).or_throw("pidfd");
  notify.relay(1, self.get());
  CHECK(notify.fd() == -1);
}
