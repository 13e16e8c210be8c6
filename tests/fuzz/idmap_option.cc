// The mount option idmap=, in a container with id mappings.
#include "oci/idmap_option.h"

#include "target.h"

namespace brig::fuzz {

void fuzz_idmap_option(std::string_view input) {
  Config config;
  config.linux.uid_mappings = {{0, 100000, 1000}, {1000, 5, 1}, {1001, 4000000000, 294967295}};
  config.linux.gid_mappings = {{0, 0, 4294967295U}};
  config.mounts.push_back({.destination = "/mnt", .options = {"rbind", std::string(input)}});
  if (!accepts([&] { oci::expand_idmap_options(config); })) return;
  const Mount& mount = config.mounts[0];
  require(mount.uid_mappings.empty() == mount.gid_mappings.empty(), "uids and gids come together");
  require(mount.options[1].find('=') == std::string::npos || mount.uid_mappings.empty(),
          "an option with mappings becomes a plain one");
}

}  // namespace brig::fuzz
