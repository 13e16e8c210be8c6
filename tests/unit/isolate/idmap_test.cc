#include "isolate/idmap.h"

#include <doctest/doctest.h>

#include "brig/error.h"
#include "sys/procfs.h"

using namespace brig;
using isolate::id_map_text;
using isolate::parse_id_map;
using isolate::same_id_map;

namespace {
using Maps = std::vector<IdMapping>;
const Maps kTwo = {{0, 100000, 1000}, {5000, 7, 1}};
}  // namespace

TEST_CASE("id maps as text and back") {
  CHECK(id_map_text(kTwo) == "0 100000 1000\n5000 7 1\n");
  CHECK(id_map_text({}).empty());
  CHECK(id_map_text(
            parse_id_map("         0     100000       1000\n      5000          7          1\n")) ==
        id_map_text(kTwo));
  CHECK(parse_id_map("").empty());
  for (const char* broken :
       {"0 1\n", "0 1 2 3\n", "a 1 2\n", "-1 0 1\n", "\n", "0 0 4294967296\n"}) {
    CAPTURE(broken);
    CHECK_THROWS_AS(parse_id_map(broken), Error);
  }
}

TEST_CASE("same_id_map compares what is mapped, not how it is written") {
  CHECK(same_id_map(kTwo, {{5000, 7, 1}, {0, 100000, 1000}}));
  CHECK(same_id_map(kTwo, {{0, 100000, 400}, {400, 100400, 600}, {5000, 7, 1}}));
  CHECK(same_id_map({}, {{3, 4, 0}}));
  CHECK_FALSE(same_id_map(kTwo, {{0, 100000, 1000}}));
  CHECK_FALSE(same_id_map(kTwo, {{0, 100000, 1000}, {5000, 8, 1}}));
  CHECK_FALSE(same_id_map({{0, 0, 2}}, {{0, 0, 1}, {1, 2, 1}}));
}

TEST_CASE("check_same_id_maps names the property that differs and what would be right") {
  const isolate::IdMaps joined = {.uid = kTwo, .gid = kTwo};
  CHECK_NOTHROW(isolate::check_same_id_maps(joined, joined));
  CHECK_NOTHROW(isolate::check_same_id_maps({}, joined));
  try {
    isolate::check_same_id_maps({.uid = kTwo, .gid = {{0, 1, 1}}}, joined);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) ==
          "linux.gidMappings: differs from the mappings of the user namespace to join (0 100000 "
          "1000,5000 7 1); make them equal or leave them out");
  }
}

TEST_CASE("read_id_maps reads those of a process") {
  // Whatever they are, this process's own ids are mapped.
  const brig::sys::OwnFd self = brig::sys::open_process_directory(0).or_throw("open");
  const isolate::IdMaps maps = isolate::read_id_maps(self.get());
  CHECK_FALSE(maps.uid.empty());
  CHECK_FALSE(maps.gid.empty());
}

TEST_CASE("an unprivileged writer may map his own id and nothing else") {
  CHECK(isolate::maps_only(1000, {{0, 1000, 1}}));
  CHECK(isolate::maps_only(1000, {{1000, 1000, 1}}));
  CHECK_FALSE(isolate::maps_only(1000, {{0, 1001, 1}}));
  CHECK_FALSE(isolate::maps_only(1000, {{0, 1000, 2}}));
  CHECK_FALSE(isolate::maps_only(1000, {{0, 1000, 1}, {1, 100000, 1}}));
  CHECK_FALSE(isolate::maps_only(1000, {}));
}
