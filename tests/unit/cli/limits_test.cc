#include "cli/limits.h"

#include <doctest/doctest.h>

#include "parsed.h"

using namespace brig::cli;

namespace {

brig::Resources limits(std::vector<std::string> words) {
  words.insert(words.begin(), "update");
  words.emplace_back("c");
  return resources_from_options(parsed(words));
}

}  // namespace

TEST_CASE("each limit comes from its option") {
  const brig::Resources all = limits(
      {"--blkio-weight=300", "--cpu-period=100000", "--cpu-quota=-1", "--cpu-burst=5",
       "--cpu-share=512", "--cpu-rt-period=7", "--cpu-rt-runtime=6", "--cpu-idle=1",
       "--cpuset-cpus=0-1", "--cpuset-mems=0", "--memory=1g", "--memory-reservation=64m",
       "--memory-swap=-1", "--kernel-memory=1k", "--kernel-memory-tcp=2k", "--pids-limit=20"});
  REQUIRE(all.block_io);
  CHECK(all.block_io->weight == 300);
  REQUIRE(all.cpu);
  CHECK(all.cpu->period == 100000U);
  CHECK(all.cpu->quota == -1);
  CHECK(all.cpu->burst == 5U);
  CHECK(all.cpu->shares == 512U);
  CHECK(all.cpu->realtime_period == 7U);
  CHECK(all.cpu->realtime_runtime == 6);
  CHECK(all.cpu->idle == 1);
  CHECK(all.cpu->cpus == "0-1");
  CHECK(all.cpu->mems == "0");
  REQUIRE(all.memory);
  CHECK(all.memory->limit == 1LL << 30);
  CHECK(all.memory->reservation == 64LL << 20);
  CHECK(all.memory->swap == -1);
  CHECK(all.memory->kernel == 1024);
  CHECK(all.memory->kernel_tcp == 2048);
  CHECK(all.pids_limit == 20);
}

TEST_CASE("what is not given is not set") {
  const brig::Resources none = limits({"--cpu-share=", "--blkio-weight=0"});
  CHECK_FALSE(none.block_io);
  CHECK_FALSE(none.pids_limit);
  CHECK_FALSE(none.cpu->shares);
  CHECK_FALSE(none.cpu->quota);
  CHECK(none.cpu->cpus.empty());
  CHECK_FALSE(none.memory->limit);
  CHECK_FALSE(none.memory->check_before_update);
}

TEST_CASE("a process limit of 0 and of -1 are limits") {
  CHECK(limits({"--pids-limit", "0"}).pids_limit == 0);
  CHECK(limits({"--pids-limit", "-1"}).pids_limit == -1);
}

TEST_CASE("each wrong limit has its one line") {
  struct Case {
    const char* word;
    const char* message;
  };
  const Case cases[] = {
      {"--memory=1x",
       "invalid value \"1x\" for flag -memory: it is a number of bytes, a size such as 512m, or -1 "
       "(see brig update --help)"},
      {"--cpu-share=-1",
       "invalid value \"-1\" for flag -cpu-share: it is a whole number (see brig update --help)"},
      {"--cpu-quota=1.5",
       "invalid value \"1.5\" for flag -cpu-quota: it is a whole number (see brig update --help)"},
      {"--pids-limit=many",
       "invalid value \"many\" for flag -pids-limit: it is a whole number (see brig update "
       "--help)"},
      {"--blkio-weight=9",
       "invalid value for flag -blkio-weight: it is from 10 to 1000 (see brig update --help)"},
      {"--blkio-weight=1001",
       "invalid value for flag -blkio-weight: it is from 10 to 1000 (see brig update --help)"},
  };
  for (const Case& row : cases) CHECK(usage_error([&] { limits({row.word}); }) == row.message);
}
