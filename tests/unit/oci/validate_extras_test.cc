// The rules of linux.memoryPolicy, netDevices, intelRdt and of seccomp's listener.
#include "oci/parse.h"
#include "oci/validate.h"
#include "support.h"

using namespace brig;
using namespace brig::oci;

TEST_CASE("memory policy: which modes take nodes and flags") {
  const auto policy = [](std::string_view mode, std::string_view members) {
    return validate_linux(concat(R"("memoryPolicy":{"mode":"MPOL_)", mode, "\"", members, "}"));
  };
  for (const std::string_view mode : {"DEFAULT", "LOCAL"}) {
    CHECK(policy(mode, "") == kFine);
    CHECK(policy(mode, R"(,"nodes":"","flags":[])") == kFine);
    CHECK(policy(mode, R"(,"nodes":"0")") ==
          concat("linux.memoryPolicy.nodes: MPOL_", mode, " takes none"));
    CHECK(policy(mode, R"(,"flags":["MPOL_F_STATIC_NODES"])") ==
          "linux.memoryPolicy.flags: MPOL_F_STATIC_NODES needs linux.memoryPolicy.nodes");
  }
  for (const std::string_view mode :
       {"BIND", "INTERLEAVE", "WEIGHTED_INTERLEAVE", "PREFERRED_MANY"}) {
    CHECK(policy(mode, R"(,"nodes":"0-3,7")") == kFine);
    CHECK(policy(mode, R"(,"nodes":"1","flags":["MPOL_F_RELATIVE_NODES"])") == kFine);
    CHECK(policy(mode, "") ==
          concat("linux.memoryPolicy.nodes: MPOL_", mode, " needs at least one node"));
  }
  CHECK(policy("PREFERRED", "") == kFine);
  CHECK(policy("PREFERRED", R"(,"nodes":"1")") == kFine);
  CHECK(policy("BIND", R"(,"nodes":"0","flags":["MPOL_F_NUMA_BALANCING"])") == kFine);
  CHECK(policy("INTERLEAVE", R"(,"nodes":"0","flags":["MPOL_F_NUMA_BALANCING"])") ==
        "linux.memoryPolicy.flags: MPOL_F_NUMA_BALANCING is only for MPOL_BIND and "
        "MPOL_PREFERRED_MANY");
  CHECK(policy("BIND", R"(,"nodes":"0","flags":["MPOL_F_STATIC_NODES","MPOL_F_RELATIVE_NODES"])") ==
        "linux.memoryPolicy.flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each "
        "other");
  for (const std::string_view nodes : {"x", "0-", "3-1", "1048576"})
    CHECK(policy("BIND", concat(R"(,"nodes":")", nodes, "\"")) ==
          concat("linux.memoryPolicy.nodes: \"", nodes,
                 "\" is not a list of memory nodes (expected for example 0-3,7)"));
}

TEST_CASE("a seccomp listener: used by SCMP_ACT_NOTIFY, which needs it") {
  const auto seccomp = [](std::string_view members) {
    return validate_linux(concat(R"("seccomp":{)", members, "}"));
  };
  constexpr std::string_view kMissing = "linux.seccomp.listenerPath: required by SCMP_ACT_NOTIFY";
  constexpr std::string_view kRule =
      R"("defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_NOTIFY"}])";
  CHECK(seccomp(R"("defaultAction":"SCMP_ACT_NOTIFY","listenerPath":"/s")") == kFine);
  CHECK(seccomp(R"("defaultAction":"SCMP_ACT_NOTIFY")") == kMissing);
  CHECK(seccomp(concat(kRule, R"(,"listenerPath":"/s")")) == kFine);
  CHECK(seccomp(kRule) == kMissing);
  CHECK(seccomp(concat(kRule, R"(,"listenerMetadata":"m")")) ==
        "linux.seccomp.listenerMetadata: needs linux.seccomp.listenerPath; "
        "linux.seccomp.listenerPath: required by SCMP_ACT_NOTIFY");
}

TEST_CASE("network devices: names, templates, a namespace to go to") {
  const auto devices = [](std::string_view members) {
    return validate_linux(concat(
        R"("namespaces":[{"type":"mount"},{"type":"network"}],"netDevices":{)", members, "}"));
  };
  const auto refused = [](std::string_view path, std::string_view name, std::string_view more) {
    return concat(
        "linux.netDevices[", path, ": \"", name,
        "\" is not the name of a network device (1 to 15 bytes without blanks, / and :", more, ")");
  };
  CHECK(devices("") == kFine);
  CHECK(devices(R"("eth0":{},"eth1":{"name":"lan0"},"eth2.100":{"name":""})") == kFine);
  CHECK(devices(R"("eth0":{"name":"eth%d"},"eth1":{"name":"eth%d"})") == kFine);
  CHECK(devices(R"("fifteen-bytes-x":{})") == kFine);
  for (const std::string_view name :
       {"", "sixteen-bytes-xx", ".", "..", "a/b", "a:1", "a b", "eth%d"})
    CHECK(devices(concat("\"", name, R"(":{})")) == refused(concat("\"", name, "\"]"), name, ""));
  for (const std::string_view name : {"sixteen-bytes-xx", "..", "a/b", "eth%", "eth%s", "%d%d"})
    CHECK(devices(concat(R"("eth0":{"name":")", name, "\"}")) ==
          refused("\"eth0\"].name", name, "; one %d is a number"));
  CHECK(devices(R"("eth0":{},"eth1":{"name":"eth0"})") ==
        "linux.netDevices[\"eth1\"]: eth0 is already the name of linux.netDevices[\"eth0\"] in the "
        "container");
  CHECK(validate_linux(R"("netDevices":{"eth0":{}})") ==
        "linux.netDevices: needs a network namespace (add {\"type\": \"network\"} to "
        "linux.namespaces)");
}

TEST_CASE("Intel RDT: the class of service is one name, schemas are one line") {
  const auto rdt = [](std::string_view members) {
    return validate_linux(concat(R"("intelRdt":{)", members, "}"));
  };
  for (const std::string_view name : {"", "/", "guaranteed", "a-b_c.d"})
    CHECK(rdt(concat(R"("closID":")", name, "\"")) == kFine);
  for (const std::string_view name : {"a/b", "/a", "../x"})
    CHECK(rdt(concat(R"("closID":")", name, "\"")) ==
          concat("linux.intelRdt.closID: \"", name,
                 "\" is not one component of a path (or / for the default class of service)"));
  for (const std::string_view name : {".", "..", "info", "mon_groups", "mon_data"})
    CHECK(rdt(concat(R"("closID":")", name, "\"")) ==
          concat("linux.intelRdt.closID: \"", name, "\" is not the name of a class of service"));
  CHECK(rdt(R"("l3CacheSchema":"L3:0=f\nL3:1=f","memBwSchema":"MB:0=20","schemata":["L2:0=1"])") ==
        kFine);
  CHECK(rdt(R"("memBwSchema":"0=20")") ==
        "linux.intelRdt.memBwSchema: \"0=20\" does not start with MB:");
  CHECK(rdt(R"("memBwSchema":"MB:0=20\n")") ==
        "linux.intelRdt.memBwSchema: must not contain a newline");
  CHECK(rdt(R"("schemata":["L3:0=f","L3:1=f\nMB:0=20"])") ==
        "linux.intelRdt.schemata[1]: must not contain a newline");
}
