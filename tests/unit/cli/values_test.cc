#include "cli/values.h"

#include <doctest/doctest.h>

using namespace brig::cli;
using namespace std::chrono_literals;

TEST_CASE("sizes take fractions and binary units") {
  CHECK(parse_size("0") == 0);
  CHECK(parse_size("1234") == 1234);
  CHECK(parse_size("9223372036854771712") == 9223372036854771712);
  CHECK(parse_size("7b") == 7);
  CHECK(parse_size("1k") == 1024);
  CHECK(parse_size("1K") == 1024);
  CHECK(parse_size("2kb") == 2048);
  CHECK(parse_size("512M") == 512LL << 20);
  CHECK(parse_size("512 MiB") == 512LL << 20);
  CHECK(parse_size("1.5g") == 3LL << 29);
  CHECK(parse_size("1t") == 1LL << 40);
  CHECK(parse_size("1P") == 1LL << 50);
  CHECK(parse_size("-1") == -1);
}

TEST_CASE("what is no size is refused") {
  for (const char* text : {"", "k", "-2", "-1k", "1x", "1kk", "1mm", "1kib2", "1e3", "0x10",
                           "1.2.3", ".", "1  k", " 1", "nan", "9223372036854775808", "99999999p"})
    CHECK_MESSAGE(!parse_size(text), text);
}

TEST_CASE("durations are Go's") {
  CHECK(parse_duration("0") == 0ns);
  CHECK(parse_duration("5s") == 5s);
  CHECK(parse_duration("100ms") == 100ms);
  CHECK(parse_duration("1m30s") == 90s);
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("1h0m0.5s") == 3600500ms);
  CHECK(parse_duration("250us") == 250us);
  CHECK(parse_duration("250\u00b5s") == 250us);
  CHECK(parse_duration("250\u03bcs") == 250us);
  CHECK(parse_duration("7ns") == 7ns);
}

TEST_CASE("what is no duration is refused") {
  for (const char* text :
       {"", "5", "s", "5x", "5 s", "-5s", "5s3", "1..5s", ".s", "1e9s", "9999999h"})
    CHECK_MESSAGE(!parse_duration(text), text);
}

TEST_CASE("users are numbers and nothing else") {
  REQUIRE(parse_user("1"));
  CHECK(parse_user("1")->uid == 1);
  CHECK_FALSE(parse_user("1")->gid);
  REQUIRE(parse_user("1000:0"));
  CHECK(parse_user("1000:0")->uid == 1000);
  CHECK(parse_user("1000:0")->gid == 0);
  CHECK(parse_user("4294967294:4294967294"));
  for (const char* text : {"", ":", "1:", ":1", "root", "1x", " 1", "1 ", "+1", "-1", "0x1",
                           "1:root", "1:2:3", "4294967295", "4294967296", "1:4294967295"})
    CHECK_MESSAGE(!parse_user(text), text);
}

TEST_CASE("sockets of systemd count only for the process they were meant for") {
  CHECK(parse_listen_fds(nullptr, nullptr, 10) == 0);
  CHECK(parse_listen_fds("2", nullptr, 10) == 2);
  CHECK(parse_listen_fds("2", "10", 10) == 2);
  CHECK(parse_listen_fds("2", "11", 10) == 0);
  CHECK(parse_listen_fds("2", "", 10) == 0);
  CHECK(parse_listen_fds("x", "10", 10) == 0);
  CHECK(parse_listen_fds("-1", "10", 10) == 0);
}

TEST_CASE("booleans are Go's") {
  for (const char* text : {"1", "t", "T", "true", "True", "TRUE"}) CHECK(parse_bool(text) == true);
  for (const char* text : {"0", "f", "F", "false", "False", "FALSE"})
    CHECK(parse_bool(text) == false);
  for (const char* text : {"", "yes", "no", "tRUE", "2"}) CHECK_FALSE(parse_bool(text));
}
