#include "cli/limits.h"

#include "base/concat.h"
#include "cli/values.h"

namespace brig::cli {

namespace {

// One option's value read by `parse`; nothing when it was not given or is empty, as for runc.
template <class Parse>
auto value_of(const Arguments& arguments, OptionName option, const char* form, Parse parse)
    -> decltype(parse(std::string_view())) {
  const std::string text = arguments.text(option);
  if (text.empty()) return std::nullopt;
  const auto value = parse(text);
  if (!value)
    throw UsageError(
        concat("invalid value \"", text, "\" for flag -", option.text(), ": it is ", form),
        arguments.command());
  return value;
}

template <class Int>
std::optional<Int> number(const Arguments& arguments, OptionName option) {
  return value_of(arguments, option, "a whole number", parse_number<Int>);
}

std::optional<std::int64_t> size(const Arguments& arguments, OptionName option) {
  return value_of(arguments, option, "a number of bytes, a size such as 512m, or -1", parse_size);
}

CpuResources cpu(const Arguments& arguments) {
  return {.shares = number<std::uint64_t>(arguments, "cpu-share"),
          .quota = number<std::int64_t>(arguments, "cpu-quota"),
          .burst = number<std::uint64_t>(arguments, "cpu-burst"),
          .period = number<std::uint64_t>(arguments, "cpu-period"),
          .realtime_runtime = number<std::int64_t>(arguments, "cpu-rt-runtime"),
          .realtime_period = number<std::uint64_t>(arguments, "cpu-rt-period"),
          .cpus = arguments.text("cpuset-cpus"),
          .mems = arguments.text("cpuset-mems"),
          .idle = number<std::int64_t>(arguments, "cpu-idle")};
}

MemoryResources memory(const Arguments& arguments) {
  MemoryResources memory;
  memory.limit = size(arguments, "memory");
  memory.reservation = size(arguments, "memory-reservation");
  memory.swap = size(arguments, "memory-swap");
  memory.kernel = size(arguments, "kernel-memory");
  memory.kernel_tcp = size(arguments, "kernel-memory-tcp");
  return memory;
}

}  // namespace

Resources resources_from_options(const Arguments& arguments) {
  Resources resources;
  resources.cpu = cpu(arguments);
  resources.memory = memory(arguments);
  resources.pids_limit = number<std::int64_t>(arguments, "pids-limit");
  const auto weight = number<std::uint16_t>(arguments, "blkio-weight");
  if (weight && *weight != 0) {  // 0 leaves it as it is
    if (*weight < 10 || *weight > 1000)
      throw UsageError("invalid value for flag -blkio-weight: it is from 10 to 1000",
                       arguments.command());
    resources.block_io.emplace().weight = weight;
  }
  return resources;
}

}  // namespace brig::cli
