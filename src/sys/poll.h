// Waiting for a descriptor with a deadline. poll(2).
#pragma once

#include <chrono>

#include "sys/result.h"

namespace brig::sys {

using Deadline = std::chrono::steady_clock::time_point;

// Waits until `fd` has one of `events` (POLL*; errors and hang-ups count too) or `deadline` has
// passed; false: it has passed. Goes on after signals.
Result<bool> wait_for(int fd, short events, Deadline deadline);

}  // namespace brig::sys
