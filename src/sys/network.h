// Network interfaces of the calling process's network namespace.
#pragma once

#include "sys/result.h"

namespace brig::sys {

// Sets IFF_UP on `lo`; netdevice(7).
Result<void> bring_up_loopback();

}  // namespace brig::sys
