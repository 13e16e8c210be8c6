#include "base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "brig/error.h"

using namespace brig;
using log::Format;
using log::format_line;
using log::Level;

namespace {

constexpr timespec kNow = {1'767'323'045, 6};

std::string json(std::string_view message) {
  return format_line(Format::kJson, Level::kError, message, kNow);
}

std::string contents(const std::string& path) {
  char data[4096];
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t got = ::read(fd, data, sizeof data);
  ::close(fd);
  return got < 0 ? "" : std::string(data, static_cast<std::size_t>(got));
}

}  // namespace

TEST_CASE("a line has the level, the message and the time with nanoseconds") {
  CHECK(format_line(Format::kText, Level::kWarning, "mount /x: busy", kNow) ==
        "time=\"2026-01-02T03:04:05.000000006Z\" level=warning msg=\"mount /x: busy\"\n");
  CHECK(format_line(Format::kJson, Level::kDebug, "ready", {kNow.tv_sec, 999'999'999}) ==
        "{\"level\":\"debug\",\"msg\":\"ready\",\"time\":\"2026-01-02T03:04:05.999999999Z\"}\n");
  CHECK(json("x").find(R"("level":"error")") != std::string::npos);
}

TEST_CASE("a message is escaped so that it stays one line and one string") {
  struct Case {
    const char* message;
    const char* json;
    const char* text;
  };
  const Case cases[] = {
      {"say \"no\"", R"("say \"no\"")", R"("say \"no\"")"},
      {"a\\b", R"("a\\b")", R"("a\\b")"},
      {"one\ntwo\r\tthree", R"("one\ntwo\r\tthree")", R"("one\ntwo\r\tthree")"},
      {"\x01\x1b\x7f", R"("\u0001\u001b\u007f")", R"("\x01\x1b\x7f")"},
      {"/usr/bin/\xc3\xa4 \xf0\x9f\x90\xb3", "\"/usr/bin/\xc3\xa4 \xf0\x9f\x90\xb3\"",
       "\"/usr/bin/\xc3\xa4 \xf0\x9f\x90\xb3\""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.message);
    CHECK(json(one.message).find(one.json) != std::string::npos);
    CHECK(format_line(Format::kText, Level::kInfo, one.message, kNow).find(one.text) !=
          std::string::npos);
  }
}

TEST_CASE("bytes that are no UTF-8 are replaced one by one") {
  const char* broken[] = {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
                          "\xc3", "\xe2\x82"};
  for (const char* bytes : broken) {
    std::string expected = "\"";
    for (const char* at = bytes; *at != '\0'; ++at) expected += "\xEF\xBF\xBD";
    CHECK(json(bytes).find(expected + "\"") != std::string::npos);
  }
  CHECK(json("\xc3(").find("\xEF\xBF\xBD(") != std::string::npos);
}

TEST_CASE("messages below the level are dropped and the file is appended to") {
  char name[] = "/tmp/brig-log-XXXXXX";
  const int fd = ::mkstemp(name);
  REQUIRE(::write(fd, "before\n", 7) == 7);
  ::close(fd);
  CHECK_FALSE(log::enabled(Level::kError));
  log::configure({name, Format::kText, Level::kWarning});
  CHECK(log::enabled(Level::kWarning));
  CHECK_FALSE(log::enabled(Level::kInfo));
  log::debug("not this");
  log::warning("but this");
  log::disable();
  log::warning("nor this");
  const std::string text = contents(name);
  ::unlink(name);
  CHECK(text.starts_with("before\ntime="));
  CHECK(text.ends_with("level=warning msg=\"but this\"\n"));
  CHECK(text.find("not this") == std::string::npos);
}

TEST_CASE("a log file that cannot be opened is named") {
  CHECK_THROWS_WITH_AS(log::configure({"/nonexistent/brig.log", Format::kJson, Level::kError}),
                       "open log file /nonexistent/brig.log: no such file or directory", Error);
  CHECK_FALSE(log::enabled(Level::kError));
}
