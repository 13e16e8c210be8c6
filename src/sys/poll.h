// Waiting for a descriptor with a deadline. poll(2).
#pragma once

#include <poll.h>

#include <chrono>

#include "sys/result.h"

namespace brig::sys {

using Deadline = std::chrono::steady_clock::time_point;

// Waits until `fd` has one of `events` (POLL*; errors and hang-ups count too) or `deadline` has
// passed; false: it has passed. Goes on after signals.
Result<bool> wait_for(int fd, short events, Deadline deadline);

enum class Ready : unsigned char { kNone, kFirst, kSecond };

// Waits until `first` has one of `events` (0: only errors and hang-ups) or `second` can be read,
// the second counting only when the first has none; a negative one is not waited for. kNone:
// `deadline` has passed.
Result<Ready> wait_for_either(int first, int second, Deadline deadline, short events = POLLIN);

}  // namespace brig::sys
