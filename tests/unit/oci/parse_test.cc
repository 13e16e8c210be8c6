#include "oci/parse.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <vector>

#include "support.h"

using namespace brig;
using namespace brig::oci;

namespace {

std::string config_error(std::string_view members) {
  return error_of([&] { static_cast<void>(parse_config(config_with(members))); });
}

std::string linux_error(std::string_view members) {
  return error_of([&] { static_cast<void>(parse_config(linux_with(members))); });
}

std::string process_error(std::string_view members) {
  return error_of([&] { static_cast<void>(parse_process(process_with(members))); });
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("the top level, mounts and hooks") {
  const Config config = parse_config(
      R"({ "ociVersion":"1.2.0","root":{"path":"r","readonly":true},"hostname":"h","domainname":"d",
    "annotations":{"a":"b"},"unknown":{"x":[1]},"process":null,
    "mounts":[{"destination":"/m","type":"none","source":"/s","options":["rbind","idmap"],
      "uidMappings":[{"containerID":1,"hostID":2,"size":3}],
      "gidMappings":[{"containerID":4,"hostID":5,"size":6}]}],
    "hooks":{"prestart":[{"path":"/1","args":["a","b"],"env":["E=1"],"timeout":7}],
      "createRuntime":[{"path":"/2"}],"createContainer":[{"path":"/3"}],
      "startContainer":[{"path":"/4"}],"poststart":[{"path":"/5"}],"poststop":[{"path":"/6"}]}})");
  CHECK(config.oci_version == "1.2.0");
  CHECK(config.root->path == "r");
  CHECK(config.root->readonly);
  CHECK(config.hostname == "h");
  CHECK(config.domainname == "d");
  CHECK(config.annotations.at("a") == "b");
  CHECK_FALSE(config.process.has_value());
  REQUIRE(config.mounts.size() == 1);
  const Mount& mount = config.mounts[0];
  CHECK(mount.destination == "/m");
  CHECK(mount.type == "none");
  CHECK(mount.source == "/s");
  CHECK(mount.options == Strings{"rbind", "idmap"});
  CHECK(mount.uid_mappings.at(0).container_id == 1);
  CHECK(mount.uid_mappings.at(0).host_id == 2);
  CHECK(mount.gid_mappings.at(0).size == 6);
  const Hook& hook = config.hooks.prestart.at(0);
  CHECK(hook.path == "/1");
  CHECK(hook.args == Strings{"a", "b"});
  CHECK(hook.env == Strings{"E=1"});
  CHECK(hook.timeout == 7);
  CHECK(config.hooks.create_runtime.at(0).path == "/2");
  CHECK(config.hooks.create_container.at(0).path == "/3");
  CHECK(config.hooks.start_container.at(0).path == "/4");
  CHECK(config.hooks.poststart.at(0).path == "/5");
  CHECK(config.hooks.poststop.at(0).path == "/6");
  CHECK(config.hooks.poststop.at(0).timeout == std::nullopt);
}

TEST_CASE("process") {
  const Process process = parse_process(
      R"({ "terminal":true,"consoleSize":{"height":24,"width":80},"cwd":"/w","env":["A=1"],"args":["sh"],
    "commandLine":"c","user":{"uid":1,"gid":2,"umask":18,"additionalGids":[3,4294967295]},
    "rlimits":[{"type":"RLIMIT_NOFILE","soft":1024,"hard":18446744073709551615}],
    "capabilities":{"bounding":["CAP_A"],"effective":["CAP_B"],"inheritable":["CAP_C"],
      "permitted":["CAP_D"],"ambient":["CAP_E"]},
    "noNewPrivileges":true,"apparmorProfile":"p","selinuxLabel":"l","oomScoreAdj":-5,
    "scheduler":{"policy":"SCHED_DEADLINE","nice":-3,"priority":4,
      "flags":["SCHED_FLAG_RESET_ON_FORK","SCHED_FLAG_UTIL_CLAMP_MAX"],
      "runtime":5,"deadline":6,"period":7},
    "ioPriority":{"class":"IOPRIO_CLASS_IDLE","priority":6},
    "execCPUAffinity":{"initial":"0","final":"1-2"}})");
  CHECK(process.terminal);
  CHECK(process.console_size->height == 24);
  CHECK(process.console_size->width == 80);
  CHECK(process.cwd == "/w");
  CHECK(process.env == Strings{"A=1"});
  CHECK(process.args == Strings{"sh"});
  CHECK(process.command_line == "c");
  CHECK(process.user.uid == 1);
  CHECK(process.user.gid == 2);
  CHECK(process.user.umask == 18);
  CHECK(process.user.additional_gids == std::vector<std::uint32_t>{3, 4294967295});
  CHECK(process.rlimits.at(0).resource == RLIMIT_NOFILE);
  CHECK(process.rlimits.at(0).type == "RLIMIT_NOFILE");
  CHECK(process.rlimits.at(0).soft == 1024);
  CHECK(process.rlimits.at(0).hard == UINT64_MAX);
  CHECK(process.capabilities->bounding == Strings{"CAP_A"});
  CHECK(process.capabilities->effective == Strings{"CAP_B"});
  CHECK(process.capabilities->inheritable == Strings{"CAP_C"});
  CHECK(process.capabilities->permitted == Strings{"CAP_D"});
  CHECK(process.capabilities->ambient == Strings{"CAP_E"});
  CHECK(process.no_new_privileges);
  CHECK(process.apparmor_profile == "p");
  CHECK(process.selinux_label == "l");
  CHECK(process.oom_score_adj == -5);
  CHECK(process.scheduler->policy == SchedulerPolicy::kDeadline);
  CHECK(process.scheduler->nice == -3);
  CHECK(process.scheduler->priority == 4);
  CHECK(process.scheduler->flags == 0x41);
  CHECK(process.scheduler->runtime == 5);
  CHECK(process.scheduler->deadline == 6);
  CHECK(process.scheduler->period == 7);
  CHECK(process.io_priority->io_class == IoPriorityClass::kIdle);
  CHECK(process.io_priority->priority == 6);
  CHECK(process.exec_cpu_affinity->initial == "0");
  CHECK(process.exec_cpu_affinity->final == "1-2");
}

