#include "sys/spawn.h"

#include <doctest/doctest.h>

using brig::sys::capture_output;

TEST_CASE("the output of a program is both of its streams") {
  auto output = capture_output({"sh", "-c", "echo out; echo err >&2; cat; exit 3"});
  REQUIRE(output);
  CHECK(output->text == "out\nerr\n");
  CHECK(output->status == 3);
}

TEST_CASE("a program killed by a signal has a shell's status") {
  auto output = capture_output({"sh", "-c", "kill -9 $$"});
  REQUIRE(output);
  CHECK(output->status == 128 + 9);
}

TEST_CASE("more output than a pipe holds is read") {
  auto output = capture_output({"head", "-c", "300000", "/dev/zero"});
  REQUIRE(output);
  CHECK(output->text.size() == 300000);
}

TEST_CASE("a program that does not exist is ENOENT") {
  CHECK(capture_output({"/nonexistent/program"}).error() == ENOENT);
}
