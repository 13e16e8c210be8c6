#include "target.h"

#include <cstdio>
#include <cstdlib>

#include "cli/one_line.h"

namespace brig::fuzz {

namespace {

constexpr Target kTargets[] = {
    {"command-line", fuzz_command_line},
    {"config", fuzz_config},
    {"container-files", fuzz_container_files},
    {"dbus-message", fuzz_dbus_message},
    {"dbus-text", fuzz_dbus_text},
    {"handshake", fuzz_handshake},
    {"idmap-option", fuzz_idmap_option},
    {"mount-options", fuzz_mount_options},
    {"number-list", fuzz_number_list},
    {"process", fuzz_process},
    {"resources", fuzz_resources},
    {"seccomp", fuzz_seccomp},
    {"seccomp-cache", fuzz_seccomp_cache},
    {"state", fuzz_state},
    {"subids", fuzz_subids},
};

}  // namespace

std::span<const Target> targets() { return kTargets; }

const Target* find_target(std::string_view name) {
  for (const Target& target : kTargets)
    if (name == target.name) return &target;
  return nullptr;
}

void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "FINDING: not true: %s\n", promise);
  std::abort();
}

void require_one_line(const Error& error) {
  const std::string line = cli::one_line(error.what());
  require(!line.empty(), "an error has a text");
  require(line.size() <= cli::kLongestLine, "an error is short enough to be read");
  for (const char letter : line)
    require(static_cast<unsigned char>(letter) >= 0x20 && letter != 0x7f,
            "an error has no control character");
}

std::string_view take_line(std::string_view& input) {
  const std::string_view line = input.substr(0, input.find('\n'));
  input.remove_prefix(std::min(input.size(), line.size() + 1));
  return line;
}

std::vector<std::string> lines_of(std::string_view input) {
  std::vector<std::string> lines;
  while (!input.empty()) lines.emplace_back(take_line(input));
  return lines;
}

}  // namespace brig::fuzz
