#include "container/handshake.h"

#include <doctest/doctest.h>

#include <string>

#include "sys/socket.h"

using namespace brig;
using namespace brig::container;

TEST_CASE("the shortest handshake is Ready and Proceed") {
  Sequence sequence({});
  CHECK(sequence.next() == Step{Side::kContainer, Message::kReady});
  sequence.advance(Side::kContainer, Message::kReady);
  CHECK(sequence.next() == Step{Side::kHost, Message::kProceed});
  sequence.advance(Side::kHost, Message::kProceed);
  CHECK_FALSE(sequence.next());
}

TEST_CASE("the longest handshake has every step in the order of the table") {
  Sequence sequence({.id_maps = true,
                     .network = true,
                     .late_cgroup = true,
                     .hooks = true,
                     .console = true,
                     .listener = true,
                     .executes_at_once = true});
  const Step expected[] = {
      {Side::kContainer, Message::kNeedIdMaps},    {Side::kHost, Message::kIdMapsWritten},
      {Side::kHost, Message::kNetworkReady},       {Side::kHost, Message::kCgroupReady},
      {Side::kContainer, Message::kNeedHooks},     {Side::kHost, Message::kHooksDone},
      {Side::kContainer, Message::kConsoleMaster}, {Side::kContainer, Message::kSeccompListener},
      {Side::kContainer, Message::kReady},         {Side::kHost, Message::kProceed},
      {Side::kContainer, Message::kExecuting}};
  for (const Step& step : expected) {
    REQUIRE(sequence.next() == step);
    sequence.advance(step.sender, step.message);
  }
  CHECK_FALSE(sequence.next());
}

TEST_CASE("a message out of turn, from the wrong side or after the end is refused by name") {
  Sequence sequence({.hooks = true});
  CHECK_THROWS_WITH(sequence.advance(Side::kContainer, Message::kReady),
                    "handshake: got Ready where NeedHooks was due");
  CHECK_THROWS_AS(sequence.advance(Side::kHost, Message::kNeedHooks), Error);
  sequence.advance(Side::kContainer, Message::kNeedHooks);
  sequence.advance(Side::kHost, Message::kHooksDone);
  sequence.advance(Side::kContainer, Message::kReady);
  sequence.advance(Side::kHost, Message::kProceed);
  CHECK_THROWS_WITH(sequence.advance(Side::kContainer, Message::kExecuting),
                    "handshake: got Executing where nothing was due");
}

namespace {

struct Ends {
  Channel host;
  Channel init;
};

Ends connect(const SequenceOptions& options) {
  auto [host, init] = sys::make_seqpacket_pair().or_throw("make a socket pair");
  return {Channel(std::move(host), Side::kHost, options),
          Channel(std::move(init), Side::kContainer, options)};
}

}  // namespace

TEST_CASE("both ends talk through the whole sequence, descriptors included") {
  Ends ends = connect({.console = true, .executes_at_once = true});
  ends.init.send(Message::kConsoleMaster, "/dev/pts/0", ends.init.fd());
  CHECK(ends.host.expects(Message::kConsoleMaster));
  const container::Received terminal = ends.host.receive(Message::kConsoleMaster);
  CHECK(terminal.text == "/dev/pts/0");
  CHECK(terminal.fd);
  ends.init.send(Message::kReady);
  ends.host.receive(Message::kReady);
  ends.host.send(Message::kProceed);
  ends.init.receive(Message::kProceed);
  ends.init.send(Message::kExecuting);
  ends.init.close();
}

TEST_CASE("the container side gets a descriptor too") {
  Ends ends = connect({.network = true});
  ends.host.send(Message::kNetworkReady, {}, ends.host.fd());
  CHECK(ends.init.receive(Message::kNetworkReady).fd);
}

TEST_CASE("who sends to a side that has failed gets its failure, not that it has gone") {
  Ends ends = connect({.network = true});
  ends.init.send_failure("it broke", ENODEV);
  ends.init.close();
  CHECK_THROWS_WITH_AS(ends.host.send(Message::kNetworkReady), "it broke", container::PeerFailure);
  Ends silent = connect({.network = true});
  silent.init.close();
  CHECK_THROWS_AS(silent.host.send(Message::kNetworkReady), container::PeerGone);
}