TEST_CASE("linux") {
  const Linux linux = parse_config(linux_with(R"(
    "namespaces":[{"type":"network","path":"/n"},{"type":"cgroup"},{"type":"time"}],
    "uidMappings":[{"containerID":1,"hostID":2,"size":3}],
    "gidMappings":[{"containerID":4,"hostID":5,"size":6}],
    "timeOffsets":{"monotonic":{"secs":-7,"nanosecs":8}},
    "devices":[{"type":"b","path":"/d","major":8,"minor":1,"fileMode":24960,"uid":9,"gid":10},
      {"type":"p","path":"/f"}],
    "netDevices":{"eth0":{"name":"e"},"eth1":{}},"cgroupsPath":"/c","rootfsPropagation":"rshared",
    "sysctl":{"net.x":"1"},"maskedPaths":["/a"],"readonlyPaths":["/b"],"mountLabel":"ml",
    "personality":{"domain":"LINUX32","flags":["f"]},
    "intelRdt":{"closID":"c","l3CacheSchema":"l","memBwSchema":"m","schemata":["s"],
      "enableMonitoring":true},
    "memoryPolicy":{"mode":"MPOL_BIND","nodes":"0-1","flags":["MPOL_F_STATIC_NODES",
      "MPOL_F_NUMA_BALANCING"]})"))
                          .linux;
  REQUIRE(linux.namespaces.size() == 3);
  CHECK(linux.namespaces[0].type == NamespaceType::kNetwork);
  CHECK(linux.namespaces[0].path == "/n");
  CHECK(linux.namespaces[1].type == NamespaceType::kCgroup);
  CHECK(linux.namespaces[1].path.empty());
  CHECK(linux.uid_mappings.at(0).host_id == 2);
  CHECK(linux.gid_mappings.at(0).container_id == 4);
  CHECK(linux.time_offsets.at("monotonic").secs == -7);
  CHECK(linux.time_offsets.at("monotonic").nanosecs == 8);
  const Device& device = linux.devices.at(0);
  CHECK(device.type == 'b');
  CHECK(device.path == "/d");
  CHECK(device.major == 8);
  CHECK(device.minor == 1);
  CHECK(device.file_mode == 0600);  // 24960 is S_IFBLK | 0600
  CHECK(device.uid == 9);
  CHECK(device.gid == 10);
  CHECK(linux.devices.at(1).type == 'p');
  CHECK(linux.net_devices.at("eth0").name == "e");
  CHECK(linux.net_devices.at("eth1").name.empty());
  CHECK(linux.cgroups_path == "/c");
  CHECK(linux.rootfs_propagation->kind == Propagation::kShared);
  CHECK(linux.rootfs_propagation->recursive);
  CHECK(linux.sysctl.at("net.x") == "1");
  CHECK(linux.masked_paths == Strings{"/a"});
  CHECK(linux.readonly_paths == Strings{"/b"});
  CHECK(linux.mount_label == "ml");
  CHECK(linux.personality->domain == 8);
  CHECK(linux.personality->flags == Strings{"f"});
  CHECK(linux.intel_rdt->clos_id == "c");
  CHECK(linux.intel_rdt->l3_cache_schema == "l");
  CHECK(linux.intel_rdt->mem_bw_schema == "m");
  CHECK(linux.intel_rdt->schemata == Strings{"s"});
  CHECK(linux.intel_rdt->enable_monitoring);
  CHECK(linux.memory_policy->mode == MemoryPolicyMode::kBind);
  CHECK(linux.memory_policy->nodes == "0-1");
  CHECK(linux.memory_policy->flags == 0xa000);
}

TEST_CASE("resources") {
  const Resources resources =
      parse_resources(R"({ "devices":[{"allow":true,"type":"c","major":1,"minor":-1,"access":"rw"},
      {"allow":false,"type":""}],
    "memory":{"limit":1,"reservation":2,"swap":3,"kernel":4,"kernelTCP":5,"swappiness":6,
      "disableOOMKiller":true,"useHierarchy":false,"checkBeforeUpdate":true},
    "cpu":{"shares":1,"quota":-2,"burst":3,"period":4,"realtimeRuntime":5,"realtimePeriod":6,
      "cpus":"0-1","mems":"0","idle":1},
    "pids":{"limit":-1},
    "blockIO":{"weight":10,"leafWeight":11,
      "weightDevice":[{"major":8,"minor":1,"weight":12,"leafWeight":13}],
      "throttleReadBpsDevice":[{"major":8,"minor":2,"rate":14}],
      "throttleWriteBpsDevice":[{"major":8,"minor":3,"rate":15}],
      "throttleReadIOPSDevice":[{"major":8,"minor":4,"rate":16}],
      "throttleWriteIOPSDevice":[{"major":8,"minor":5,"rate":17}]},
    "hugepageLimits":[{"pageSize":"2MB","limit":18}],
    "network":{"classID":19,"priorities":[{"name":"eth0","priority":20}]},
    "rdma":{"mlx":{"hcaHandles":21}},"unified":{"memory.high":"22"}})");
  REQUIRE(resources.devices.size() == 2);
  CHECK(resources.devices[0].allow);
  CHECK(resources.devices[0].type == 'c');
  CHECK(resources.devices[0].major == 1);
  CHECK(resources.devices[0].minor == std::nullopt);
  CHECK(resources.devices[0].access == "rw");
  CHECK(resources.devices[1].type == 'a');
  CHECK(resources.devices[1].major == std::nullopt);
  const MemoryResources& memory = *resources.memory;
  CHECK(memory.limit == 1);
  CHECK(memory.reservation == 2);
  CHECK(memory.swap == 3);
  CHECK(memory.kernel == 4);
  CHECK(memory.kernel_tcp == 5);
  CHECK(memory.swappiness == 6U);
  CHECK(memory.disable_oom_killer == true);
  CHECK(memory.use_hierarchy == false);
  CHECK(memory.check_before_update == true);
  const CpuResources& cpu = *resources.cpu;
  CHECK(cpu.shares == 1U);
  CHECK(cpu.quota == -2);
  CHECK(cpu.burst == 3U);
  CHECK(cpu.period == 4U);
  CHECK(cpu.realtime_runtime == 5);
  CHECK(cpu.realtime_period == 6U);
  CHECK(cpu.cpus == "0-1");
  CHECK(cpu.mems == "0");
  CHECK(cpu.idle == 1);
  CHECK(resources.pids_limit == -1);
  const BlockIoResources& block_io = *resources.block_io;
  CHECK(block_io.weight == 10);
  CHECK(block_io.leaf_weight == 11);
  CHECK(block_io.weight_device.at(0).weight == 12);
  CHECK(block_io.weight_device.at(0).leaf_weight == 13);
  CHECK(block_io.throttle_read_bps_device.at(0).rate == 14);
  CHECK(block_io.throttle_write_bps_device.at(0).rate == 15);
  CHECK(block_io.throttle_read_iops_device.at(0).rate == 16);
  CHECK(block_io.throttle_write_iops_device.at(0).minor == 5);
  CHECK(resources.hugepage_limits.at(0).page_size == "2MB");
  CHECK(resources.hugepage_limits.at(0).limit == 18);
  CHECK(resources.network->class_id == 19U);
  CHECK(resources.network->priorities.at(0).name == "eth0");
  CHECK(resources.network->priorities.at(0).priority == 20);
  CHECK(resources.rdma.at("mlx").hca_handles == 21U);
  CHECK(resources.rdma.at("mlx").hca_objects == std::nullopt);
  CHECK(resources.unified.at("memory.high") == "22");
}

