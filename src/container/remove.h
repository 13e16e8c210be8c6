// `delete`: takes away everything that belongs to a container. Host side.
#pragma once

#include <string>
#include <vector>

#include "container/container.h"

namespace brig::container {

// Kills what is left of the container, removes its cgroup and its folder, then runs its poststop
// hooks, whose failures become lines of the result (config.md "poststop"). The lock must be held.
std::vector<std::string> remove_container(Container& container);

// What delete --force does once the lock is held: the same, also when the record is damaged.
std::vector<std::string> remove_by_force(Store& store, const RuntimeOptions& runtime);

}  // namespace brig::container
