#include "dbus/text.h"

#include <doctest/doctest.h>

#include <bit>

#include "brig/error.h"

using namespace brig;
using namespace brig::dbus;

TEST_CASE("numbers have the type that is written before them, else int32 or double") {
  CHECK(parse_text("15") == int32(15));
  CHECK(parse_text(" -3 ") == int32(-3));
  CHECK(parse_text("uint64 5000000") == uint64(5000000));
  CHECK(parse_text("uint64 0xff") == uint64(255));
  CHECK(parse_text("uint32 010") == uint32(8));
  CHECK(parse_text("@t 7") == uint64(7));
  CHECK(parse_text("int64 -9223372036854775808") == number('x', 0x8000000000000000U));
  CHECK(parse_text("uint64 18446744073709551615") == uint64(UINT64_MAX));
  CHECK(parse_text("byte 255") == number('y', 255));
  CHECK(parse_text("1.5") == number('d', std::bit_cast<std::uint64_t>(1.5)));
  CHECK(parse_text("double 2") == number('d', std::bit_cast<std::uint64_t>(2.0)));
}

TEST_CASE("numbers that do not fit are refused") {
  for (const char* text :
       {"2147483648", "-2147483649", "byte 256", "uint32 -1", "uint64 18446744073709551616",
        "int16 32768", "09", "1x", "uint64", "uint64 'x'", "@t true", "@z 1", "--1", "1.2.3"})
    CHECK_THROWS_WITH_AS((void)parse_text(text), doctest::Contains("not a GVariant text"), Error);
}

TEST_CASE("strings with either quote, escapes and types") {
  CHECK(parse_text("'a b'") == string("a b"));
  CHECK(parse_text("\"it's\"") == string("it's"));
  CHECK(parse_text(R"('it\'s\n\u00e9')") == string("it's\n\xc3\xa9"));
  CHECK(parse_text("objectpath '/a'").type == "o");
  CHECK(parse_text("b'hi'") == bytes(std::string_view("hi\0", 3)));
  for (const char* text : {"'a", "'a\\", "'\\u12'", "'a' 'b'", "a", "'\\u0000'"})
    CHECK_THROWS_AS((void)parse_text(text), Error);
}

TEST_CASE("words") {
  CHECK(parse_text("true") == boolean(true));
  CHECK(parse_text("false") == boolean(false));
  CHECK(parse_text("boolean true") == boolean(true));
  CHECK_THROWS_AS((void)parse_text("True"), Error);
  CHECK_THROWS_AS((void)parse_text(""), Error);
  CHECK_THROWS_AS((void)parse_text("  "), Error);
}

TEST_CASE("arrays take their type from the first element") {
  CHECK(parse_text("['crio.service']") == array("s", {string("crio.service")}));
  CHECK(parse_text("[ 'a' , 'b' ]") == array("s", {string("a"), string("b")}));
  CHECK(parse_text("[uint64 1, 2]") == array("t", {uint64(1), uint64(2)}));
  CHECK(parse_text("@as []") == array("s", {}));
  CHECK(parse_text("[('a', uint64 1), ('b', 2)]") ==
        array("(st)", {structure({string("a"), uint64(1)}), structure({string("b"), uint64(2)})}));
  CHECK(parse_text("[byte 1, 2]") == bytes("\1\2"));
  CHECK(parse_text("[['a'], @as []]").type == "aas");
  for (const char* text : {"[]", "['a', 1]", "['a'", "['a',]", "['a' 'b']", "@as [1]", "@s ['a']"})
    CHECK_THROWS_AS((void)parse_text(text), Error);
}

TEST_CASE("tuples and variants") {
  CHECK(parse_text("('a', 1)") == structure({string("a"), int32(1)}));
  CHECK(parse_text("('a',)") == structure({string("a")}));
  CHECK(parse_text("@(st) ('a', 1)") == structure({string("a"), uint64(1)}));
  CHECK(parse_text("<'a'>") == variant(string("a")));
  for (const char* text : {"()", "('a'", "@(st) ('a')", "@(s) ('a', 1)", "<'a'", "{'a': 1}"})
    CHECK_THROWS_AS((void)parse_text(text), Error);
}

TEST_CASE("nesting has an end") {
  CHECK_THROWS_AS((void)parse_text(std::string(100000, '[')), Error);
  CHECK_THROWS_AS((void)parse_text(std::string(100000, '<')), Error);
  std::string types;
  for (int i = 0; i < 100000; ++i) types += "uint64 ";
  CHECK_THROWS_AS((void)parse_text(types + "1"), Error);
}
