// The exclusive lock of an open file, flock(2), with a deadline.
#pragma once

#include <sys/types.h>

#include "sys/poll.h"
#include "sys/result.h"

namespace brig::sys {

// Takes the lock if nobody has it; false: somebody has.
Result<bool> try_lock(int fd);

// Waits for the lock until `deadline`; false: it has passed. flock(2) knows no deadline, so a child
// process waits in the caller's place: the lock belongs to the open file, which both have.
Result<bool> lock_until(int fd, Deadline deadline);

// The process that has locked the file, as far as /proc/locks tells; 0: unknown, or ended by now.
pid_t lock_holder(int fd);

}  // namespace brig::sys
