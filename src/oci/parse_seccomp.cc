// config-linux.md: the `seccomp` object.
#include "oci/parse_objects.h"
#include "oci/words.h"

namespace brig::oci {

using json::Value;

namespace {

SeccompArg parse_arg(const Value& in) {
  return SeccompArg{
      .index = in.required_integer<std::uint32_t>("index"),
      .value = in.required_integer<std::uint64_t>("value"),
      .value_two = in.integer<std::uint64_t>("valueTwo"),
      .op = in.required_word("op", kSeccompOperatorWords),
  };
}

SeccompSyscall parse_syscall(const Value& in) {
  return SeccompSyscall{
      .names = in.strings("names"),
      .action = in.required_word("action", kSeccompActionWords),
      .errno_ret = in.optional_integer<std::uint32_t>("errnoRet"),
      .args = in.list("args", parse_arg),
  };
}

std::string parse_architecture(const Value& in) { return in.as_one_of(kSeccompArchWords); }

std::string parse_flag(const Value& in) { return in.as_one_of(kSeccompFlagWords); }

// Absent flags and an empty list mean different things.
std::optional<std::vector<std::string>> parse_flags(const Value& in) {
  if (!in.find("flags")) return std::nullopt;
  return in.list("flags", parse_flag);
}

}  // namespace

Seccomp parse_seccomp(const Value& in) {
  return Seccomp{
      .default_action = in.required_word("defaultAction", kSeccompActionWords),
      .default_errno_ret = in.optional_integer<std::uint32_t>("defaultErrnoRet"),
      .architectures = in.list("architectures", parse_architecture),
      .flags = parse_flags(in),
      .listener_path = in.string("listenerPath"),
      .listener_metadata = in.string("listenerMetadata"),
      .syscalls = in.list("syscalls", parse_syscall),
  };
}

}  // namespace brig::oci
