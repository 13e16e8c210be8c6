#include "oci/validate.h"

#include <doctest/doctest.h>

#include <vector>

#include "oci/parse.h"
#include "support.h"

using namespace brig;
using namespace brig::oci;

namespace {

std::string validate_config(std::string_view members) {
  return error_of([&] { validate(parse_config(config_with(members))); });
}

std::string validate_process_members(std::string_view members) {
  return error_of([&] { validate_process(parse_process(process_with(members)), "process"); });
}

}  // namespace

TEST_CASE("a minimal configuration is valid, with or without a process") {
  CHECK(validate_config("") == kFine);
  CHECK(validate_config(R"("process":null)") == kFine);
}

TEST_CASE("ociVersion is SemVer of major version 1") {
  for (const std::string_view version :
       {"1.0.0", "1.2.1", "1.0.2-dev", "1.0.0-rc5", "1.3.0+dev", "1.1.0-rc.1+exp.sha-5114"})
    CHECK(validate_config(concat(R"("ociVersion":")", version, "\"")) == kFine);
  for (const std::string_view version :
       {"", "1", "1.0", "1.0.0.0", "v1.0.0", "01.0.0", "1.00.0", "1.0.0-", "1.0.0-01", "1.0.0+",
        "1.0.0-a..b", "1.0.x", "1.0.0 "})
    CHECK(
        validate_config(concat(R"("ociVersion":")", version, "\"")) ==
        concat("ociVersion: \"", version, "\" is not a version of the form 1.2.3 (SemVer 2.0.0)"));
  CHECK(validate_config(R"("ociVersion":"2.0.0")") ==
        "ociVersion: version 2.0.0 is not supported (expected 1.x.y)");
}

TEST_CASE("top level") {
  const std::vector<Case> cases = {
      {R"("root":null)", "root: required property is missing"},
      {R"("root":{"path":""})", "root.path: must not be empty"},
      {R"("annotations":{"":"x"})", "annotations: a name is empty"},
      {R"("annotations":{"a":""})", kFine},
      {R"("hostname":"h")",
       "hostname: needs a UTS namespace (add {\"type\": \"uts\"} to linux.namespaces)"},
      {R"("domainname":"d")",
       "domainname: needs a UTS namespace (add {\"type\": \"uts\"} to linux.namespaces)"},
      {R"("hostname":"h","domainname":"d",
              "linux":{"namespaces":[{"type":"mount"},{"type":"uts"}]})",
       kFine},
      {R"("hostname":"h","linux":{"namespaces":[{"type":"mount"},{"type":"uts","path":"/n"}]})",
       kFine},
      {R"("hostname":"12345678901234567890123456789012345678901234567890123456789012345",
              "linux":{"namespaces":[{"type":"mount"},{"type":"uts"}]})",
       "hostname: longer than 64 bytes"},
  };
  check_all(cases, validate_config);
}

TEST_CASE("hooks have absolute paths and positive timeouts") {
  for (const std::string_view kind : {"prestart", "createRuntime", "createContainer",
                                      "startContainer", "poststart", "poststop"}) {
    const auto hooks = [&](std::string_view hook) {
      return validate_config(concat("\"hooks\":{\"", kind, "\":[", hook, "]}"));
    };
    CHECK(hooks(R"({"path":"/h","timeout":1},{"path":"/h"})") == kFine);
    CHECK(hooks(R"({"path":"h"})") == concat("hooks.", kind, "[0].path: \"h\" is not absolute"));
    CHECK(hooks(R"({"path":"/h"},{"path":"/h","timeout":0})") ==
          concat("hooks.", kind, "[1].timeout: must be greater than zero"));
  }
}

