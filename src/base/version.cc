#include "brig/version.h"

// Made by the build when the version or the commit changes; only this file includes it.
#include "build_info.h"

namespace brig {

const char* const kVersion = BRIG_VERSION;
const char* const kCommit = BRIG_COMMIT;

}  // namespace brig
