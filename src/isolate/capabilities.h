// Capabilities of the container's process (config.md "Linux Process", `capabilities`).
//
// The host side turns names into bits, so that warnings reach the log; the container's init (or the
// exec'd process) then drops and sets them around its change of user. It runs as root of its user
// namespace, in all of the container's namespaces.
//
// An absent `process.capabilities` leaves everything as the runtime has it, as runc does: root then
// has what the runtime has, any other user loses all at execve(2). Callers make none of the calls
// below in that case.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "brig/config.h"

namespace brig::isolate {

// The five sets; bit N is capability number N.
struct CapabilitySets {
  std::uint64_t bounding = 0;
  std::uint64_t effective = 0;
  std::uint64_t inheritable = 0;
  std::uint64_t permitted = 0;
  std::uint64_t ambient = 0;
};

// Every capability that this kernel knows: what root of a new user namespace holds.
std::uint64_t all_capabilities();

// What the calling process holds in its permitted set: capget(2).
std::uint64_t held_capabilities();

// Turns names into sets that the kernel accepts from a process that holds `held`
// (held_capabilities(), or all_capabilities() for a container with a user namespace, new or
// joined). What cannot be granted is left out and named in `warnings`, one line per reason, never
// an error (the spec: SHOULD NOT fail): unknown names, capabilities not held, effective or ambient
// ones that are not permitted, ambient or inheritable ones that are not bounding or inheritable.
CapabilitySets resolve_capabilities(const Capabilities& names, std::uint64_t held,
                                    std::vector<std::string>& warnings);

// `exec --cap`: adds `names` to bounding, effective and permitted, and to ambient only when the
// process has inheritable capabilities already. Never to inheritable: CVE-2022-29162.
void add_exec_capabilities(Capabilities& capabilities, const std::vector<std::string>& names);

// Drops what is not in `sets.bounding` from the bounding set (needs CAP_SETPCAP, hence before the
// other sets shrink), and keeps the permitted set over the change of user that follows. Before
// set_user().
void drop_bounding(const CapabilitySets& sets);

// Sets permitted, effective and inheritable, then ambient. After set_user().
void apply_capabilities(const CapabilitySets& sets);

// The names of all capabilities that libcap and this kernel know, for `features`.
std::vector<std::string> known_capabilities();

}  // namespace brig::isolate
