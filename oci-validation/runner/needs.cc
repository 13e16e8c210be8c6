#include "needs.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "../probe/capabilities.h"

namespace kit {
namespace {

struct Need {
  const Value& wanted;
  const std::string& text;  // `wanted` in one word; "" when it is a list or a map
  const Machine& machine;
  const Value& features;
};

// Each says what is missing, or "".
std::string controller(const Need& need) {
  if (need.machine.cgroup != "v2") return "no cgroup v2";
  const Value::Array list =
      need.wanted.is_array() ? need.wanted.items() : Value::Array{need.wanted};
  const auto& all = need.machine.controllers;
  for (const Value& name : list) {
    if (std::find(all.begin(), all.end(), name.text()) == all.end()) {
      return "no cgroup v2 controller " + name.text();
    }
  }
  return "";
}

std::string cgroup(const Need& need) {
  return need.machine.cgroup == need.text ? "" : "no cgroup " + need.text;
}

std::string block_device(const Need& need) {
  const bool bfq = need.text == "bfq";
  const std::string& found = bfq ? need.machine.bfq_device : need.machine.block_device;
  return found.empty() ? std::string("no block device") + (bfq ? " with the scheduler bfq" : "")
                       : "";
}

std::string kernel(const Need& need) {
  if (version_at_least(need.machine.kernel, need.text)) return "";
  return "kernel " + need.machine.kernel + " is older than " + need.text;
}

std::string capability(const Need& need) {
  for (std::size_t i = 0; i < std::size(probe::kCapabilities); i++) {
    if (need.text != probe::kCapabilities[i]) continue;
    return (need.machine.capabilities >> i & 1) != 0 ? "" : "root has no " + need.text;
  }
  throw KitError("`needs' does not know the capability " + need.text);
}

std::string cpus(const Need& need) {
  const bool enough = need.machine.processors >= need.wanted.as_number();
  return enough ? "" : "fewer than " + need.text + " processors";
}

std::string lsm(const Need& need) {
  const bool on = need.machine.security_modules.find(need.text) != std::string::npos;
  return on ? "" : need.text + " is off";
}

std::string filesystem(const Need& need) {
  std::istringstream words(need.machine.file_systems);
  for (std::string each; words >> each;) {
    if (each == need.text) return "";
  }
  return "no file system " + need.text;
}

std::string file(const Need& need) {
  return access(need.text.c_str(), F_OK) == 0 ? "" : "no " + need.text;
}

std::string no_file(const Need& need) {
  return access(need.text.c_str(), F_OK) != 0 ? "" : "there is " + need.text;
}

bool claims(const Need& need) {
  const Value* found = need.features.at_pointer(need.text);
  return found != nullptr && !found->is_null() && *found != Value{false, {}};
}

std::string features(const Need& need) {
  return claims(need) ? "" : "features do not claim " + need.text;
}

std::string no_features(const Need& need) {
  return claims(need) ? "features claim " + need.text : "";
}

std::string listed(const Need& need) {
  const Member& wanted = need.wanted.members()[0];
  const Value* list = need.features.at_pointer(wanted.name);
  if (list != nullptr && list->is_array()) {
    const Value::Array& items = list->items();
    if (std::find(items.begin(), items.end(), wanted.value) != items.end()) return "";
  }
  return "features do not list " + wanted.value.as_text();
}

}  // namespace

std::string unmet_need(const Value& needs, const Machine& machine, const Value& of_runtime) {
  static const std::map<std::string, std::string (*)(const Need&)> checks = {
      {"controller", controller},
      {"cgroup", cgroup},
      {"block-device", block_device},
      {"kernel", kernel},
      {"capability", capability},
      {"cpus", cpus},
      {"lsm", lsm},
      {"filesystem", filesystem},
      {"file", file},
      {"no-file", no_file},
      {"features", features},
      {"no-features", no_features},
      {"listed", listed},
  };
  for (const Member& need : needs.members()) {
    const auto check = checks.find(need.name);
    if (check == checks.end()) throw KitError("`needs' does not know " + need.name);
    const Value& wanted = need.value;
    const std::string text = wanted.is_array() || wanted.is_object() ? "" : wanted.as_text();
    std::string missing = check->second({wanted, text, machine, of_runtime});
    if (!missing.empty()) return missing;
  }
  return "";
}

}  // namespace kit