TEST_CASE("seccomp") {
  const Config config =
      parse_config(linux_with(R"("seccomp":{ "defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,
    "architectures":["SCMP_ARCH_X86_64","SCMP_ARCH_SHEB"],"flags":["SECCOMP_FILTER_FLAG_LOG"],
    "listenerPath":"/s","listenerMetadata":"m",
    "syscalls":[{"names":["read","write"],"action":"SCMP_ACT_KILL","errnoRet":1,
      "args":[{"index":1,"value":18446744073709551615,"valueTwo":3,"op":"SCMP_CMP_MASKED_EQ"}]}]})"));
  const Seccomp& seccomp = *config.linux.seccomp;
  CHECK(seccomp.default_action == SeccompAction::kErrno);
  CHECK(seccomp.default_errno_ret == 38U);
  CHECK(seccomp.architectures == Strings{"SCMP_ARCH_X86_64", "SCMP_ARCH_SHEB"});
  CHECK(seccomp.flags == Strings{"SECCOMP_FILTER_FLAG_LOG"});
  CHECK(seccomp.listener_path == "/s");
  CHECK(seccomp.listener_metadata == "m");
  const SeccompSyscall& rule = seccomp.syscalls.at(0);
  CHECK(rule.names == Strings{"read", "write"});
  CHECK(rule.action == SeccompAction::kKillThread);
  CHECK(rule.errno_ret == 1U);
  CHECK(rule.args.at(0).index == 1);
  CHECK(rule.args.at(0).value == UINT64_MAX);
  CHECK(rule.args.at(0).value_two == 3);
  CHECK(rule.args.at(0).op == SeccompOperator::kMaskedEqual);
}

