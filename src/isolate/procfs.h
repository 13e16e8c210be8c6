// Which private /proc the container's init needs.
#pragma once

#include <optional>

#include "brig/config.h"
#include "sys/procfs.h"

namespace brig::isolate {

// How much of /proc the functions of this layer use for `config` in the container's init: none for
// most plain configs, so that no handle needs to be made. For exec pass a config with the process's
// own `process` and without `linux.sysctl`.
std::optional<sys::ProcScope> proc_needed(const Config& config);

}  // namespace brig::isolate
