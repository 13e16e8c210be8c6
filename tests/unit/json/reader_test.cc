#include "json/reader.h"

#include <doctest/doctest.h>

#include "base/concat.h"
#include "brig/error.h"

using brig::concat;
using brig::Error;
using brig::json::Document;
using brig::json::Value;
using brig::json::Word;

namespace {

// The line of the Error that `action` throws, or "no error".
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string parse_error(std::string_view text) {
  return error_of([&] { const Document document(text); });
}

enum class Fruit { kApple, kPear };
constexpr std::array<Word<Fruit>, 2> kFruits{{{"apple", Fruit::kApple}, {"pear", Fruit::kPear}}};

std::string nested(int depth) {
  const auto count = static_cast<std::size_t>(depth);
  return std::string(count, '[') + std::string(count, ']');
}

}  // namespace

TEST_CASE("text that is no JSON gives line, column and cause") {
  using namespace std::string_view_literals;
  CHECK(parse_error("") == "invalid JSON: the text is empty");
  CHECK(parse_error("{\n  \"a\": 1,\n  \"b\" 2\n}") ==
        "line 3, column 7: invalid JSON: missing a colon after a name of object member");
  CHECK(parse_error("{\"a\": \"x\\ny\",\n!}") ==
        "line 2, column 1: invalid JSON: missing a name for object member (a comma too many?)");
  CHECK(parse_error("{} x") ==
        "line 1, column 4: invalid JSON: the document root must not be followed by other values");
  CHECK(parse_error("{\"a\": \"\xff\"}").find("invalid encoding in string") != std::string::npos);
  // Long enough for a heap of its own, whose end AddressSanitizer watches.
  for (const std::string_view start :
       {"\xF0"sv, "\xF0\x9F"sv, "\xF0\x9F\x98"sv, "\xC3"sv, "\xED"sv})
    CHECK(parse_error(concat("{\"", std::string(64, 'a'), start))
              .find("invalid encoding in string") != std::string::npos);
  CHECK(parse_error("\xEF\xBB\xBF{}") ==
        "line 1, column 1: invalid JSON: invalid value (the text starts with a byte order mark: "
        "remove it)");
  CHECK(parse_error("{\"a\":1}\0garbage"sv) == "line 1, column 8: invalid JSON: NUL byte");
  CHECK(parse_error("{\"a\":").find("line 1, column 6: invalid JSON") == 0);
}

TEST_CASE("nesting is limited, however deep it is") {
  CHECK(parse_error(nested(Document::kMaxDepth)) == "no error");
  CHECK(parse_error(nested(Document::kMaxDepth + 1)) ==
        "line 1, column 65: nested deeper than 64 levels");
  CHECK(parse_error(std::string(1'000'000, '[')).find("nested deeper than 64 levels") !=
        std::string::npos);
}

TEST_CASE("members are read, null counts as absent and the last duplicate wins") {
  const Document document(R"({"s":"a\u00e9/","e":"","n":null,"t":true,"i":-3,"d":1,"d":2,
    "list":["x","y"],"map":{"k":"v","k":"w"},"o":{"x":1}})");
  const Value& in = document.root();
  CHECK(in.required_string("s") == "a\xc3\xa9/");
  CHECK(in.string("e").empty());
  CHECK(in.optional_string("e") == "");
  CHECK(in.string("n").empty());
  CHECK(in.optional_string("n") == std::nullopt);
  CHECK(in.optional_string("absent") == std::nullopt);
  CHECK(in.boolean("t"));
  CHECK_FALSE(in.boolean("absent"));
  CHECK(in.optional_boolean("absent") == std::nullopt);
  CHECK(in.integer<int>("i") == -3);
  CHECK(in.integer<int>("absent") == 0);
  CHECK(in.optional_integer<int>("n") == std::nullopt);
  CHECK(in.integer<int>("d") == 2);
  CHECK(in.strings("list") == std::vector<std::string>{"x", "y"});
  CHECK(in.strings("n").empty());
  CHECK(in.string_map("map") == std::map<std::string, std::string>{{"k", "w"}});
  CHECK(in.optional("o", [](const Value& o) { return o.integer<int>("x"); }) == 1);
  int visited = 0;
  in.each("list", [&](const Value& item) { visited += item.as_text() == "y" ? 10 : 1; });
  CHECK(visited == 11);
}

