// The hooks that run when the program of a container has been executed. Host side; used by `start`
// and `run`.
#pragma once

#include "oci/state.h"

namespace brig::container {

// Throws when one fails: the caller then destroys the container (config.md "poststart").
void run_poststart_hooks(const oci::StateRecord& record);

}  // namespace brig::container
