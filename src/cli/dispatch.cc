#include "cli/commands.h"

namespace brig::cli {

int dispatch(const Invocation& invocation) {
  switch (invocation.arguments.command()->id) {
    case CommandId::kCheckpoint:
      return checkpoint_command(invocation);
    case CommandId::kCompletion:
      return completion_command(invocation);
    case CommandId::kCreate:
      return create_command(invocation);
    case CommandId::kDelete:
      return delete_command(invocation);
    case CommandId::kEvents:
      return events_command(invocation);
    case CommandId::kExec:
      return exec_command(invocation);
    case CommandId::kFeatures:
      return features_command(invocation);
    case CommandId::kHelp:
      return help_command(invocation);
    case CommandId::kKill:
      return kill_command(invocation);
    case CommandId::kList:
      return list_command(invocation);
    case CommandId::kPause:
      return pause_command(invocation);
    case CommandId::kPs:
      return ps_command(invocation);
    case CommandId::kRestore:
      return restore_command(invocation);
    case CommandId::kResume:
      return resume_command(invocation);
    case CommandId::kRun:
      return run_command(invocation);
    case CommandId::kSpec:
      return spec_command(invocation);
    case CommandId::kStart:
      return start_command(invocation);
    case CommandId::kState:
      return state_command(invocation);
    case CommandId::kUpdate:
      return update_command(invocation);
  }
  throw Error("a command without a function");
}

}  // namespace brig::cli
