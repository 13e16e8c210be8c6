// The rules between fields of a configuration: everything the runtime-spec demands that can be
// decided without the kernel. Pure, no system calls.
//
// Each function looks for *all* problems and throws one brig::Error whose line joins the first
// twenty with
// "; ", each starting with its JSON path, and counts the others. What depends on the host (a path
// that must exist, a namespace file's type, a capability this kernel knows, mount options, the
// cgroup of a systemd slice) is checked by the layer that uses it.
#pragma once

#include <string_view>

#include "brig/config.h"

namespace brig::oci {

// Checks a whole configuration, as `create` and `run` need it.
void validate(const Config& config);

// Checks a process object; `json_path` names it in messages ("process"; empty for the file of
// `exec --process`, whose properties are then named without a prefix).
void validate_process(const Process& process, std::string_view json_path);

// Checks the schemas that `update` takes.
void validate_intel_rdt(const IntelRdt& intel_rdt);

// Checks resource limits; `json_path` names them in messages ("linux.resources", or empty).
void validate_resources(const Resources& resources, std::string_view json_path);

}  // namespace brig::oci
