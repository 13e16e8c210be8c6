#include <doctest/doctest.h>

#include "sys/file.h"
#include "tests/unit/scratch_folder.h"

using namespace brig;

TEST_CASE("a sealed copy in memory has the bytes and cannot be written") {
  const test::ScratchFolder scratch;
  const std::string path = scratch.file("source", std::string(100'000, 'x'));
  const sys::OwnFd source = sys::open_at(AT_FDCWD, path, O_RDONLY).or_throw("open");
  const sys::Result<sys::OwnFd> copy = sys::sealed_memory_copy("copy", source.get());
  REQUIRE(copy);
  CHECK(sys::is_sealed((*copy).get()));
  CHECK_FALSE(sys::is_sealed(source.get()));
  CHECK(sys::read_part((*copy).get(), 0, 200'000)->size() == 100'000);
  CHECK(sys::write_all((*copy).get(), "y").error() == EPERM);
  CHECK_FALSE(*sys::has_verity(source.get()));
}
