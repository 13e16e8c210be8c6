#include "cli/cli.h"

#include <cstdio>

#include "base/concat.h"
#include "brig/version.h"
#include "cli/args.h"
#include "cli/completion.h"
#include "cli/exit_code.h"
#include "cli/help.h"

namespace brig::cli {

int run(int argc, char** argv) {
  Arguments arguments;
  try {
    arguments.parse(argc, argv);
    if (arguments.flag("version") || arguments.flag("V")) {
      std::printf("brig version %s\ncommit: %s\nspec: %s\n", kVersion, kCommit, kSpecVersion);
      return kSuccess;
    }
    const Command* command = arguments.command();
    if (command == nullptr || arguments.flag("help")) {
      std::fputs((command == nullptr ? global_help() : command_help(*command)).c_str(), stdout);
      return kSuccess;
    }
    if (command->id == CommandId::kCompletion) {
      const auto script = completion_script(arguments.operands()[0]);
      if (!script) throw UsageError("there are completions for bash, zsh and fish", command);
      std::fputs(script->c_str(), stdout);
      return kSuccess;
    }
    throw Error(concat("the command ", command->name, " is not supported"));
  } catch (const Error& error) {
    std::fprintf(stderr, "brig: %s\n", error.what());
    return kFailure;
  }
}

}  // namespace brig::cli
