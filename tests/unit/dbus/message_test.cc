#include "dbus/message.h"

#include <doctest/doctest.h>

#include "brig/error.h"

using namespace brig;
using namespace brig::dbus;

namespace {

Message start_unit() {
  Message message;
  message.serial = 7;
  message.path = "/org/freedesktop/systemd1";
  message.interface = "org.freedesktop.systemd1.Manager";
  message.member = "StartTransientUnit";
  message.destination = "org.freedesktop.systemd1";
  make_body(message, {string("a.scope"), string("replace"),
                      array("(sv)", {structure({string("Delegate"), variant(boolean(true))}),
                                     structure({string("PIDs"), variant(array("u", {uint32(42)}))}),
                                     structure({string("MemoryMax"), variant(uint64(1ULL << 40U))}),
                                     structure({string("AllowedCPUs"), variant(bytes("\x05"))})}),
                      array("(sa(sv))", {})});
  return message;
}

Message with_body(std::string signature, std::string body) {
  Message message;
  message.serial = 1;
  message.signature = std::move(signature);
  message.body = std::move(body);
  return message;
}

}  // namespace

TEST_CASE("a message comes back as it was") {
  const Message sent = start_unit();
  const std::string bytes = encode(sent);
  CHECK(message_size(bytes) == bytes.size());
  const Message got = decode(bytes);
  CHECK(got.serial == 7);
  CHECK(got.type == MessageType::kCall);
  CHECK(got.path == sent.path);
  CHECK(got.interface == sent.interface);
  CHECK(got.member == sent.member);
  CHECK(got.destination == sent.destination);
  CHECK(got.signature == "ssa(sv)a(sa(sv))");
  const std::vector<Value> body = read_body(got);
  REQUIRE(body.size() == 4);
  CHECK(body[0].text == "a.scope");
  REQUIRE(body[2].items.size() == 4);
  CHECK(body[2].items[1].items[1].items[0].items[0].number == 42);
  CHECK(body[2].items[2].items[1].items[0].number == 1ULL << 40U);
  CHECK(body[2].items[3].items[1].items[0].text == "\x05");
  CHECK(body[3].items.empty());
}

TEST_CASE("a call has the bytes of the specification") {
  // Written by hand after "Message Format": on a little-endian machine.
  Message message;
  message.serial = 1;
  message.path = "/a";
  message.member = "Hi";
  make_body(message, {string("x"), uint64(2)});
  constexpr char kExpected[] =
      "l\1\0\1"
      "\x10\0\0\0"
      "\1\0\0\0"
      "\x28\0\0\0"
      "\1\1o\0"
      "\2\0\0\0/a\0"
      "\0\0\0\0\0"
      "\3\1s\0"
      "\2\0\0\0Hi\0"
      "\0\0\0\0\0"
      "\x8\1g\0"
      "\2st\0"
      "\0\0\0\0\0\0\0\0"
      "\1\0\0\0x\0"
      "\0\0"
      "\2\0\0\0\0\0\0\0";
  std::string expected(kExpected, sizeof kExpected - 1);
  const std::string bytes = encode(message);
  if (bytes[0] != 'l') return;
  // The last field is not padded in the array's length, but the header is.
  CHECK(bytes.size() == 16 + 40 + 16);
  CHECK(bytes.substr(16, 32) == expected.substr(16, 32));
  CHECK(bytes.substr(56) == expected.substr(expected.size() - 16));
}

TEST_CASE("an array's padding to its first element is not counted") {
  Message message = with_body("", "");
  make_body(message, {array("t", {})});
  CHECK(message.body.size() == 8);
  CHECK(read_body(message)[0].items.empty());
  make_body(message, {array("t", {uint64(9)})});
  CHECK(message.body.size() == 16);
  CHECK(message.body[0] == 8);
  CHECK(read_body(message)[0].items[0].number == 9);
}

TEST_CASE("how long a message is shows in its first sixteen bytes") {
  const std::string bytes = encode(start_unit());
  CHECK_FALSE(message_size(bytes.substr(0, 15)));
  CHECK(message_size(bytes.substr(0, 16)) == bytes.size());
  CHECK(message_size(bytes + "next") == bytes.size());
}

TEST_CASE("every truncation and every damaged byte is refused or read, never more") {
  const std::string bytes = encode(start_unit());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_THROWS_AS((void)decode(bytes.substr(0, size)), Error);
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const char value : {'\0', '\x7f', '\xff', 'a', '('}) {
      std::string damaged = bytes;
      damaged[at] = value;
      try {
        (void)read_body(decode(damaged));
      } catch (const Error&) {
      }
    }
}

