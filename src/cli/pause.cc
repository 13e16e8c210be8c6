#include "cli/commands.h"

namespace brig::cli {

int pause_command(const Invocation& invocation) {
  pause_container(invocation.runtime, invocation.container());
  return 0;
}

int resume_command(const Invocation& invocation) {
  resume_container(invocation.runtime, invocation.container());
  return 0;
}

}  // namespace brig::cli
