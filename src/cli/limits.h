// The limits that `update` is given as options.
#pragma once

#include "brig/config.h"
#include "cli/args.h"

namespace brig::cli {

// The resources that the options of `update` other than --resources set. Throws UsageError for a
// value that is no number or size.
Resources resources_from_options(const Arguments& arguments);

}  // namespace brig::cli
