// The example configuration that the `spec` command writes: the content of runc's, so that bundles
// made with either behave the same. Pure, no system calls.
#pragma once

#include <sys/types.h>

#include <string>

namespace brig::oci {

struct DefaultSpec {
  bool cgroup_namespace = false;  // add a cgroup namespace (a unified cgroup v2 host)
  bool rootless = false;          // a configuration that an unprivileged user can run
  uid_t uid = 0;                  // rootless: the user and group that root becomes
  gid_t gid = 0;
};

// The text of config.json, indented by tabs, ending without a newline.
[[nodiscard]] std::string default_spec(const DefaultSpec& options);

}  // namespace brig::oci
