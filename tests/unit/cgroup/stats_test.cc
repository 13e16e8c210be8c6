#include "cgroup/stats.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "base/concat.h"
#include "brig/error.h"
#include "cgroup/stats_json.h"
#include "sys/file.h"

using namespace brig;

namespace {

// A directory with the files of a cgroup; it removes itself.
class FakeCgroup {
 public:
  FakeCgroup() {
    char name[] = "/tmp/brig-stats-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path_ = name;
    directory_ = sys::open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY).or_throw("open ", path_);
  }
  FakeCgroup(const FakeCgroup&) = delete;
  FakeCgroup& operator=(const FakeCgroup&) = delete;
  ~FakeCgroup() {
    for (const std::string& name : files_) sys::unlink_at(directory(), name).ignore("scratch");
    sys::unlink_at(AT_FDCWD, path_, AT_REMOVEDIR).ignore("scratch");
  }

  void file(const std::string& name, std::string_view text) {
    const sys::OwnFd fd = sys::open_at(directory(), name, O_WRONLY | O_CREAT, 0600).or_throw(name);
    sys::write_all(fd.get(), text).or_throw(name);
    files_.push_back(name);
  }
  [[nodiscard]] int directory() const { return directory_.get(); }

 private:
  std::string path_;
  sys::OwnFd directory_;
  std::vector<std::string> files_;
};

constexpr std::uint64_t kUnlimited = UINT64_MAX;

}  // namespace

TEST_CASE("a cgroup without controllers has processor time and processes only") {
  FakeCgroup fake;
  fake.file("cpu.stat", "usage_usec 30\nuser_usec 20\nsystem_usec 10\n");
  fake.file("cgroup.procs", "12\n13\n");
  const cgroup::Stats stats = cgroup::read_stats(fake.directory());
  CHECK(stats.cpu.total == 30000);
  CHECK(stats.cpu.user == 20000);
  CHECK(stats.cpu.kernel == 10000);
  CHECK_FALSE(stats.cpu.pressure);
  CHECK(stats.pids.current == 2);
  CHECK(stats.pids.limit == 0);
  CHECK(stats.memory.usage.usage == 0);
  CHECK(stats.memory.raw.empty());
  CHECK(stats.blkio.serviced.empty());
  CHECK(stats.hugetlb.empty());
}

TEST_CASE("a cgroup that is gone is an error") {
  const FakeCgroup fake;
  CHECK_THROWS_AS((void)cgroup::read_stats(fake.directory()), Error);
}

TEST_CASE("every controller's files are read") {
  FakeCgroup fake;
  fake.file("cpu.stat",
            "usage_usec 1\nuser_usec 1\nsystem_usec 0\nnr_periods 5\nnr_throttled 2\n"
            "throttled_usec 7\nnr_bursts 0\n");
  fake.file("cpu.pressure",
            "some avg10=1.50 avg60=0.25 avg300=0.00 total=123\n"
            "full avg10=0.00 avg60=0.00 avg300=2.00 total=9\n");
  fake.file("pids.current", "3\n");
  fake.file("pids.max", "max\n");
  fake.file("memory.stat", "anon 5\nfile 4096\n");
  fake.file("memory.current", "1000\n");
  fake.file("memory.max", "2000\n");
  fake.file("memory.peak", "1500\n");
  fake.file("memory.swap.current", "10\n");
  fake.file("memory.swap.max", "100\n");
  fake.file("memory.swap.peak", "20\n");
  fake.file("io.stat",
            "8:16 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n"
            "254:0 rbytes=9 cost.usage=7\n");
  fake.file("hugetlb.2MB.events", "max 4\n");
  fake.file("hugetlb.2MB.events.local", "max 99\n");
  fake.file("hugetlb.2MB.current", "1\n");
  fake.file("hugetlb.2MB.rsvd.current", "2\n");
  fake.file("hugetlb.1GB.events", "max 0\n");
  fake.file("hugetlb.1GB.current", "3\n");

  const cgroup::Stats stats = cgroup::read_stats(fake.directory());
  CHECK(stats.cpu.periods == 5);
  CHECK(stats.cpu.throttled_periods == 2);
  CHECK(stats.cpu.throttled_time == 7000);
  REQUIRE(stats.cpu.pressure);
  CHECK(stats.cpu.pressure->some.avg10 == doctest::Approx(1.5));
  CHECK(stats.cpu.pressure->some.total == 123);
  CHECK(stats.cpu.pressure->full.avg300 == doctest::Approx(2));
  CHECK(stats.pids.current == 3);
  CHECK(stats.pids.limit == 0);
  CHECK(stats.memory.cache == 4096);
  CHECK(stats.memory.raw.at("anon") == 5);
  CHECK(stats.memory.usage.usage == 1000);
  CHECK(stats.memory.usage.limit == 2000);
  CHECK(stats.memory.usage.max == 1500);
  CHECK(stats.memory.swap.usage == 1010);
  CHECK(stats.memory.swap.limit == 2100);
  CHECK(stats.memory.swap.max == 0);
  REQUIRE(stats.blkio.service_bytes.size() == 3);
  CHECK(stats.blkio.service_bytes[1].op == std::string("Write"));
  CHECK(stats.blkio.service_bytes[1].value == 2);
  CHECK(stats.blkio.service_bytes[2].major == 254);
  REQUIRE(stats.blkio.serviced.size() == 2);
  CHECK(stats.blkio.serviced[0].minor == 16);
  CHECK(stats.blkio.serviced[0].value == 3);
  REQUIRE(stats.hugetlb.size() == 2);
  CHECK(stats.hugetlb.at("2MB").usage == 2);
  CHECK(stats.hugetlb.at("2MB").failcnt == 4);
  CHECK(stats.hugetlb.at("1GB").usage == 3);
}

