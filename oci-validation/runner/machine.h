// What this machine has: read once by the runner, before any case; decides which cases are skipped.
#ifndef OCI_VALIDATION_RUNNER_MACHINE_H
#define OCI_VALIDATION_RUNNER_MACHINE_H

#include <string>
#include <vector>

namespace kit {

inline constexpr const char* kCgroupMount = "/sys/fs/cgroup";

struct Machine {
  bool root = false;
  std::string kernel;                    // "6.1.0-13-amd64"
  std::string cgroup;                    // "v2", "none"
  std::vector<std::string> controllers;  // of cgroup v2, that the cases can have
  unsigned long long capabilities = 0;   // permitted ones of the runner
  int processors = 1;
  std::string security_modules;
  std::string file_systems;
  std::string block_device;  // "8:0": some whole device; "" when there is none
  std::string bfq_device;    // one whose scheduler is bfq
};

// Gives the runner a mount namespace of its own, in which /sys/fs/cgroup is cgroup v2 even where
// the machine has v1 hierarchies too. Root only.
void enter_own_mounts();
// Makes the cgroup in which each case has its own, with all controllers that the machine can give
// it. Nothing where there is no cgroup v2.
void make_cgroup_for_cases(const std::string& folder);
// In a case's process: makes that cgroup the root of all that it and the runtime can see, so that
// no runtime reaches the machine's own cgroups, whatever a case makes of it. It is itself in the
// cgroup /runner there.
void enter_own_cgroup(const std::string& folder);
// `cases` is the cgroup that make_cgroup_for_cases made.
Machine look_at_machine(const std::string& cases);

// "1.2.0-rc.1" >= "1.2"; what follows the numbers is left out.
bool version_at_least(const std::string& version, const std::string& least);

std::string read_file(const std::string& path);

}  // namespace kit

#endif
