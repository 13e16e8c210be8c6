#include "cli/commands.h"

namespace brig::cli {

int checkpoint_command(const Invocation& /*invocation*/) {
  throw Error("checkpoint is not supported yet");
}

int restore_command(const Invocation& /*invocation*/) {
  throw Error("restore is not supported yet");
}

}  // namespace brig::cli
