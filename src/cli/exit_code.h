// The exit statuses of the command. `run` and `exec` in the foreground instead return the status of
// the process they ran (128 + signal when one killed it).
#pragma once

namespace brig::cli {

enum ExitCode : int {
  kSuccess = 0,
  kFailure = 1,
  kExecFailure = 255,  // exec: brig itself failed, so that it is not taken for the process's status
};

}  // namespace brig::cli
