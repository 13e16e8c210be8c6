#include <doctest/doctest.h>

#include "oci/parse.h"
#include "oci/validate.h"
#include "support.h"

using namespace brig;
using namespace brig::oci;

namespace {

std::string validate_limits(std::string_view object) {
  return error_of([&] { validate_resources(parse_resources(object), "r"); });
}

}  // namespace

TEST_CASE("resources: memory and CPU") {
  const std::vector<Case> cases = {
      {R"({"memory":{"limit":-1,"reservation":0,"swap":-1,"kernel":1,"kernelTCP":-1,
               "swappiness":0,"disableOOMKiller":false,"useHierarchy":true}})",
       kFine},
      {R"({"memory":{"limit":100,"swap":100}})", kFine},
      {R"({"memory":{"swap":100}})", kFine},
      {R"({"memory":{"limit":100,"swap":99}})",
       "r.memory.swap: 99 is less than memory.limit 100 (it is the limit of memory and swap "
       "together)"},
      {R"({"memory":{"limit":-2}})", "r.memory.limit: -2 is no size (-1 means unlimited)"},
      {R"({"memory":{"reservation":-2}})",
       "r.memory.reservation: -2 is no size (-1 means unlimited)"},
      {R"({"memory":{"swap":-2}})", "r.memory.swap: -2 is no size (-1 means unlimited)"},
      {R"({"memory":{"swappiness":60}})", "r.memory.swappiness: not available on cgroup v2"},
      {R"({"memory":{"disableOOMKiller":true}})",
       "r.memory.disableOOMKiller: not available on cgroup v2"},
      {R"({"cpu":{"shares":0,"quota":-1,"period":0,"realtimeRuntime":0,"realtimePeriod":0,
               "idle":1}})",
       kFine},
      {R"({"cpu":{"realtimeRuntime":1}})", "r.cpu.realtimeRuntime: not available on cgroup v2"},
      {R"({"cpu":{"realtimePeriod":1}})", "r.cpu.realtimePeriod: not available on cgroup v2"},
      {R"({"cpu":{"quota":10,"burst":10}})", kFine},
      {R"({"cpu":{"quota":10,"burst":11}})", "r.cpu.burst: 11 is greater than cpu.quota 10"},
      {R"({"cpu":{"idle":2}})", "r.cpu.idle: 2 is out of range (expected 0 or 1)"},
  };
  check_all(cases, validate_limits);
}

TEST_CASE("a whole configuration that limits swap must limit memory") {
  CHECK(validate_linux(R"("resources":{"memory":{"swap":100}})") ==
        "linux.resources.memory.swap: needs linux.resources.memory.limit");
  CHECK(validate_linux(R"("resources":{"memory":{"swap":-1}})") == kFine);
  CHECK(validate_linux(R"("resources":{"memory":{"swap":100,"limit":-1}})") == kFine);
}

TEST_CASE("resources: devices, block I/O and the rest") {
  const std::vector<Case> cases = {
      {R"({"devices":[{"allow":true,"access":"mrw","major":-1,"minor":5,"type":"c"}]})", kFine},
      {R"({"devices":[{"allow":true,"access":"rx"}]})",
       "r.devices[0].access: \"rx\" is not made of r, w and m"},
      {R"({"devices":[{"allow":true,"major":-2}]})",
       "r.devices[0]: major and minor must not be negative, except -1 for all"},
      {R"({"blockIO":{"weight":0,"leafWeight":0}})", kFine},
      {R"({"blockIO":{"weight":1000,"weightDevice":[{"major":8,"minor":0,"weight":10}]}})", kFine},
      {R"({"blockIO":{"weight":9}})", "r.blockIO.weight: 9 is out of range (expected 10 to 1000)"},
      {R"({"blockIO":{"leafWeight":10}})", "r.blockIO.leafWeight: not available on cgroup v2"},
      {R"({"blockIO":{"weightDevice":[{"major":8,"minor":0}]}})",
       "r.blockIO.weightDevice[0]: needs weight or leafWeight"},
      {R"({"blockIO":{"weightDevice":[{"major":8,"minor":0,"leafWeight":10}]}})",
       "r.blockIO.weightDevice[0].leafWeight: not available on cgroup v2"},
      {R"({"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":1001}]}})",
       "r.blockIO.weightDevice[0].weight: 1001 is out of range (expected 10 to 1000)"},
      {R"({"blockIO":{"weightDevice":[{"major":-8,"minor":0,"weight":10}]}})",
       "r.blockIO.weightDevice[0]: major and minor must not be negative"},
      {R"({"blockIO":{"throttleWriteIOPSDevice":[{"major":8,"minor":-1,"rate":1}]}})",
       "r.blockIO.throttleWriteIOPSDevice[0]: major and minor must not be negative"},
      {R"({"hugepageLimits":[{"pageSize":"64KB","limit":0},{"pageSize":"1GB","limit":1}]})", kFine},
      {R"({"hugepageLimits":[{"pageSize":"2M","limit":1}]})",
       "r.hugepageLimits[0].pageSize: \"2M\" is not a page size (expected for example 2MB)"},
      {R"({"hugepageLimits":[{"pageSize":"../2MB","limit":1}]})",
       "r.hugepageLimits[0].pageSize: \"../2MB\" is not a page size (expected for example "
       "2MB)"},
      {R"({"network":{"classID":0,"priorities":[]}})", kFine},
      {R"({"network":{"classID":1}})", "r.network.classID: not available on cgroup v2"},
      {R"({"network":{"priorities":[{"name":"eth0","priority":1}]}})",
       "r.network.priorities: not available on cgroup v2"},
      {R"({"rdma":{"mlx5_0":{"hcaHandles":1}}})", kFine},
      {R"({"rdma":{"mlx5_0":{}}})", "r.rdma[\"mlx5_0\"]: needs hcaHandles or hcaObjects"},
      {R"({"unified":{"memory.high":"1"}})", kFine},
      {R"({"unified":{"../memory.high":"1"}})",
       "r.unified[\"../memory.high\"]: not the name of a cgroup file"},
      {R"({"unified":{"":"1"}})", "r.unified[\"\"]: not the name of a cgroup file"},
  };
  check_all(cases, validate_limits);
}
