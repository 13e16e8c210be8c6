// What a case needs of the machine and of the runtime's features: decided by the runner or the
// case's own process (sandbox.h), before anything is made.
#ifndef OCI_VALIDATION_RUNNER_NEEDS_H
#define OCI_VALIDATION_RUNNER_NEEDS_H

#include <string>

#include "machine.h"
#include "value.h"

namespace kit {

// Why the `needs` of a case are not met; "" when they are. Members: controller, cgroup,
// block-device (any, bfq), kernel, capability, cpus, lsm, filesystem, file, no-file, features (a
// JSON pointer that must be there and not false), no-features, listed ({POINTER: NAME}: the list
// there has the name).
std::string unmet_need(const Value& needs, const Machine& machine, const Value& features);

}  // namespace kit

#endif
