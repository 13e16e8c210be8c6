// probe FACT[=SUBJECT]... [then=ACTION]: prints what it sees as one line of JSON, then acts.
// probe hook NAME LOG [ACTION]: what hooks run (actions.h).
// A static program, so that it runs in any root file system; oci-validation/README.md lists the
// facts.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "actions.h"
#include "facts.h"

namespace probe {
namespace {

constexpr Fact kFacts[] = {
    {"user", write_user},
    {"capabilities", write_capabilities},
    {"no_new_privileges", write_no_new_privileges},
    {"seccomp", write_seccomp},
    {"rlimits", write_rlimits},
    {"oom_score_adj", write_oom_score_adj},
    {"args", write_arguments},
    {"env", write_environment},
    {"cwd", write_working_directory},
    {"fds", write_descriptors},
    {"terminal", write_terminal},
    {"pid", write_pid},
    {"scheduler", write_scheduler},
    {"io_priority", write_io_priority},
    {"affinity", write_affinity},
    {"memory_policy", write_memory_policy},
    {"namespaces", write_namespaces},
    {"hostname", write_hostname},
    {"domainname", write_domainname},
    {"cgroup", write_cgroup},
    {"time_offsets", write_time_offsets},
    {"clocks", write_clocks},
    {"personality", write_personality},
    {"keyring", write_keyring},
    {"uid_map", write_uid_map},
    {"gid_map", write_gid_map},
    {"interfaces", write_interfaces},
    {"mounts", write_mounts},
    {"mount_order", write_mount_order},
    {"devices", write_devices},
};

constexpr FactAbout kFactsAbout[] = {
    {"sysctl", write_sysctl},    {"files", write_file},  {"list", write_list},
    {"read", write_read},        {"write", write_write}, {"device_access", write_device_access},
    {"syscalls", write_syscall},
};

bool write_fact(Json& json, std::string_view name) {
  for (const Fact& fact : kFacts) {
    if (fact.name != name) continue;
    json.key(name);
    fact.write(json);
    return true;
  }
  return false;
}

// All subjects of one fact become one object, wherever they stand on the command line.
bool write_facts_about(Json& json, std::string_view name,
                       const std::vector<std::string_view>& words) {
  for (const FactAbout& fact : kFactsAbout) {
    if (fact.name != name) continue;
    json.key(name).begin_object();
    for (const std::string_view word : words) {
      if (!word.starts_with(name) || word.substr(name.size(), 1) != "=") continue;
      const std::string subject(word.substr(name.size() + 1));
      json.key(subject);
      fact.write(json, subject);
    }
    json.end_object();
    return true;
  }
  return false;
}

int print_facts(const std::vector<std::string_view>& words) {
  Json json;
  json.begin_object();
  std::string action;
  bool printed = false;
  std::vector<std::string_view> done;
  for (const std::string_view word : words) {
    const std::string_view name = word.substr(0, word.find('='));
    if (name == "then") {
      action = word.substr(5);
      continue;
    }
    bool again = false;
    for (const std::string_view other : done) again = again || other == name;
    if (again) continue;
    done.push_back(name);
    printed = true;
    if (!write_fact(json, name) && !write_facts_about(json, name, words)) {
      std::fprintf(stderr, "probe: no such fact: %.*s\n", static_cast<int>(word.size()),
                   word.data());
      return 2;
    }
  }
  json.end_object();
  // In one write, so that the line is whole.
  const std::string line = json.line() + "\n";
  prepare_to_act(action);
  if (printed && write(STDOUT_FILENO, line.data(), line.size()) < 0) return 3;
  return act(action);
}

}  // namespace
}  // namespace probe

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + (argc == 0 ? 0 : 1), argv + argc);
  if (!words.empty() && words[0] == "hook") return probe::run_hook(argc, argv);
  return probe::print_facts(words);
}