TEST_CASE("integers reach to the ends of their type") {
  const Document document(
      R"({"u64":18446744073709551615,"i64":-9223372036854775808,"u16":65535,"i32":-2147483648})");
  const Value& in = document.root();
  CHECK(in.integer<std::uint64_t>("u64") == UINT64_MAX);
  CHECK(in.integer<std::int64_t>("i64") == INT64_MIN);
  CHECK(in.integer<std::uint16_t>("u16") == 65535);
  CHECK(in.integer<std::int32_t>("i32") == INT32_MIN);
}

TEST_CASE("words come from a table") {
  const Document document(R"({"f":"pear"})");
  CHECK(document.root().required_word("f", kFruits) == Fruit::kPear);
  CHECK(document.root().optional_word("absent", kFruits) == std::nullopt);
}

TEST_CASE("errors name the path, what was expected and what is there") {
  const Document document(R"({"a":{"b":[{"c":"text"},{"c":-1},{"c":1.5},{"c":70000},
    {"c":99999999999999999999},{"c":[]},{"c":{}},{"c":true},{"c":null}]},
    "m":{"x.y":1},"f":"plum","nul":"a\u0000b","s":["a",3]})");
  const Value& in = document.root();
  const Value a = in.require("a");
  std::vector<std::string> errors;
  a.each("b", [&](const Value& item) {
    errors.push_back(
        error_of([&] { static_cast<void>(item.required_integer<std::uint16_t>("c")); }));
  });
  CHECK(errors == std::vector<std::string>{
                      "a.b[0].c: expected an integer, got a string",
                      "a.b[1].c: -1 is out of range (expected 0 to 65535)",
                      "a.b[2].c: expected an integer, got a number with a fraction or exponent",
                      "a.b[3].c: 70000 is out of range (expected 0 to 65535)",
                      "a.b[4].c: the number is out of range (expected 0 to 65535)",
                      "a.b[5].c: expected an integer, got an array",
                      "a.b[6].c: expected an integer, got an object",
                      "a.b[7].c: expected an integer, got a boolean",
                      "a.b[8].c: required property is missing",
                  });
  const auto error = [&](auto&& action) { return error_of([&] { static_cast<void>(action()); }); };
  CHECK(error([&] { return in.string_map("m"); }) ==
        "m[\"x.y\"]: expected a string, got an integer");
  CHECK(error([&] { return in.required_word("f", kFruits); }) ==
        "f: unknown value \"plum\" (expected one of apple, pear)");
  CHECK(error([&] { return in.string("nul"); }) == "nul: contains a NUL character");
  CHECK(error([&] { return in.strings("s"); }) == "s[1]: expected a string, got an integer");
  CHECK(error([&] { return in.strings("f"); }) == "f: expected an array, got a string");
  CHECK(error([&] { return in.boolean("f"); }) == "f: expected a boolean, got a string");
  CHECK(error([&] { return in.require("f").string("x"); }) ==
        "f: expected an object, got a string");
  CHECK(error([&] { return in.required_string("gone"); }) == "gone: required property is missing");
  CHECK(error([] { return Document("[1]").root().string("x"); }) ==
        "expected an object, got an array");
}

TEST_CASE("a member's text is told apart from what looks like it") {
  const auto text_of = [](std::string_view key, std::string_view text) {
    return Document(text).text_of(key, text);
  };
  const std::string_view text =
      R"( {"a":{"key":1,"b":["key",{"key":2}]},"c":"key","d":"\"key\":3,{[","key" : [ "}",{"x":"]"} ] ,"e":"\\" } )";
  CHECK(text_of("key", text) == R"( [ "}",{"x":"]"} ] )");
  CHECK(text_of("e", text) == R"("\\" )");
  CHECK(text_of("c", text) == R"("key")");
  CHECK(text_of("a", text) == R"({"key":1,"b":["key",{"key":2}]})");
  CHECK_FALSE(text_of("x", text));
  CHECK_FALSE(text_of("b", text));
  // The last one counts, in any spelling; null is absent.
  CHECK(text_of("key", R"({"key":1,"key":{"y":2}})") == R"({"y":2})");
  CHECK(text_of("k:y", R"({"k:y":1,"k\u003Ay":2,"\":":3})") == "2");
  CHECK(text_of("key", R"({"key":"a",",b":2})") == R"("a")");
  CHECK_FALSE(text_of("key", R"({"key":1,"key":null})"));
  CHECK_FALSE(text_of("key", R"(["key"])"));
}