TEST_CASE("absent seccomp flags differ from an empty list") {
  const auto flags = [](std::string_view member) {
    return parse_config(
               linux_with(concat(R"("seccomp":{"defaultAction":"SCMP_ACT_ALLOW")", member, "}")))
        .linux.seccomp->flags;
  };
  CHECK(flags("") == std::nullopt);
  CHECK(flags(R"(,"flags":null)") == std::nullopt);
  CHECK(flags(R"(,"flags":[])") == Strings{});
}

TEST_CASE("what Go leaves empty counts as absent") {
  const Config config = parse_config(config_with(
      R"("mounts":null,"hooks":null,"annotations":null,"hostname":"","linux":{ "namespaces":null,"resources":null,"seccomp":null,"rootfsPropagation":"","devices":null})"));
  CHECK(config.mounts.empty());
  CHECK(config.linux.namespaces.empty());
  CHECK_FALSE(config.linux.rootfs_propagation.has_value());
  CHECK_FALSE(config.linux.seccomp.has_value());
  CHECK_FALSE(parse_config(R"({"ociVersion":"1.0.0"})").root.has_value());
}

TEST_CASE("errors name the JSON path") {
  CHECK(error_of([] { static_cast<void>(parse_config("{")); }) ==
        "line 1, column 2: invalid JSON: missing a name for object member");
  CHECK(error_of([] { static_cast<void>(parse_config("null")); }) ==
        "expected an object, got null");
  CHECK(error_of([] { static_cast<void>(parse_config("{}")); }) ==
        "ociVersion: required property is missing");
  CHECK(config_error(R"("root":{})") == "root.path: required property is missing");
  CHECK(config_error(R"("mounts":[{"destination":"/a"},{}])") ==
        "mounts[1].destination: required property is missing");
  CHECK(config_error(R"("hooks":{"poststop":[{}]})") ==
        "hooks.poststop[0].path: required property is missing");
  CHECK(config_error(R"("annotations":{"a.b":1})") ==
        "annotations[\"a.b\"]: expected a string, got an integer");
  CHECK(linux_error(R"("resources":{"memory":{"limit":"1G"}})") ==
        "linux.resources.memory.limit: expected an integer, got a string");
  CHECK(linux_error(R"("resources":{"devices":[{}]})") ==
        "linux.resources.devices[0].allow: required property is missing");
  CHECK(linux_error(R"("namespaces":[{"type":"net"}])") ==
        "linux.namespaces[0].type: unknown value \"net\" (expected one of cgroup, ipc, mount, "
        "network, pid, time, user, uts)");
  CHECK(linux_error(R"("devices":[{"type":"c","path":"/x"}])") ==
        "linux.devices[0].major: required property is missing");
  CHECK(linux_error(R"("devices":[{"type":"x","path":"/x"}])") ==
        "linux.devices[0].type: unknown value \"x\" (expected one of c, u, b, p)");
  CHECK(linux_error(R"("rootfsPropagation":"x")").find("linux.rootfsPropagation: unknown value") ==
        0);
  CHECK(linux_error(R"("personality":{"domain":"BSD"})") ==
        "linux.personality.domain: unknown value \"BSD\" (expected one of LINUX, LINUX32)");
  CHECK(linux_error(R"("memoryPolicy":{"mode":"x"})").find("linux.memoryPolicy.mode: unknown") ==
        0);
  CHECK(process_error(R"("rlimits":[{"type":"RLIMIT_X","soft":1,"hard":1}])")
            .find("rlimits[0].type: unknown value \"RLIMIT_X\"") == 0);
  CHECK(process_error(R"("rlimits":[{"type":"RLIMIT_AS","hard":1}])") ==
        "rlimits[0].soft: required property is missing");
  CHECK(process_error(R"("scheduler":{})") == "scheduler.policy: required property is missing");
  CHECK(process_error(R"("scheduler":{"policy":"X"})") ==
        "scheduler.policy: unknown value \"X\" (expected one of SCHED_OTHER, SCHED_FIFO, SCHED_RR, "
        "SCHED_BATCH, SCHED_ISO, SCHED_IDLE, SCHED_DEADLINE)");
  CHECK(process_error(R"("scheduler":{"policy":"SCHED_RR","flags":["X"]})")
            .find("scheduler.flags[0]: unknown value \"X\"") == 0);
  CHECK(process_error(R"("ioPriority":{"class":"X","priority":1})")
            .find("ioPriority.class: unknown value \"X\"") == 0);
  CHECK(process_error(R"("user":{"uid":-1})") ==
        "user.uid: -1 is out of range (expected 0 to 4294967295)");
}

TEST_CASE("seccomp words are checked") {
  const auto error = [](std::string_view members) {
    return linux_error(concat(R"("seccomp":{"defaultAction":"SCMP_ACT_ALLOW",)", members, "}"));
  };
  CHECK(error(R"("defaultAction":"ALLOW")").find("linux.seccomp.defaultAction: unknown value") ==
        0);
  CHECK(error(R"("architectures":["SCMP_ARCH_Z80"])")
            .find("linux.seccomp.architectures[0]: unknown value \"SCMP_ARCH_Z80\"") == 0);
  CHECK(error(R"("flags":["X"])").find("linux.seccomp.flags[0]: unknown value \"X\"") == 0);
  CHECK(error(R"("syscalls":[{"names":["a"],"action":"X"}])")
            .find("linux.seccomp.syscalls[0].action: unknown value \"X\"") == 0);
  CHECK(error(R"("syscalls":[{"names":["a"],"action":"SCMP_ACT_LOG",
                  "args":[{"index":0,"value":0,"op":"X"}]}])")
            .find("linux.seccomp.syscalls[0].args[0].op: unknown value \"X\"") == 0);
}
