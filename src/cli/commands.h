// The commands, one function and one file each. A function returns the exit status and throws
// Error when the command failed.
#pragma once

#include <string>
#include <string_view>

#include "brig/runtime.h"
#include "cli/args.h"

namespace brig::cli {

// A parsed command line and what its global options mean.
struct Invocation {
  const Arguments& arguments;
  RuntimeOptions runtime;

  // The first operand: the container of the commands that have one.
  [[nodiscard]] const std::string& container() const { return arguments.operands()[0]; }
};

// Runs the command of the command line.
int dispatch(const Invocation& invocation);

int checkpoint_command(const Invocation& invocation);
int completion_command(const Invocation& invocation);
int create_command(const Invocation& invocation);
int delete_command(const Invocation& invocation);
int events_command(const Invocation& invocation);
int exec_command(const Invocation& invocation);
int features_command(const Invocation& invocation);
int help_command(const Invocation& invocation);
int kill_command(const Invocation& invocation);
int list_command(const Invocation& invocation);
int pause_command(const Invocation& invocation);
int ps_command(const Invocation& invocation);
int restore_command(const Invocation& invocation);
int resume_command(const Invocation& invocation);
int run_command(const Invocation& invocation);
int spec_command(const Invocation& invocation);
int start_command(const Invocation& invocation);
int state_command(const Invocation& invocation);
int update_command(const Invocation& invocation);

// Writes all of `text` to standard output; a failure (a full disk, a closed pipe) is an Error.
void print(std::string_view text);

}  // namespace brig::cli