TEST_CASE("process: program, directory, environment, terminal, user") {
  const std::vector<Case> cases = {
      {"", kFine},
      {R"("args":[])", "process.args: needs at least one entry"},
      {R"("args":null)", "process.args: needs at least one entry"},
      {R"("args":[""])", "process.args[0]: must not be empty"},
      {R"("args":["a",""])", kFine},
      {R"("cwd":"")", "process.cwd: required property is missing or empty"},
      {R"("cwd":"tmp")", "process.cwd: \"tmp\" is not absolute"},
      {R"("env":["A=1","B="])", kFine},
      {R"("env":["A=1","B"])", "process.env[1]: \"B\" has no '='"},
      {R"("commandLine":"dir")", "process.commandLine: only for Windows"},
      {R"("terminal":true,"consoleSize":{"height":65535,"width":1})", kFine},
      {R"("terminal":true,"consoleSize":{"height":65536,"width":1})",
       "process.consoleSize: height and width reach to 65535"},
      {R"("consoleSize":{"height":65536,"width":1})", kFine},
      {R"("user":{"uid":0,"gid":0,"umask":511})", kFine},
      {R"("user":{"uid":0,"gid":0,"umask":512})",
       "process.user.umask: 512 is out of range (expected 0 to 511, which is octal 0777)"},
      {R"("oomScoreAdj":-1000)", kFine},
      {R"("oomScoreAdj":1001)",
       "process.oomScoreAdj: 1001 is out of range (expected -1000 to 1000)"},
      {R"("oomScoreAdj":-1001)",
       "process.oomScoreAdj: -1001 is out of range (expected -1000 to 1000)"},
  };
  check_all(cases, validate_process_members);
}

TEST_CASE("process: rlimits and capabilities") {
  const std::vector<Case> cases = {
      {R"("rlimits":[{"type":"RLIMIT_CPU","soft":1,"hard":1},
                         {"type":"RLIMIT_AS","soft":0,"hard":1}])",
       kFine},
      {R"("rlimits":[{"type":"RLIMIT_CPU","soft":2,"hard":1}])",
       "process.rlimits[0] (RLIMIT_CPU): soft limit 2 is greater than hard limit 1"},
      {R"("rlimits":[{"type":"RLIMIT_CPU","soft":1,"hard":1},
                         {"type":"RLIMIT_CPU","soft":1,"hard":1}])",
       "process.rlimits[1].type: RLIMIT_CPU is already in process.rlimits[0]"},
      {R"("capabilities":{"bounding":["CAP_CHOWN","CAP_OF_TOMORROW"]})", kFine},
      {R"("capabilities":{"ambient":["CAP_CHOWN","cap chown"]})",
       "process.capabilities.ambient[1]: \"cap chown\" is not the name of a capability "
       "(expected for example CAP_CHOWN)"},
      {R"("capabilities":{"effective":[""]})",
       "process.capabilities.effective[0]: \"\" is not the name of a capability "
       "(expected for example CAP_CHOWN)"},
  };
  check_all(cases, validate_process_members);
}

TEST_CASE("process: scheduler, I/O priority, CPU affinity") {
  const std::vector<Case> cases = {
      {R"("scheduler":{"policy":"SCHED_OTHER","nice":-20})", kFine},
      {R"("scheduler":{"policy":"SCHED_BATCH","nice":20})",
       "process.scheduler.nice: 20 is out of range (expected -20 to 19)"},
      {R"("scheduler":{"policy":"SCHED_FIFO","priority":99})", kFine},
      {R"("scheduler":{"policy":"SCHED_RR"})",
       "process.scheduler.priority: 0 is out of range (expected 1 to 99)"},
      {R"("scheduler":{"policy":"SCHED_OTHER","priority":1})",
       "process.scheduler.priority: only for SCHED_FIFO and SCHED_RR"},
      {R"("scheduler":{"policy":"SCHED_DEADLINE","runtime":1,"deadline":2,"period":3})", kFine},
      {R"("scheduler":{"policy":"SCHED_DEADLINE","runtime":1,"deadline":2})", kFine},
      {R"("scheduler":{"policy":"SCHED_DEADLINE","runtime":3,"deadline":2})",
       "process.scheduler: SCHED_DEADLINE needs 0 < runtime <= deadline <= period"},
      {R"("scheduler":{"policy":"SCHED_IDLE","runtime":3})",
       "process.scheduler: runtime, deadline and period are only for SCHED_DEADLINE"},
      {R"("scheduler":{"policy":"SCHED_ISO"})",
       "process.scheduler.policy: Linux does not implement SCHED_ISO"},
      {R"("ioPriority":{"class":"IOPRIO_CLASS_RT","priority":7})", kFine},
      {R"("ioPriority":{"class":"IOPRIO_CLASS_RT","priority":8})",
       "process.ioPriority.priority: 8 is out of range (expected 0 to 7)"},
      {R"("ioPriority":{"class":"IOPRIO_CLASS_RT","priority":-1})",
       "process.ioPriority.priority: -1 is out of range (expected 0 to 7)"},
      {R"("execCPUAffinity":{"initial":"0-3, 7,","final":""})", kFine},
      {R"("execCPUAffinity":{"initial":"3-0"})",
       "process.execCPUAffinity.initial: \"3-0\" is not a list of CPUs (expected for example "
       "0-3,7)"},
      {R"("execCPUAffinity":{"final":"x"})",
       "process.execCPUAffinity.final: \"x\" is not a list of CPUs (expected for example "
       "0-3,7)"},
      {R"("execCPUAffinity":{"final":","})",
       "process.execCPUAffinity.final: \",\" is not a list of CPUs (expected for example "
       "0-3,7)"},
  };
  check_all(cases, validate_process_members);
}