TEST_CASE("a message that the caller sends itself takes its turn all the same") {
  Ends ends = connect({.listener = true});
  const std::string message = ends.init.take_turn(Message::kSeccompListener);
  sys::send_message(ends.init.fd(), message, ends.init.fd()).or_throw("send");
  CHECK(ends.host.expects(Message::kSeccompListener));
  CHECK(ends.host.receive(Message::kSeccompListener).fd);
  ends.init.send(Message::kReady);
  ends.host.receive(Message::kReady);
}

TEST_CASE("execution is seen as the end of the stream after Executing") {
  Ends ends = connect({.executes_at_once = true});
  ends.init.send(Message::kReady);
  ends.host.receive(Message::kReady);
  ends.host.send(Message::kProceed);
  ends.init.receive(Message::kProceed);
  ends.init.send(Message::kExecuting);
  SUBCASE("executed") {
    ends.init.close();
    CHECK_NOTHROW(ends.host.wait_executed());
  }
  SUBCASE("execve failed") {
    ends.init.send_failure("exec: \"x\": permission denied", EACCES);
    CHECK_THROWS_WITH_AS(ends.host.wait_executed(), "exec: \"x\": permission denied", PeerFailure);
  }
}

TEST_CASE("where nothing is to be published Proceed goes ahead") {
  Ends ends = connect({.executes_at_once = true, .proceeds_ahead = true});
  ends.host.receive_ready();
  ends.host.send(Message::kProceed);
  ends.init.send_ready();
  ends.init.receive(Message::kProceed);
  SUBCASE("executed") {
    ends.init.send(Message::kExecuting);
    ends.init.close();
    CHECK_NOTHROW(ends.host.wait_executed());
  }
  SUBCASE("killed") {
    ends.init.close();
    CHECK_THROWS_AS(ends.host.wait_executed(), PeerGone);
  }
  SUBCASE("failed") {
    ends.init.send_failure("it broke", EIO);
    CHECK_THROWS_WITH_AS(ends.host.wait_executed(), "it broke", PeerFailure);
  }
}

TEST_CASE("a killed peer is not taken for one that executed its program") {
  Ends ends = connect({.executes_at_once = true});
  ends.init.send(Message::kReady);
  ends.host.receive(Message::kReady);
  ends.host.send(Message::kProceed);
  ends.init.close();
  CHECK_THROWS_AS(ends.host.wait_executed(), PeerGone);
}

TEST_CASE("whoever waits asks again and again whether to go on") {
  static int asked = 0;
  Patience patience;
  patience.interval = std::chrono::milliseconds(1);
  patience.freeze.emplace(0, [](pid_t /*process*/) {
    if (++asked == 3) throw Error("enough");
    return std::string();
  });
  Ends ends = connect({});
  ends.host.wait_with(patience);
  CHECK_THROWS_WITH(ends.host.receive(Message::kReady), "enough");
  CHECK(asked == 3);
  ends.init.send(Message::kReady);
  ends.host.receive(Message::kReady);
  CHECK(asked == 3);
}

TEST_CASE("a failure without a text is an error that has one") {
  Ends ends = connect({});
  SUBCASE("empty") { ends.init.send_failure("", 0); }
  SUBCASE("an empty line") { ends.init.send_failure("\n", 0); }
  SUBCASE("a NUL byte first") { ends.init.send_failure(std::string_view("\0x", 2), 0); }
  CHECK_THROWS_WITH_AS(ends.host.receive(Message::kReady),
                       "handshake: got a Failure that says nothing", Error);
}

TEST_CASE("a failure arrives whole, with its errno, wherever it is sent") {
  Ends ends = connect({.hooks = true});
  ends.init.send_failure("mounts[3] (/proc): mount proc: operation not permitted", EPERM);
  try {
    ends.host.receive(Message::kNeedHooks);
    FAIL("nothing was thrown");
  } catch (const PeerFailure& failure) {
    CHECK(std::string(failure.what()) == "mounts[3] (/proc): mount proc: operation not permitted");
    CHECK(failure.error_number() == EPERM);
  }
}
