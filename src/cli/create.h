// What `create` and `run` have in common: the options that describe the new container.
#pragma once

#include "brig/runtime.h"
#include "cli/commands.h"

namespace brig::cli {

// The options of a new container from the command line and, for LISTEN_FDS and NOTIFY_SOCKET, the
// environment.
CreateOptions create_options(const Invocation& invocation);

// For create, run and exec: throws unless the descriptors that LISTEN_FDS and --preserve-fds count
// are open. Before brig opens any of its own, which would take their numbers.
void check_preserved_descriptors(const Arguments& arguments);

// NOTIFY_SOCKET of the caller; empty when it is not set.
std::string notify_socket();

}  // namespace brig::cli