TEST_CASE("namespaces") {
  const std::vector<Case> cases = {
      {R"("namespaces":[{"type":"mount","path":"/proc/1/ns/mnt"}])", kFine},
      {R"("namespaces":[{"type":"pid"}])",
       "linux.namespaces: a container without a mount namespace is not supported (add "
       "{\"type\": \"mount\"})"},
      {R"("namespaces":[{"type":"mount"},{"type":"pid"},{"type":"pid","path":"/x"}])",
       "linux.namespaces[2].type: pid is already in linux.namespaces[1]"},
      {R"("namespaces":[{"type":"mount"},{"type":"pid","path":"x"}])",
       "linux.namespaces[1].path: \"x\" is not absolute"},
  };
  check_all(cases, validate_linux);
}

TEST_CASE("id mappings") {
  const std::string_view user = R"("namespaces":[{"type":"mount"},{"type":"user"}],)";
  const std::string_view gid = R"("gidMappings":[{"containerID":0,"hostID":1,"size":1}],)";
  const auto with_uids = [&](std::string_view mappings) {
    return validate_linux(concat(user, gid, R"("uidMappings":[)", mappings, "]"));
  };
  CHECK(with_uids(R"({"containerID":0,"hostID":0,"size":4294967295})") == kFine);
  CHECK(
      with_uids(R"({"containerID":0,"hostID":5,"size":5},{"containerID":5,"hostID":0,"size":5})") ==
      kFine);
  CHECK(with_uids("") ==
        "linux.uidMappings: required with a new user namespace (add for example {\"containerID\": "
        "0, \"hostID\": 100000, \"size\": 65536})");
  CHECK(with_uids(R"({"containerID":0,"hostID":0,"size":0})") ==
        "linux.uidMappings[0].size: must not be zero");
  CHECK(with_uids(R"({"containerID":1,"hostID":0,"size":4294967295})") ==
        "linux.uidMappings[0]: reaches beyond id 4294967294");
  CHECK(
      with_uids(R"({"containerID":0,"hostID":0,"size":5},{"containerID":4,"hostID":9,"size":1})") ==
      "linux.uidMappings[1]: overlaps with linux.uidMappings[0]");
  CHECK(
      with_uids(R"({"containerID":0,"hostID":0,"size":5},{"containerID":9,"hostID":4,"size":1})") ==
      "linux.uidMappings[1]: overlaps with linux.uidMappings[0]");
  std::string many;
  for (int i = 0; i < 341; ++i)
    append(many, i == 0 ? "" : ",", R"({"containerID":)", i, R"(,"hostID":)", i, R"(,"size":1})");
  CHECK(with_uids(many) == "linux.uidMappings: more than 340 entries");

  const std::vector<Case> cases = {
      {R"("uidMappings":[{"containerID":0,"hostID":1,"size":1}])",
       "linux.uidMappings: needs a user namespace (add {\"type\": \"user\"} to "
       "linux.namespaces)"},
      {R"("gidMappings":[{"containerID":0,"hostID":1,"size":1}])",
       "linux.gidMappings: needs a user namespace (add {\"type\": \"user\"} to "
       "linux.namespaces)"},
      {R"("namespaces":[{"type":"mount"},{"type":"user","path":"/u"}])", kFine},
      {R"("namespaces":[{"type":"mount"},{"type":"user","path":"/u"}],
              "uidMappings":[{"containerID":0,"hostID":1,"size":1}])",
       kFine},
  };
  check_all(cases, validate_linux);
}

