#include "isolate/subids.h"

#include <doctest/doctest.h>

using namespace brig;
using isolate::default_id_map;
using isolate::IdRange;
using isolate::parse_subids;

namespace {
using Ranges = std::vector<IdRange>;
}  // namespace

TEST_CASE("subordinate ids are given to a name or a number") {
  const char* text =
      "root:1:5\n"
      "me:100000:65536\n"
      "mex:7:7\n"
      "1000:300000:10\n"
      "me:200000:1";
  CHECK(parse_subids(text, "me", 1000) == Ranges{{100000, 65536}, {300000, 10}, {200000, 1}});
  CHECK(parse_subids(text, "", 1000) == Ranges{{300000, 10}});
  CHECK(parse_subids(text, "nobody", 65534).empty());
  CHECK(parse_subids("", "me", 1000).empty());
}

TEST_CASE("lines of a subid file that make no sense are passed over") {
  for (const char* line : {"me", "me:", "me:1", "me:1:", "me:a:1", "me:1:b", "me:-1:1", "me:1:0",
                           "me:1:2:3", "me:4294967296:1", ":1:1", "# me:1:1", "", "::"}) {
    CAPTURE(line);
    CHECK(parse_subids(line, "me", 1000).empty());
  }
}

TEST_CASE("root is the caller, the ids after it are the subordinate ones") {
  const Ranges ranges = {{100000, 65536}, {500000, 10}};
  CHECK(isolate::id_map_text(default_id_map(1000, ranges, 33)) ==
        "0 1000 1\n1 100000 65536\n65537 500000 10\n");
  // Ids end at 4294967294, in the container and outside.
  CHECK(isolate::id_map_text(default_id_map(1000, {{4294967290, 100}}, 0)) ==
        "0 1000 1\n1 4294967290 5\n");
  CHECK(isolate::id_map_text(default_id_map(1000, {{10, 4294967280}, {5, 100}}, 0)) ==
        "0 1000 1\n1 10 4294967280\n4294967281 5 14\n");
}

TEST_CASE("without subordinate ids the process itself is the caller") {
  CHECK(isolate::id_map_text(default_id_map(1000, {}, 0)) == "0 1000 1\n");
  CHECK(isolate::id_map_text(default_id_map(1000, {}, 33)) == "33 1000 1\n");
}
