// `features`: collects what each layer can do for the document of oci/features.h. Host side.
#include "oci/features.h"

#include "brig/runtime.h"
#include "isolate/capabilities.h"
#include "isolate/seccomp.h"
#include "rootfs/mount_options.h"

namespace brig {

std::string features_document() {
  const std::vector<std::string> capabilities = isolate::known_capabilities();
  const isolate::SeccompSupport seccomp = isolate::seccomp_support();
  oci::Features features;
  features.systemd_cgroup = true;
  for (const rootfs::MountOption& option : rootfs::mount_options())
    features.mount_options.push_back(option.name);
  features.capabilities.assign(capabilities.begin(), capabilities.end());
  features.seccomp_archs = seccomp.archs;
  features.seccomp_flags = seccomp.flags;
  features.libseccomp_version = isolate::seccomp_library_version();
  features.unsafe_annotations = {"org.systemd.property.", "run.oci.hooks.stderr",
                                 "run.oci.hooks.stdout", "run.oci.keep_original_groups",
                                 "run.oci.mount_context_type"};
  return oci::features_json(features);
}

}  // namespace brig
