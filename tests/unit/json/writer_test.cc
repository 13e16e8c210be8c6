#include "json/writer.h"

#include <doctest/doctest.h>

#include <limits>

#include "json/reader.h"

using brig::json::Document;
using brig::json::Indent;
using brig::json::Writer;

namespace {

std::string sample(Indent indent) {
  Writer out(indent);
  out.object([&] {
    out.member("name", "a/b <c>");
    out.array("numbers", [&] {
      out.value(1);
      out.value(-2);
      out.value(std::numeric_limits<std::uint64_t>::max());
    });
    out.object("empty", [] {});
    out.member("none", std::vector<std::string>{});
    out.member_unless_empty("left out", std::string());
    out.member("on", true);
    out.key("nothing");
    out.null();
  });
  return std::move(out).take();
}

std::string written(std::string_view text) {
  Writer out;
  out.value(text);
  return std::move(out).take();
}

}  // namespace

TEST_CASE("compact output has no blanks") {
  CHECK(sample(Indent::kNone) ==
        R"({"name":"a/b <c>","numbers":[1,-2,18446744073709551615],"empty":{},"none":[],)"
        R"("on":true,"nothing":null})");
}

TEST_CASE("indented output is laid out like Go's") {
  const std::string expected =
      "{\n  \"name\": \"a/b <c>\",\n  \"numbers\": [\n    1,\n    -2,\n    18446744073709551615\n"
      "  ],\n  \"empty\": {},\n  \"none\": [],\n  \"on\": true,\n  \"nothing\": null\n}";
  CHECK(sample(Indent::kTwoSpaces) == expected);
  CHECK(sample(Indent::kTab).find("\n\t\"numbers\": [\n\t\t1,") != std::string::npos);
  CHECK(sample(Indent::kFourSpaces).find("\n    \"numbers\": [\n        1,") != std::string::npos);
}

TEST_CASE("text is escaped only where JSON needs it and always valid UTF-8") {
  CHECK(written("q\" b\\ n\n t\t r\r \x01 /") == R"("q\" b\\ n\n t\t r\r \u0001 /")");
  CHECK(written("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "\"h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"");
  // A lone continuation byte, an overlong slash, a surrogate, a cut sequence.
  CHECK(written("\x80") == "\"\xef\xbf\xbd\"");
  CHECK(written("\xc0\xaf") == "\"\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(written("\xed\xa0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  CHECK(written("a\xe2\x82") == "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("numbers with a fraction are written short, infinite ones as null") {
  Writer out;
  out.array([&] {
    out.value(0.1);
    out.value(std::numeric_limits<double>::infinity());
    out.value(2.5);
  });
  CHECK(std::move(out).take() == "[0.1,null,2.5]");
}

TEST_CASE("what is written can be read") {
  const Document document(sample(Indent::kTab));
  CHECK(document.root().required_string("name") == "a/b <c>");
}
