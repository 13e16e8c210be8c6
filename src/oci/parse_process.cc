// config.md: the `process` object.
#include "oci/parse_objects.h"
#include "oci/words.h"

namespace brig::oci {

using json::Value;

namespace {

ConsoleSize parse_console_size(const Value& in) {
  return ConsoleSize{
      .height = in.required_integer<std::uint32_t>("height"),
      .width = in.required_integer<std::uint32_t>("width"),
  };
}

// uid and gid are required by the spec, but every runtime in use reads their absence as root.
User parse_user(const Value& in) {
  return User{
      .uid = in.integer<std::uint32_t>("uid"),
      .gid = in.integer<std::uint32_t>("gid"),
      .umask = in.optional_integer<std::uint32_t>("umask"),
      .additional_gids = in.list("additionalGids",
                                 [](const Value& gid) { return gid.as_integer<std::uint32_t>(); }),
  };
}

Rlimit parse_rlimit(const Value& in) {
  return Rlimit{
      .type = in.required_string("type"),
      .resource = in.required_word("type", kRlimitWords),
      .soft = in.required_integer<std::uint64_t>("soft"),
      .hard = in.required_integer<std::uint64_t>("hard"),
  };
}

Capabilities parse_capabilities(const Value& in) {
  return Capabilities{
      .bounding = in.strings("bounding"),
      .effective = in.strings("effective"),
      .inheritable = in.strings("inheritable"),
      .permitted = in.strings("permitted"),
      .ambient = in.strings("ambient"),
  };
}

std::uint64_t parse_scheduler_flags(const Value& in) {
  std::uint64_t flags = 0;
  in.each("flags", [&](const Value& flag) { flags |= flag.as_word(kSchedulerFlagWords); });
  return flags;
}

Scheduler parse_scheduler(const Value& in) {
  return Scheduler{
      .policy = in.required_word("policy", kSchedulerPolicyWords),
      .nice = in.optional_integer<std::int32_t>("nice"),
      .priority = in.optional_integer<std::int32_t>("priority"),
      .flags = parse_scheduler_flags(in),
      .runtime = in.integer<std::uint64_t>("runtime"),
      .deadline = in.integer<std::uint64_t>("deadline"),
      .period = in.integer<std::uint64_t>("period"),
  };
}

IoPriority parse_io_priority(const Value& in) {
  return IoPriority{
      .io_class = in.required_word("class", kIoPriorityClassWords),
      .priority = in.required_integer<std::int32_t>("priority"),
  };
}

ExecCpuAffinity parse_exec_cpu_affinity(const Value& in) {
  return ExecCpuAffinity{
      .initial = in.string("initial"),
      .final = in.string("final"),
  };
}

}  // namespace

Process parse_process_object(const Value& in) {
  return Process{
      .terminal = in.boolean("terminal"),
      .console_size = in.optional("consoleSize", parse_console_size),
      .cwd = in.string("cwd"),
      .env = in.strings("env"),
      .args = in.strings("args"),
      .command_line = in.string("commandLine"),
      .user = in.optional("user", parse_user).value_or(User{}),
      .rlimits = in.list("rlimits", parse_rlimit),
      .capabilities = in.optional("capabilities", parse_capabilities),
      .no_new_privileges = in.boolean("noNewPrivileges"),
      .apparmor_profile = in.string("apparmorProfile"),
      .selinux_label = in.string("selinuxLabel"),
      .oom_score_adj = in.optional_integer<std::int32_t>("oomScoreAdj"),
      .scheduler = in.optional("scheduler", parse_scheduler),
      .io_priority = in.optional("ioPriority", parse_io_priority),
      .exec_cpu_affinity = in.optional("execCPUAffinity", parse_exec_cpu_affinity),
  };
}

}  // namespace brig::oci
