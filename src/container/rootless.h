// What is different when brig's caller is not root on the host: an unprivileged user, or root of a
// user namespace that somebody else has made (rootless Podman, buildah, `unshare --user`). Host
// side.
#pragma once

#include <optional>

#include "brig/config.h"
#include "brig/runtime.h"
#include "isolate/idmap.h"
#include "isolate/subids.h"
#include "sys/caller.h"

namespace brig::container {

// The caller's ids, when he is unprivileged.
std::optional<isolate::OwnIds> unprivileged_ids(const sys::Caller& caller) noexcept;

// An unprivileged caller can have a container only in a user namespace: one is added to a
// configuration without any, in which root is the caller, and the other ids are his subordinate
// ones. Pure. docs/decisions/004-rootless.md says why this is not an error.
void add_user_namespace(Config& config, const sys::Caller& caller,
                        const isolate::SubordinateIds& ids);
// Whether add_user_namespace() has something to add.
bool needs_user_namespace(const Config& config, const sys::Caller& caller);

// Whether a container may be left without a cgroup when none can be made: --rootless, by default
// for everybody but root on the host.
bool tolerates_no_cgroup(const RuntimeOptions& runtime, const sys::Caller& caller);

// Whether an errno says that the caller may not make or use the cgroup.
bool is_forbidden(int error_number) noexcept;

// What an unprivileged user can do about that, for messages.
extern const char* const kDelegationRemedy;

}  // namespace brig::container
