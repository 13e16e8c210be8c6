// The document that the `features` command prints (runtime-spec features.md): what this build can
// do, told truthfully. Pure, no system calls: what only other layers know is filled in by the
// caller.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace brig::oci {

struct Features {
  std::vector<std::string_view> mount_options;  // every word rootfs/mount_options.h knows
  std::vector<std::string_view> capabilities;   // every CAP_* name brig knows
  std::vector<std::string_view> seccomp_archs;  // SCMP_ARCH_* that libseccomp knows
  std::vector<std::string_view> seccomp_flags;  // SECCOMP_FILTER_FLAG_* it can set
  std::string libseccomp_version;               // "2.5.4"
  bool systemd_cgroup = false;                  // the systemd cgroup manager is compiled in
  bool apparmor = true;
  bool selinux = true;
  // Annotations of a configuration that change what the runtime does on the host; one that ends in
  // a dot stands for all that start with it.
  std::vector<std::string_view> unsafe_annotations;
  std::map<std::string, std::string> annotations;  // further ones, added to brig's own
};

// The document, indented by four spaces, ending with a newline.
[[nodiscard]] std::string features_json(const Features& features);

}  // namespace brig::oci
