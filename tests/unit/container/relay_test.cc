#include "container/relay.h"

#include <doctest/doctest.h>

#include <csignal>

#include "sys/fd.h"
#include "tests/unit/container/pty.h"

using namespace brig;
using container::Relay;
using test::Pty;
using test::read_some;

namespace {

struct Setup {
  Pty pty;
  std::pair<sys::OwnFd, sys::OwnFd> input = sys::make_pipe().or_throw("pipe");
  std::pair<sys::OwnFd, sys::OwnFd> output = sys::make_pipe().or_throw("pipe");
  Relay relay{input.first.get(), sys::duplicate(pty.master.get()).or_throw("dup"),
              output.second.get()};
  sys::RawMode raw{pty.slave.get()};  // no echo, no line editing: bytes come as they are

  // One round of the caller's loop; false: nothing was ready.
  bool step(int wait_ms = 200) {
    pollfd watch[Relay::kWatched];
    relay.fill(watch);
    if (::poll(watch, Relay::kWatched, wait_ms) <= 0) return false;
    relay.move(watch);
    return true;
  }
  void run() {
    while (step(50)) {
    }
  }
};

}  // namespace

TEST_CASE("bytes go both ways") {
  Setup setup;
  sys::write_all(setup.input.second.get(), "to the program").or_throw("write");
  setup.run();
  CHECK(read_some(setup.pty.slave.get(), 14) == "to the program");
  sys::write_all(setup.pty.slave.get(), "from the program").or_throw("write");
  setup.run();
  CHECK(read_some(setup.output.first.get(), 16) == "from the program");
}

TEST_CASE("the end of input does not end the output") {
  Setup setup;
  setup.input.second.reset();
  setup.run();
  sys::write_all(setup.pty.slave.get(), "still here").or_throw("write");
  setup.run();
  CHECK(read_some(setup.output.first.get(), 10) == "still here");
}

TEST_CASE("a console that is closed and opened again goes on") {
  Setup setup;
  setup.pty.slave.reset();
  CHECK_FALSE(setup.step(50));
  setup.pty.slave = sys::open_slave(setup.pty.master.get(), O_RDWR).or_throw("slave");
  sys::write_all(setup.pty.slave.get(), "again").or_throw("write");
  setup.run();
  CHECK(read_some(setup.output.first.get(), 5) == "again");
}

TEST_CASE("what was written before the end is carried out, however slow the reader") {
  Setup setup;
  const std::string text(3000, 'x');
  sys::write_all(setup.pty.slave.get(), text).or_throw("write");
  setup.pty.slave.reset();
  // Fill the pipe, so that nothing can be carried out for now.
  sys::set_non_blocking(setup.output.second.get()).or_throw("fcntl");
  std::size_t filled = 0;
  while (::write(setup.output.second.get(), "yyyyyyyyyyyyyyyy", 16) == 16) filled += 16;
  setup.relay.finish();
  CHECK_FALSE(setup.relay.done());
  CHECK_FALSE(setup.step(20));
  CHECK(read_some(setup.output.first.get(), filled).size() == filled);
  while (!setup.relay.done()) REQUIRE(setup.step());
  CHECK(read_some(setup.output.first.get(), text.size()) == text);
}

TEST_CASE("a writer left behind does not keep the relay from its end") {
  Setup setup;
  setup.relay.finish();
  CHECK(setup.relay.done());
}

TEST_CASE("a reader that is gone hangs the terminal up") {
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  Setup setup;
  setup.output.first.reset();
  sys::write_all(setup.pty.slave.get(), "lost").or_throw("write");
  setup.run();
  CHECK(setup.relay.master() == -1);
  setup.pty.master.reset();
  CHECK(sys::write_all(setup.pty.slave.get(), "dropped").error() == EIO);
  setup.relay.finish();
  CHECK(setup.relay.done());
  ::signal(SIGPIPE, old);
}
