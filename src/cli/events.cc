#include "base/concat.h"
#include "cli/commands.h"
#include "cli/values.h"

namespace brig::cli {

namespace {

class PrintedEvents final : public EventSink {
 public:
  bool event(std::string_view json_line) override {
    print(concat(json_line, '\n'));
    return true;
  }
};

// The value of --interval, at least one millisecond.
std::chrono::milliseconds interval(const Arguments& arguments) {
  if (!arguments.given("interval")) return std::chrono::seconds(5);
  const std::string text = arguments.text("interval");
  const auto duration = parse_duration(text);
  if (!duration)
    throw UsageError(concat("invalid value \"", text,
                            "\" for flag -interval: it is a duration such as 500ms or 1m30s"),
                     arguments.command());
  if (duration->count() == 0)
    throw UsageError("duration interval must be greater than 0", arguments.command());
  return std::chrono::ceil<std::chrono::milliseconds>(*duration);
}

}  // namespace

int events_command(const Invocation& invocation) {
  const std::chrono::milliseconds every = interval(invocation.arguments);
  if (invocation.arguments.flag("stats")) {
    print(container_stats(invocation.runtime, invocation.container()) + "\n");
    return 0;
  }
  PrintedEvents sink;
  follow_events(invocation.runtime, invocation.container(), every, sink);
  return 0;
}

}  // namespace brig::cli