TEST_CASE("no limit stays no limit when memory and swap are added up") {
  FakeCgroup fake;
  fake.file("cpu.stat", "usage_usec 0\n");
  fake.file("memory.stat", "file 0\n");
  fake.file("memory.current", "1\n");
  fake.file("memory.max", "max\n");
  fake.file("memory.swap.current", "0\n");
  fake.file("memory.swap.max", "4096\n");
  const cgroup::Stats stats = cgroup::read_stats(fake.directory());
  CHECK(stats.memory.usage.limit == kUnlimited);
  CHECK(stats.memory.swap.limit == kUnlimited);
}

TEST_CASE("statistics are written as runc writes them") {
  const auto text = [](const cgroup::Stats& stats) {
    json::Writer out;
    cgroup::write_stats(out, stats);
    return std::move(out).take();
  };
  const std::string cpuset =
      R"("cpuset":{"cpu_exclusive":0,"mem_hardwall":0,"mem_exclusive":0,"memory_migrate":0,)"
      R"("memory_spread_page":0,"memory_spread_slab":0,"memory_pressure":0,)"
      R"("sched_load_balance":0,"sched_relax_domain_level":0},)";
  CHECK(text({}) == concat(R"({"cpu":{},)", cpuset,
                           R"("memory":{},"pids":{},"blkio":{},"hugetlb":{},"intel_rdt":{},)"
                           R"("network_interfaces":null})"));

  cgroup::Stats stats;
  stats.cpu.total = 3000;
  stats.cpu.user = 2000;
  stats.cpu.throttled_periods = 4;
  stats.cpu.pressure.emplace().some.total = 7;
  stats.memory.cache = 5;
  stats.memory.usage = {6, 8, kUnlimited};
  stats.memory.raw["anon"] = 9;
  stats.pids = {2, 10};
  stats.blkio.serviced.push_back({8, 0, "Read", 11});
  stats.hugetlb["2MB"] = {0, 1};
  CHECK(text(stats) ==
        concat(R"({"cpu":{"usage":{"total":3000,"kernel":0,"user":2000},)"
               R"("throttling":{"throttledPeriods":4},)"
               R"("psi":{"some":{"avg10":0,"avg60":0,"avg300":0,"total":7}}},)",
               cpuset,
               R"("memory":{"cache":5,)"
               R"("usage":{"limit":18446744073709551615,"usage":6,"max":8,"failcnt":0},)"
               R"("raw":{"anon":9}},"pids":{"current":2,"limit":10},)"
               R"("blkio":{"ioServicedRecursive":[{"major":8,"op":"Read","value":11}]},)"
               R"("hugetlb":{"2MB":{"failcnt":1}},"intel_rdt":{},"network_interfaces":null})"));
}
