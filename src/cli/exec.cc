#include "base/concat.h"
#include "cli/commands.h"
#include "cli/globals.h"
#include "cli/values.h"

namespace brig::cli {

namespace {

void set_user(const Arguments& arguments, ExecOptions& options) {
  if (arguments.given("user")) {
    const std::string text = arguments.text("user");
    const auto user = parse_user(text);
    if (!user)
      throw UsageError(concat("invalid --user \"", text, "\": it is UID or UID:GID, in digits"),
                       arguments.command());
    options.uid = user->uid;
    options.gid = user->gid;
  }
  for (const std::string& text : arguments.all("additional-gids")) {
    const auto gid = parse_id(text);
    if (!gid)
      throw UsageError(concat("invalid --additional-gids \"", text, "\": it is a GID in digits"),
                       arguments.command());
    options.additional_gids.push_back(*gid);
  }
}

// One cgroup below the container's; runc's form for cgroup v1 (CONTROLLER:PATH, more than one) has
// no meaning on cgroup v2.
std::string sub_cgroup(const Arguments& arguments) {
  const std::vector<std::string> paths = arguments.all("cgroup");
  if (paths.empty()) return {};
  if (paths.size() > 1 || paths[0].find(':') != std::string::npos)
    throw UsageError(concat("invalid --cgroup \"", paths.back(),
                            "\": cgroup v2 has one path and no controllers"),
                     arguments.command());
  return paths[0];
}

ExecOptions exec_options(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::vector<std::string>& operands = arguments.operands();
  ExecOptions options;
  options.id = invocation.container();
  options.process_file = arguments.text("process");
  if (options.process_file.empty() && operands.size() < 2)
    throw UsageError("exec needs a command or --process", arguments.command());
  options.args.assign(operands.begin() + 1, operands.end());
  options.cwd = arguments.text("cwd");
  options.env = arguments.all("env");
  options.terminal = arguments.flag("tty");
  set_user(arguments, options);
  options.process_label = arguments.text("process-label");
  options.apparmor = arguments.text("apparmor");
  if (arguments.given("no-new-privs")) options.no_new_privileges = arguments.flag("no-new-privs");
  options.capabilities = arguments.all("cap");
  options.console_socket = arguments.text("console-socket");
  options.pidfd_socket = arguments.text("pidfd-socket");
  options.pid_file = absolute_path(arguments.text("pid-file"));
  options.cgroup = sub_cgroup(arguments);
  options.preserve_fds = arguments.number("preserve-fds", 0);
  options.detach = arguments.flag("detach");
  options.ignore_paused = arguments.flag("ignore-paused");
  return options;
}

}  // namespace

int exec_command(const Invocation& invocation) {
  return exec_in_container(invocation.runtime, exec_options(invocation));
}

}  // namespace brig::cli
