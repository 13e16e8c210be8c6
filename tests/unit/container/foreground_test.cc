#include "container/foreground.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <csignal>

#include "container/notify_socket.h"
#include "sys/exec.h"
#include "sys/reaper.h"
#include "sys/socket.h"
#include "tests/unit/container/pty.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;
using container::decide_signal;
using container::Foreground;
using container::SignalAction;

namespace {

sys::ChildProcess shell(const std::string& script, int output = STDOUT_FILENO) {
  return sys::spawn({.path = "/bin/sh",
                     .args = {"sh", "-c", script},
                     .input = STDIN_FILENO,
                     .output = output,
                     .error = STDERR_FILENO})
      .or_throw("spawn");
}

sys::ExitStatus status_of(Foreground& foreground, const sys::ChildProcess& child) {
  return foreground.wait({.pid = child.pid, .pidfd = child.pidfd.get()});
}

bool is_blocked(int signal) {
  sigset_t now;
  sigprocmask(SIG_SETMASK, nullptr, &now);
  return sigismember(&now, signal) == 1;
}

}  // namespace

TEST_CASE("signals are forwarded but for those that mean brig itself") {
  CHECK(decide_signal(SIGTERM, false) == SignalAction::kForward);
  CHECK(decide_signal(SIGTERM, true) == SignalAction::kForward);
  CHECK(decide_signal(SIGTSTP, false) == SignalAction::kForward);
  CHECK(decide_signal(SIGRTMIN + 3, false) == SignalAction::kForward);
  CHECK(decide_signal(SIGPIPE, false) == SignalAction::kForward);
  CHECK(decide_signal(SIGPIPE, true) == SignalAction::kDrop);
  CHECK(decide_signal(SIGURG, false) == SignalAction::kDrop);
  CHECK(decide_signal(SIGCHLD, false) == SignalAction::kReap);
  CHECK(decide_signal(SIGWINCH, false) == SignalAction::kResize);
}

TEST_CASE("the mask and the subreaper setting are as before afterwards") {
  const bool before = *sys::is_child_subreaper();
  {
    const Foreground foreground(true);
    CHECK(is_blocked(SIGTERM));
    CHECK(*sys::is_child_subreaper());
  }
  CHECK_FALSE(is_blocked(SIGTERM));
  CHECK(*sys::is_child_subreaper() == before);
}

TEST_CASE("the exit status or the killing signal is returned") {
  for (const bool subreaper : {false, true}) {
    CAPTURE(subreaper);
    Foreground foreground(subreaper);
    const sys::ChildProcess exits = shell("exit 42");
    CHECK(status_of(foreground, exits).shell_status() == 42);
    const sys::ChildProcess killed = shell("kill -KILL $$");
    CHECK(status_of(foreground, killed).shell_status() == 137);
  }
}

TEST_CASE("a signal that came before the wait reaches the process") {
  auto [reader, writer] = sys::make_pipe().or_throw("pipe");
  Foreground foreground(false);
  const sys::ChildProcess child =
      shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done", writer.get());
  CHECK(test::read_some(reader.get(), 6) == "ready\n");
  ::kill(::getpid(), SIGTERM);
  CHECK(status_of(foreground, child).shell_status() == 7);
}

TEST_CASE("orphans are reaped by a subreaper only, and other children are left alone otherwise") {
  {
    Foreground foreground(true);
    const sys::ChildProcess child = shell("(sleep 0.1; exit 3) & (exit 4) & exec sleep 0.3");
    CHECK(status_of(foreground, child).shell_status() == 0);
    CHECK_FALSE(sys::reap_any_child());
  }
  Foreground foreground(false);
  const sys::ChildProcess unrelated = shell("exit 5");
  const sys::ChildProcess child = shell("sleep 0.2; exit 6");
  CHECK(status_of(foreground, child).shell_status() == 6);
  CHECK(sys::wait_for_exit(unrelated.pidfd.get())->shell_status() == 5);
}

TEST_CASE("READY=1 of the container is passed on while waiting") {
  const test::ScratchFolder scratch;
  const sys::OwnFd host = sys::bind_datagram(scratch.path("host")).or_throw("bind");
  container::NotifySocket notify(scratch.path("host"), scratch.path());
  notify.listen();
  const sys::OwnFd client =
      sys::connect_unix(scratch.path("notify/notify.sock"), SOCK_DGRAM).or_throw("connect");
  sys::send_message(client.get(), "STATUS=x\nREADY=1").or_throw("send");
  Foreground foreground(false);
  const sys::ChildProcess child = shell("sleep 0.1");
  CHECK(foreground.wait({.pid = child.pid, .pidfd = child.pidfd.get(), .notify = &notify})
            .shell_status() == 0);
  CHECK(sys::receive_message(host.get())->bytes == concat("MAINPID=", ::getpid(), "\nREADY=1\n"));
  CHECK(notify.fd() == -1);
}