TEST_CASE("time offsets") {
  const std::string_view unknown =
      "linux.timeOffsets: unknown clock \"realtime\" (expected "
      "monotonic or boottime)";
  const std::string_view with_time = R"("namespaces":[{"type":"mount"},{"type":"time"}],)";
  const auto offsets = [&](std::string_view object) {
    return validate_linux(concat(with_time, R"("timeOffsets":)", object));
  };
  CHECK(offsets(R"({"monotonic":{"secs":-1,"nanosecs":999999999},"boottime":{}})") == kFine);
  CHECK(offsets(R"({"realtime":{"secs":1}})") == unknown);
  CHECK(offsets(R"({"boottime":{"nanosecs":1000000000}})") ==
        "linux.timeOffsets.boottime.nanosecs: 1000000000 is out of range (expected 0 to "
        "999999999)");
  CHECK(validate_linux(R"("timeOffsets":{"boottime":{}})") ==
        "linux.timeOffsets: needs a time namespace (add {\"type\": \"time\"} to "
        "linux.namespaces)");
  CHECK(validate_linux(R"("namespaces":[{"type":"mount"},{"type":"time","path":"/t"}],
                          "timeOffsets":{"boottime":{}})") ==
        "linux.timeOffsets: cannot change the clocks of the time namespace that is joined");
  CHECK(validate_linux(R"("timeOffsets":{})") == kFine);
}

TEST_CASE("mounts") {
  const std::string_view map = R"([{"containerID":0,"hostID":1,"size":1}])";
  const auto mount = [](std::string_view object) {
    return validate_config(concat(R"("mounts":[)", object, "]"));
  };
  CHECK(mount(R"({"destination":"/a","type":"tmpfs"})") == kFine);
  CHECK(mount(R"({"destination":"a","type":"tmpfs"})") == kFine);
  CHECK(mount(R"({"destination":""})") == "mounts[0].destination: must not be empty");
  CHECK(mount(R"({"destination":"/a","source":"/s","options":["rbind"]})") == kFine);
  CHECK(mount(R"({"destination":"/a","options":["bind"]})") ==
        "mounts[0] (/a): a bind mount needs a source");
  CHECK(mount(R"({"destination":"/a","options":["bind","remount","ro"]})") == kFine);
  CHECK(mount(concat(R"({"destination":"/a","uidMappings":)", map, R"(,"gidMappings":)", map,
                     "}")) == kFine);
  CHECK(mount(concat(R"({"destination":"/a","uidMappings":)", map, "}")) ==
        "mounts[0] (/a): uidMappings and gidMappings must be given together");
  CHECK(mount(concat(R"({"destination":"/a","gidMappings":)", map, "}")) ==
        "mounts[0] (/a): uidMappings and gidMappings must be given together");
  CHECK(mount(R"({"destination":"/a","uidMappings":[{"containerID":0,"hostID":1,"size":0}],
                  "gidMappings":[{"containerID":0,"hostID":1,"size":1}]})") ==
        "mounts[0] (/a).uidMappings[0].size: must not be zero");
  CHECK(mount(R"({"destination":"/a","source":"/s","options":["bind","idmap"]})") ==
        "mounts[0] (/a): idmap needs uidMappings and gidMappings, or a user namespace");
  CHECK(
      validate_config(R"("mounts":[{"destination":"/a","source":"/s","options":["bind","ridmap"]}],
      "linux":{"namespaces":[{"type":"mount"},{"type":"user","path":"/u"}]})") == kFine);
}

