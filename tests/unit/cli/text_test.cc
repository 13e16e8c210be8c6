// The small pure functions on text: one_line.h, pattern.h, ps_table.h.
#include <doctest/doctest.h>

#include "brig/error.h"
#include "cli/one_line.h"
#include "cli/pattern.h"
#include "cli/ps_table.h"

using namespace brig::cli;
using Words = std::vector<std::string>;

TEST_CASE("a message is exactly one line") {
  CHECK(one_line("plain \u00e9 text") == "plain \u00e9 text");
  CHECK(one_line("a\nb\tc\rd\n\n") == "a\\nb\\tc\\rd");
  CHECK(one_line(std::string_view("\x1b[31m\x7f\0", 7)) == "\\x1b[31m\\x7f\\x00");
  CHECK(one_line("").empty());
}

TEST_CASE("of a line that nobody would read, the beginning and the end are kept") {
  CHECK(one_line(std::string(kLongestLine, 'x')).size() == kLongestLine);
  const std::string line =
      one_line("process.args: " + std::string(1000000, '\n') + ": no such file");
  CHECK(line.size() <= kLongestLine);
  CHECK(line.starts_with("process.args: \\n\\n"));
  CHECK(line.ends_with("\\n\\n: no such file"));
  CHECK(line.find(" ... (1992028 bytes left out) ... ") != std::string::npos);
}

TEST_CASE("a pattern matches anywhere, as an extended regular expression") {
  const Words names = {"web1", "web2", "db1"};
  CHECK(matching(names, "web") == Words{"web1", "web2"});
  CHECK(matching(names, "1$") == Words{"web1", "db1"});
  CHECK(matching(names, "^(db|x).") == Words{"db1"});
  CHECK(matching(names, "none").empty());
  CHECK(matching({}, ".*").empty());
}

TEST_CASE("a broken pattern is an error with the reason") {
  try {
    matching({"a"}, "(");
    FAIL("accepted");
  } catch (const brig::Error& error) {
    CHECK(std::string(error.what()).starts_with("invalid regular expression \"(\": "));
  }
}

TEST_CASE("ps shows the container's processes under the header it printed") {
  const std::string output =
      "UID          PID    PPID  C STIME TTY          TIME CMD\n"
      "root           1       0  0 01:00 ?        00:00:01 /sbin/init 42\n"
      "root          42       1  0 01:00 ?        00:00:00 sleep 1\n"
      "root         420       1  0 01:00 ?        00:00:00 sleep 2\n";
  CHECK(select_processes(output, {42, 7}) ==
        "UID          PID    PPID  C STIME TTY          TIME CMD\n"
        "root          42       1  0 01:00 ?        00:00:00 sleep 1\n");
  CHECK(select_processes("  PID TTY\n    5 ?\n\n    6 ?", {6}) == "  PID TTY\n    6 ?\n");
  CHECK(select_processes("PID\n", {}) == "PID\n");
}

TEST_CASE("ps without usable pids is an error") {
  CHECK_THROWS_WITH_AS(select_processes("CMD\nsleep\n", {1}),
                       "ps printed no column PID: ask it for one, as with -ef", brig::Error);
  CHECK_THROWS_WITH_AS(select_processes("PID\nx\n", {1}), "ps printed \"x\" in its column PID",
                       brig::Error);
}
