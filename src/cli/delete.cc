#include "base/log.h"
#include "cli/commands.h"
#include "cli/matching.h"

namespace brig::cli {

int delete_command(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const auto delete_one = [&](const std::string& container) {
    std::vector<std::string> warnings;
    delete_container(invocation.runtime, container, arguments.flag("force"), warnings);
    for (const std::string& warning : warnings) log::warning(warning);
  };
  if (arguments.flag("regex"))
    for_each_match(invocation.runtime, invocation.container(), delete_one);
  else
    delete_one(invocation.container());
  return 0;
}

}  // namespace brig::cli