TEST_CASE("devices") {
  const auto devices = [](std::string_view list) {
    return validate_linux(concat(R"("devices":[)", list, "]"));
  };
  const std::string_view null = R"({"type":"c","path":"/dev/x","major":1,"minor":3})";
  CHECK(devices(concat(null, ",", null)) == kFine);
  CHECK(devices(R"({"type":"p","path":"/run/fifo"})") == kFine);
  CHECK(devices(concat(null, R"(,{"type":"c","path":"/dev/x","major":1,"minor":5})")) ==
        "linux.devices[1].path: /dev/x is already another device in linux.devices[0]");
  CHECK(devices(R"({"type":"c","path":"dev/x","major":1,"minor":3})") ==
        "linux.devices[0].path: \"dev/x\" is not absolute");
  CHECK(devices(R"({"type":"b","path":"/x","major":-1,"minor":3})") ==
        "linux.devices[0] (/x): -1:3 is not a device number (expected 0:0 to 4095:1048575)");
  CHECK(devices(R"({"type":"b","path":"/x","major":4096,"minor":3})") ==
        "linux.devices[0] (/x): 4096:3 is not a device number (expected 0:0 to 4095:1048575)");
}

TEST_CASE("sysctl: only parameters of the container's own namespaces") {
  const auto sysctl = [](std::string_view key, std::string_view types) {
    std::string namespaces = R"({"type":"mount"})";
    if (!types.empty()) append(namespaces, R"(,{"type":")", types, "\"}");
    return validate_linux(
        concat(R"("namespaces":[)", namespaces, R"(],"uidMappings":)",
               types == "user" ? R"([{"containerID":0,"hostID":1,"size":1}])" : "null",
               R"(,"gidMappings":)",
               types == "user" ? R"([{"containerID":0,"hostID":1,"size":1}])" : "null",
               R"(,"sysctl":{")", key, R"(":"1"})"));
  };
  const auto line = [](std::string_view key, std::string_view problem) {
    return concat("linux.sysctl[\"", key, "\"]: ", problem);
  };
  struct Owned {
    std::string_view key;
    std::string_view type;
  };
  for (const Owned& item : std::vector<Owned>{{"kernel.msgmax", "ipc"},
                                              {"kernel/shm_rmid_forced", "ipc"},
                                              {"kernel.sem", "ipc"},
                                              {"fs.mqueue.msg_max", "ipc"},
                                              {"net.ipv4.ip_forward", "network"},
                                              {"net/ipv4/conf/eno2.100/rp_filter", "network"},
                                              {"kernel.domainname", "uts"},
                                              {"user.max_user_namespaces", "user"}}) {
    CAPTURE(item.key);
    CHECK(sysctl(item.key, item.type) == kFine);
    CHECK(sysctl(item.key, "") ==
          line(item.key, concat("needs a ", item.type, " namespace, it would change the host")));
  }
  CHECK(sysctl("kernel.hostname", "uts") ==
        line("kernel.hostname", "conflicts with the property hostname, use that"));
  for (const std::string_view key :
       {"vm.swappiness", "kernel.pid_max", "kernel.sem2", "networks.x"})
    CHECK(sysctl(key, "ipc") ==
          line(key, "not in a namespace of its own, it would change the host"));
  for (const std::string_view key :
       {"", "net/../../kernel/core_pattern", "net/./x", "net//x", "net..x", "net.", "/net/x"})
    CHECK(sysctl(key, "network") == line(key, "not the name of a kernel parameter"));
}

TEST_CASE("masked and read-only paths are absolute") {
  const std::vector<Case> cases = {
      {R"("maskedPaths":["/a"],"readonlyPaths":["/b"])", kFine},
      {R"("maskedPaths":["/a","b"])", "linux.maskedPaths[1]: \"b\" is not absolute"},
      {R"("readonlyPaths":["b"])", "linux.readonlyPaths[0]: \"b\" is not absolute"},
  };
  check_all(cases, validate_linux);
}

