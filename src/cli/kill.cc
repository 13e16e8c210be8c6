#include "base/concat.h"
#include "cli/commands.h"
#include "cli/matching.h"
#include "sys/signal.h"

namespace brig::cli {

int kill_command(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const bool has_signal = arguments.operands().size() > 1 && !arguments.operands()[1].empty();
  const std::string name = has_signal ? arguments.operands()[1] : "SIGTERM";
  const std::optional<int> signal = sys::signal_number(name);
  if (!signal)
    throw UsageError(concat("unknown signal \"", name, "\": it is a number or a name such as KILL"),
                     arguments.command());
  const auto kill_one = [&](const std::string& container) {
    kill_container(invocation.runtime, container, *signal, arguments.flag("all"));
  };
  if (arguments.flag("regex"))
    for_each_match(invocation.runtime, invocation.container(), kill_one);
  else
    kill_one(invocation.container());
  return 0;
}

}  // namespace brig::cli
