#include "dbus/connection.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "sys/poll.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;
using namespace std::chrono_literals;

namespace {

// The other end, in the same process: the socket's buffers hold all that is said here.
class Peer {
 public:
  Peer() : path_(folder_.path("bus")), listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), 1) == 0);
  }
  void accept() { socket_.reset(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }
  void say(std::string_view text) const {
    REQUIRE(::send(socket_.get(), text.data(), text.size(), 0) ==
            static_cast<ssize_t>(text.size()));
  }
  std::string hear() const {
    char text[4096];
    const ssize_t got = ::recv(socket_.get(), text, sizeof text, 0);
    return got > 0 ? std::string(text, static_cast<std::size_t>(got)) : std::string();
  }
  void close() { socket_.reset(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  test::ScratchFolder folder_;
  std::string path_;
  sys::OwnFd listener_;
  sys::OwnFd socket_;
};

sys::Deadline soon() { return sys::Deadline::clock::now() + 50ms; }
sys::Deadline late() { return sys::Deadline::clock::now() + 60s; }

dbus::Message signal(const char* member) {
  dbus::Message message;
  message.type = dbus::MessageType::kSignal;
  message.serial = 1;
  message.path = "/a";
  message.interface = "a.b";
  message.member = member;
  return message;
}

}  // namespace

TEST_CASE("the answers of all kinds of peers to the authentication are understood") {
  for (const char* greeting :
       {"DATA\r\nOK 1234\r\n", "OK 1234\r\n", "OK 1234\r\nOK 1234\r\n", "DATA \r\nOK\r\n"}) {
    Peer peer;
    dbus::Connection connection(peer.path(), late());
    peer.accept();
    CHECK(peer.hear() == std::string("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n", 29));
    peer.say(greeting);
    CHECK(connection.send(signal("x"), late()) == 1);
    CHECK(dbus::decode(peer.hear()).member == "x");
    peer.say(dbus::encode(signal("y")));
    CHECK(connection.receive(late())->member == "y");
  }
}

TEST_CASE("messages arrive whole, however they are cut") {
  Peer peer;
  dbus::Connection connection(peer.path(), late());
  peer.accept();
  const std::string all =
      "DATA\r\nOK 1\r\n" + dbus::encode(signal("one")) + dbus::encode(signal("two"));
  for (const char byte : all) peer.say({&byte, 1});
  CHECK(connection.receive(late())->member == "one");
  CHECK(connection.receive(late())->member == "two");
}

TEST_CASE("a peer that is silent, ends, refuses or speaks something else is an error") {
  Peer peer;
  dbus::Connection connection(peer.path(), late());
  peer.accept();
  SUBCASE("silent") {
    CHECK_THROWS_WITH_AS(connection.send(signal("x"), soon()), doctest::Contains("does not answer"),
                         dbus::PeerLost);
  }
  SUBCASE("silent after its greeting") {
    peer.say("OK 1\r\n");
    connection.send(signal("x"), late());
    CHECK_THROWS_AS((void)connection.receive(soon()), dbus::PeerLost);
  }
  SUBCASE("ends") {
    peer.close();
    CHECK_THROWS_AS(connection.send(signal("x"), late()), dbus::PeerLost);
  }
  SUBCASE("refuses") {
    peer.say("REJECTED EXTERNAL\r\n");
    CHECK_THROWS_WITH_AS(connection.send(signal("x"), late()), doctest::Contains("REJECTED"),
                         dbus::PeerLost);
  }
  SUBCASE("another protocol") {
    peer.say("HTTP/1.1 400 Bad Request\r\n");
    CHECK_THROWS_AS(connection.send(signal("x"), late()), dbus::PeerLost);
  }
  SUBCASE("a line without end") {
    peer.say(std::string(20000, 'x'));
    CHECK_THROWS_AS(connection.send(signal("x"), late()), dbus::PeerLost);
  }
  SUBCASE("no message after its greeting") {
    peer.say("OK 1\r\nl" + std::string(100, '\xff'));
    CHECK_THROWS_AS((void)connection.receive(late()), Error);
  }
}

TEST_CASE("another descriptor ends the wait") {
  Peer peer;
  Peer other;
  dbus::Connection connection(peer.path(), late());
  dbus::Connection watched(other.path(), late());
  peer.accept();
  other.accept();
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const sys::OwnFd reader(ends[0]);
  sys::OwnFd writer(ends[1]);
  writer.reset();
  CHECK_FALSE(connection.receive(late(), reader.get()));
  // What is there counts before it.
  peer.say("OK 1\r\n" + dbus::encode(signal("x")));
  CHECK(connection.receive(late(), reader.get())->member == "x");
}

TEST_CASE("nobody listens") {
  const test::ScratchFolder folder;
  try {
    const dbus::Connection connection(folder.path("bus"), late());
    FAIL("connected");
  } catch (const Error& error) {
    CHECK(error.error_number() == ENOENT);
  }
}

TEST_CASE("an error answer has its name and text") {
  dbus::Message message;
  message.type = dbus::MessageType::kError;
  message.error_name = "a.b.NoSuchUnit";
  CHECK(std::string(dbus::call_error(message).what()) == "a.b.NoSuchUnit");
  dbus::make_body(message, {dbus::string("Unit x not loaded.")});
  CHECK(std::string(dbus::call_error(message).what()) == "Unit x not loaded.");
  CHECK(dbus::call_error(message).name() == "a.b.NoSuchUnit");
}