TEST_CASE("what is not supported says so") {
  const std::vector<Case> cases = {
      {R"("netDevices":{},"intelRdt":null,"memoryPolicy":null)", kFine},
      {R"("personality":{"domain":"LINUX32"})", kFine},
      {R"("personality":{"domain":"LINUX","flags":["x"]})",
       "linux.personality.flags: not supported (the spec defines none)"},
  };
  check_all(cases, validate_linux);
}

TEST_CASE("seccomp") {
  const auto seccomp = [](std::string_view members) {
    return validate_linux(concat(R"("seccomp":{"defaultAction":"SCMP_ACT_ALLOW",)", members, "}"));
  };
  const auto rule = [&](std::string_view members) {
    return seccomp(
        concat(R"("syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO",)", members, "}]"));
  };
  CHECK(seccomp(R"("listenerPath":"/s","listenerMetadata":"m")") == kFine);
  CHECK(seccomp(R"("listenerMetadata":"m")") ==
        "linux.seccomp.listenerMetadata: needs linux.seccomp.listenerPath");
  CHECK(seccomp(R"("defaultErrnoRet":1)") ==
        "linux.seccomp.defaultErrnoRet: only for SCMP_ACT_ERRNO and SCMP_ACT_TRACE");
  CHECK(seccomp(R"("defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38)") == kFine);
  CHECK(rule(R"("errnoRet":0)") == kFine);
  CHECK(rule(R"("errnoRet":4096)") ==
        "linux.seccomp.syscalls[0].errnoRet: 4096 is out of range (expected 0 to 4095)");
  CHECK(rule(R"("action":"SCMP_ACT_TRACE","errnoRet":65535)") == kFine);
  CHECK(rule(R"("action":"SCMP_ACT_KILL","errnoRet":1)") ==
        "linux.seccomp.syscalls[0].errnoRet: only for SCMP_ACT_ERRNO and SCMP_ACT_TRACE");
  CHECK(rule(R"("names":[])") == "linux.seccomp.syscalls[0].names: needs at least one entry");
  CHECK(rule(R"("names":["read",""])") == "linux.seccomp.syscalls[0].names[1]: must not be empty");
  CHECK(rule(R"("args":[{"index":5,"value":0,"op":"SCMP_CMP_EQ"}])") == kFine);
  CHECK(rule(R"("args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}])") ==
        "linux.seccomp.syscalls[0].args[0].index: 6 is out of range (expected 0 to 5)");
}

TEST_CASE("of many problems the first twenty are told and the others counted") {
  std::string namespaces = R"("namespaces":[{"type":"mount"})";
  for (int i = 0; i < 100000; ++i) namespaces += R"(,{"type":"mount"})";
  const std::string line = validate_linux(namespaces + "]");
  CHECK(line.starts_with(
      "linux.namespaces[1].type: mount is already in linux.namespaces[0]; linux.namespaces[2]"));
  CHECK(
      line.ends_with("linux.namespaces[20].type: mount is already in linux.namespaces[0]; and "
                     "99980 more problems"));
}

TEST_CASE("all problems are reported at once, and paths have the caller's prefix") {
  CHECK(validate_config(R"("ociVersion":"x","root":{"path":""},"hostname":"h")") ==
        "ociVersion: \"x\" is not a version of the form 1.2.3 (SemVer 2.0.0); root.path: must not "
        "be empty; hostname: needs a UTS namespace (add {\"type\": \"uts\"} to linux.namespaces)");
  CHECK(error_of([] { validate_process(parse_process("{}"), ""); }) ==
        "args: needs at least one entry; cwd: required property is missing or empty");
  CHECK(error_of([] { validate_resources(parse_resources(R"({"cpu":{"idle":3}})"), ""); }) ==
        "cpu.idle: 3 is out of range (expected 0 or 1)");
}
