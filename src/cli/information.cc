#include "base/concat.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/help.h"

namespace brig::cli {

int completion_command(const Invocation& invocation) {
  const auto script = completion_script(invocation.arguments.operands()[0]);
  if (!script)
    throw UsageError("there are completions for bash, zsh and fish",
                     invocation.arguments.command());
  print(*script);
  return 0;
}

int features_command(const Invocation& /*invocation*/) {
  print(features_document());
  return 0;
}

int help_command(const Invocation& invocation) {
  const std::vector<std::string>& operands = invocation.arguments.operands();
  if (operands.empty()) {
    print(global_help());
    return 0;
  }
  const Command* command = find_command(operands[0]);
  if (command == nullptr)
    throw UsageError(concat("unknown command \"", operands[0], "\""), nullptr);
  print(command_help(*command));
  return 0;
}

}  // namespace brig::cli
