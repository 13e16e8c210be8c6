#include "base/concat.h"
#include "cli/commands.h"
#include "cli/ps_table.h"
#include "json/writer.h"
#include "sys/spawn.h"

namespace brig::cli {

namespace {

// What ps(1) prints with `options`.
std::string ps_output(const std::vector<std::string>& options) {
  std::vector<std::string> argv = {"ps"};
  argv.insert(argv.end(), options.begin(), options.end());
  if (options.empty()) argv.emplace_back("-ef");
  sys::Result<sys::CapturedOutput> output = sys::capture_output(argv);
  if (!output && output.error() == ENOENT)
    throw Error("execute ps (install procps, or use --format json)", ENOENT);
  if (!output) throw Error("execute ps", output.error());
  if (output->status != 0)
    throw Error(concat("ps: exit status ", output->status, ": ", output->text));
  return output->text;
}

}  // namespace

int ps_command(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string format = arguments.given("format") ? arguments.text("format") : "table";
  if (format != "table" && format != "json")
    throw UsageError(concat("invalid format option \"", format, "\": it is table or json"),
                     arguments.command());
  const std::vector<pid_t> pids = container_processes(invocation.runtime, invocation.container());
  if (format == "json") {
    json::Writer writer;
    if (pids.empty())
      writer.null();  // as runc
    else
      writer.array([&] {
        for (const pid_t pid : pids) writer.value(pid);
      });
    print(std::move(writer).take() + "\n");
    return 0;
  }
  print(select_processes(ps_output({arguments.operands().begin() + 1, arguments.operands().end()}),
                         pids));
  return 0;
}

}  // namespace brig::cli
