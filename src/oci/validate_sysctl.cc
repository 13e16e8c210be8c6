// config-linux.md "Sysctl": only parameters that belong to a namespace of the container may be set,
// any other would change the host.
#include <algorithm>
#include <array>

#include "oci/validate_rules.h"

namespace brig::oci {

namespace {

constexpr std::array<std::string_view, 8> kIpcParameters{
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
    "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"};

// Which namespace a parameter belongs to.
struct Owner {
  NamespaceType type;
  std::string_view name;
};

// sysctl(8): when the first separator is a slash, slashes separate and dots are part of a name.
std::string with_dots(std::string_view key) {
  std::string dotted(key);
  const std::size_t first = key.find_first_of("./");
  if (first == std::string_view::npos || key[first] == '.') return dotted;
  for (char& c : dotted) {
    if (c == '/')
      c = '.';
    else if (c == '.')
      c = '/';
  }
  return dotted;
}

// Every component must be a plain file name below /proc/sys; a slash in the dotted form is a dot.
bool is_plain_path(std::string_view dotted) {
  for (;;) {
    const std::size_t dot = dotted.find('.');
    const std::string_view name = dotted.substr(0, dot);
    if (name.empty() || name == "/" || name == "//") return false;
    if (dot == std::string_view::npos) return true;
    dotted.remove_prefix(dot + 1);
  }
}

// The namespace that owns the parameter; nothing when it belongs to the whole system.
std::optional<Owner> owner_of(std::string_view dotted) {
  if (dotted.starts_with("fs.mqueue.") ||
      std::find(kIpcParameters.begin(), kIpcParameters.end(), dotted) != kIpcParameters.end())
    return Owner{NamespaceType::kIpc, "ipc"};
  if (dotted.starts_with("net.")) return Owner{NamespaceType::kNetwork, "network"};
  if (dotted == "kernel.domainname") return Owner{NamespaceType::kUts, "uts"};
  if (dotted.starts_with("user.")) return Owner{NamespaceType::kUser, "user"};
  return std::nullopt;
}

}  // namespace

void check_sysctl(const Config& config, Problems& problems) {
  for (const auto& parameter : config.linux.sysctl) {
    const std::string& key = parameter.first;
    const std::string dotted = with_dots(key);
    const auto add = [&](const auto&... pieces) {
      problems.add("linux.sysctl[\"", key, "\"]: ", pieces...);
    };
    if (!is_plain_path(dotted)) {
      add("not the name of a kernel parameter");
    } else if (dotted == "kernel.hostname") {
      add("conflicts with the property hostname, use that");
    } else if (const std::optional<Owner> owner = owner_of(dotted); !owner) {
      add("not in a namespace of its own, it would change the host");
    } else if (config.find_namespace(owner->type) == nullptr) {
      add("needs a ", owner->name, " namespace, it would change the host");
    }
  }
}

}  // namespace brig::oci
