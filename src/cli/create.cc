#include "cli/create.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/concat.h"
#include "cli/globals.h"
#include "cli/values.h"

namespace brig::cli {

std::string notify_socket() {
  const char* socket = std::getenv("NOTIFY_SOCKET");
  return socket == nullptr ? std::string() : socket;
}

CreateOptions create_options(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  CreateOptions options;
  options.id = invocation.container();
  if (const std::string bundle = arguments.text("bundle"); !bundle.empty()) options.bundle = bundle;
  options.config_file = arguments.text("config");
  options.console_socket = arguments.text("console-socket");
  options.pidfd_socket = arguments.text("pidfd-socket");
  options.pid_file = absolute_path(arguments.text("pid-file"));
  options.no_pivot = arguments.flag("no-pivot");
  options.no_new_keyring = arguments.flag("no-new-keyring");
  options.preserve_fds = arguments.number("preserve-fds", 0);
  options.listen_fds =
      parse_listen_fds(std::getenv("LISTEN_FDS"), std::getenv("LISTEN_PID"), ::getpid());
  options.notify_socket = notify_socket();
  return options;
}

void check_preserved_descriptors(const Arguments& arguments) {
  const bool execs = arguments.command()->id == CommandId::kExec;
  const std::uint32_t listen =
      execs ? 0
            : parse_listen_fds(std::getenv("LISTEN_FDS"), std::getenv("LISTEN_PID"), ::getpid());
  const std::uint32_t count = arguments.number("preserve-fds", 0);
  for (std::uint32_t i = 0; i < listen + count; ++i)
    if (::fcntl(static_cast<int>(3 + i), F_GETFD) < 0)
      throw Error(concat(i < listen ? "LISTEN_FDS" : "--preserve-fds", ": descriptor ", 3 + i,
                         " is not open in the caller"));
}

int create_command(const Invocation& invocation) {
  create_container(invocation.runtime, create_options(invocation));
  return 0;
}

int run_command(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  return run_container(invocation.runtime, {.create = create_options(invocation),
                                            .detach = arguments.flag("detach"),
                                            .keep = arguments.flag("keep"),
                                            .no_subreaper = arguments.flag("no-subreaper")});
}

int start_command(const Invocation& invocation) {
  start_container(invocation.runtime, invocation.container(), notify_socket());
  return 0;
}

}  // namespace brig::cli
