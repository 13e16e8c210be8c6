// A seccomp agent: what a runtime connects to when a filter has SCMP_ACT_NOTIFY.
#ifndef OCI_VALIDATION_RUNNER_AGENT_H
#define OCI_VALIDATION_RUNNER_AGENT_H

#include <string>

#include "process.h"
#include "value.h"

namespace kit {

// Listens at `path`; kind: stream, datagram (which nobody can connect a stream to), none (no
// socket).
Descriptor listen_as_agent(const std::string& path, const std::string& kind);

// What came over the first connection, whose end it waits for:
//   {message: JSON, descriptors: N, descriptors_in_first_message: N, closed: true,
//   more_connections: N}
// Throws Failure. The descriptors are closed, which ends each notified call with ENOSYS.
Value hear_agent(const Descriptor& listener, Clock::time_point deadline);

}  // namespace kit

#endif
