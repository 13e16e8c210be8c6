// The mount option that crun and podman have beside the specification's uidMappings and
// gidMappings:
//
//     idmap=uids=0-5-1#1-100-10;gids=0-6-1        (also ridmap=)
//
// One entry is FILE_ID-HOST_ID-SIZE; after "@" HOST_ID is one that the container sees, so it goes
// through the container's own mappings.
#pragma once

#include "brig/config.h"

namespace brig::oci {

// Replaces such an option by plain idmap or ridmap and mappings of the mount. Throws Error.
void expand_idmap_options(Config& config);

}  // namespace brig::oci
