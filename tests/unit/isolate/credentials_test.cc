#include "isolate/credentials.h"

#include <doctest/doctest.h>

using brig::isolate::find_home;
using brig::isolate::find_user_name;

TEST_CASE("find_home finds the home of a uid") {
  constexpr std::string_view kPasswd =
      "root:x:0:0:root:/root:/bin/sh\n"
      "broken line\n"
      "7:x:1000:1000::/home/seven:/bin/sh\n"
      "\n"
      "user:x:7:7:A,B,C:/home/user\n"
      "again:x:7:7::/elsewhere:/bin/sh\n"
      "nohome:x:8:8:::\n"
      "text:x:x9:9::/text:\n"
      "minus:x:-1:9::/minus:\n"
      "last:x:4294967294:0::/last:/bin/sh";
  struct {
    std::uint32_t uid;
    const char* home;
  } const cases[] = {{0, "/root"}, {1000, "/home/seven"}, {7, "/home/user"},    {8, ""},
                     {9, ""},      {4294967295, ""},      {4294967294, "/last"}};
  for (const auto& item : cases) {
    CAPTURE(item.uid);
    CHECK(find_home(kPasswd, item.uid) == item.home);
  }
  CHECK(find_user_name(kPasswd, 7) == "user");
  CHECK(find_user_name(kPasswd, 8) == "nohome");
  CHECK(find_user_name(kPasswd, 9).empty());
  CHECK(find_home("", 0).empty());
  CHECK(find_home(":::::::::", 0).empty());
}