TEST_CASE("lengths that lie are refused") {
  std::string bytes = encode(start_unit());
  SUBCASE("huge body") { bytes.replace(4, 4, "\xff\xff\xff\x7f"); }
  SUBCASE("huge header") { bytes.replace(12, 4, "\xff\xff\xff\x7f"); }
  SUBCASE("other byte order") { bytes[0] = bytes[0] == 'l' ? 'B' : 'l'; }
  SUBCASE("other version") { bytes[3] = 2; }
  SUBCASE("no message") { bytes.replace(0, 4, "HTTP"); }
  CHECK_THROWS_AS((void)message_size(bytes), Error);
}

TEST_CASE("a message without what its type must have is refused") {
  Message message;
  message.serial = 1;
  const auto refused = [&] {
    try {
      (void)decode(encode(message));
      return false;
    } catch (const Error&) {
      return true;
    }
  };
  message.type = MessageType::kError;
  message.reply_serial = 1;
  CHECK(refused());
  message.error_name = "org.example.Error";
  CHECK_FALSE(refused());
  message.reply_serial = 0;
  CHECK(refused());
  message.type = MessageType::kReturn;
  CHECK(refused());
  message.reply_serial = 1;
  CHECK_FALSE(refused());
  message.type = MessageType::kSignal;
  message.path = "/a";
  message.member = "B";
  CHECK(refused());
  message.interface = "c.d";
  CHECK_FALSE(refused());
  message.member.clear();
  CHECK(refused());
  message.type = MessageType::kCall;
  CHECK(refused());
}

TEST_CASE("negative numbers of every width stay what they are") {
  Message message = with_body("", "");
  for (const char type : {'n', 'i', 'x'}) {
    const std::vector<Value> sent = {number(type, static_cast<std::uint64_t>(-5))};
    make_body(message, sent);
    CHECK(read_body(message) == sent);
  }
}

TEST_CASE("no message is longer than 1 MiB, since its values take many times the memory") {
  Message message = start_unit();
  make_body(message, {string(std::string(1000000, 'x'))});
  CHECK(decode(encode(message)).body.size() > 1000000);
  make_body(message, {string(std::string(1U << 20U, 'x'))});
  CHECK_THROWS_AS((void)encode(message), Error);
}

TEST_CASE("malformed bodies are refused") {
  const std::string four("\4\0\0\0", 4);
  CHECK_THROWS_AS((void)read_body(with_body("s", four + "abc")), Error);    // beyond the end
  CHECK_THROWS_AS((void)read_body(with_body("s", four + "abcdx")), Error);  // no NUL
  CHECK_THROWS_AS((void)read_body(with_body("s", four + std::string("a\0cd\0", 5))), Error);
  CHECK_THROWS_AS((void)read_body(with_body("u", four + "x")), Error);  // too long
  CHECK_THROWS_AS((void)read_body(with_body("u", "ab")), Error);        // too short
  CHECK_THROWS_AS((void)read_body(with_body("at", four + four + "abcd")),
                  Error);                                                  // half an element
  CHECK_THROWS_AS((void)read_body(with_body("a", four + "abcd")), Error);  // no type
  CHECK_THROWS_AS((void)read_body(with_body("()", "")), Error);
  CHECK_THROWS_AS((void)read_body(with_body("(s", four + "abcd")), Error);
  CHECK_THROWS_AS((void)read_body(with_body("a{vs}", four)), Error);  // key not basic
  CHECK_THROWS_AS((void)read_body(with_body("v", std::string("\2ss\0", 4))), Error);
  // Variants in variants without end.
  std::string nested;
  for (int i = 0; i < 200; ++i) nested += std::string("\1v\0", 3);
  CHECK_THROWS_AS((void)read_body(with_body("v", nested)), Error);
  CHECK_THROWS_AS((void)read_body(with_body(std::string(300, 'a') + "s", four)), Error);
}

TEST_CASE("what cannot be sent is refused") {
  Message message = with_body("", "");
  CHECK_THROWS_AS(make_body(message, {string(std::string_view("a\0b", 3))}), Error);
}

TEST_CASE("dictionaries and what else services send are read") {
  Message message = with_body("", "");
  Value entry = structure({string("ActiveState"), variant(string("active"))});
  entry.type = "{sv}";
  make_body(message, {string("i"), array("{sv}", {entry}), array("s", {})});
  const std::vector<Value> body = read_body(message);
  CHECK(body[1].items[0].items[1].items[0].text == "active");
}
