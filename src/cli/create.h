// What `create` and `run` have in common: the options that describe the new container.
#pragma once

#include "brig/runtime.h"
#include "cli/commands.h"

namespace brig::cli {

// The options of a new container from the command line and, for LISTEN_FDS and NOTIFY_SOCKET, the
// environment.
CreateOptions create_options(const Invocation& invocation);

// NOTIFY_SOCKET of the caller; empty when it is not set.
std::string notify_socket();

}  // namespace brig::cli
