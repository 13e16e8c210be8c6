#include "cli/cli.h"

#include <unistd.h>

#include <algorithm>

#include "base/concat.h"
#include "base/log.h"
#include "base/scope_exit.h"
#include "base/timings.h"
#include "brig/version.h"
#include "cli/commands.h"
#include "cli/create.h"
#include "cli/exit_code.h"
#include "cli/globals.h"
#include "cli/help.h"
#include "cli/one_line.h"
#include "container/self_exe.h"
#include "isolate/seccomp.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace brig::cli {

namespace {

// The first line is what Docker and Podman look for, the words at the end are crun's.
std::string version_text() {
  return concat("brig version ", kVersion, "\ncommit: ", kCommit, "\nspec: ", kSpecVersion,
                "\nlibseccomp: ", isolate::seccomp_library_version(),
                "\n+SELINUX +APPARMOR +CAP +SECCOMP +EBPF\n");
}

// Whether the command puts a process into a container, which could reach brig's own file.
bool enters_container(const Command& command) {
  return command.id == CommandId::kCreate || command.id == CommandId::kRun ||
         command.id == CommandId::kExec;
}

class Session {
 public:
  int run(int argc, char** argv) {
    const bool again = container::is_executed_again(argv);
    sys::open_missing_standard_descriptors().or_throw("open /dev/null");
    arguments_.parse(argc, argv);
    if (arguments_.flag("version") || arguments_.flag("V")) {
      print(version_text());
      return kSuccess;
    }
    const Command* command = arguments_.command();
    if (command == nullptr || arguments_.flag("help")) {
      print(command == nullptr ? global_help() : command_help(*command));
      return kSuccess;
    }
    if (enters_container(*command)) {
      container::protect_own_executable(argv, again);
      check_preserved_descriptors(arguments_);
    }
    log::configure(log_settings(arguments_));
    logging_ = true;
    if (arguments_.given("timings")) start_timings(*command);
    return dispatch({arguments_, runtime_options(arguments_)});
  }

  // Writes the one error of the command to the log the command line names, if it got that far.
  void report(const char* message) noexcept {
    try {
      const std::string line = one_line(message);
      if (!logging_) start_logging();
      log::error(line);
    } catch (const std::exception&) {
      log::error(message);  // no memory for a copy
    }
  }

  [[nodiscard]] int failure_status() const {
    const Command* command = arguments_.command();
    return command != nullptr && command->id == CommandId::kExec ? kExecFailure : kFailure;
  }

 private:
  void start_logging() {
    try {
      log::configure(log_settings(arguments_));
    } catch (const Error&) {
      log::configure({});  // standard error
    }
  }

  void start_timings(const Command& command) {
    std::string id;
    if (command.operands[0] != '\0' && !arguments_.operands().empty())
      id = arguments_.operands()[0];
    // No id may have what a JSON string cannot: what does is a mistake, which the command will
    // name.
    if (!std::ranges::all_of(id,
                             [](char c) { return c > ' ' && c < 0x7F && c != '"' && c != '\\'; }))
      id.clear();
    timings::configure(arguments_.text("timings"), command.name, id);
  }

  Arguments arguments_;
  bool logging_ = false;
};

}  // namespace

void print(std::string_view text) {
  sys::write_all(STDOUT_FILENO, text).or_throw("write to standard output");
}

int run(int argc, char** argv) {
  const ScopeExit write_timings([] { timings::write(); });
  Session session;
  try {
    return session.run(argc, argv);
  } catch (const UsageError& error) {
    session.report(error.what());
    return kFailure;
  } catch (const Error& error) {
    session.report(error.what());
  } catch (const std::bad_alloc&) {
    session.report("out of memory");
  } catch (const std::exception& error) {
    session.report(error.what());
  }
  return session.failure_status();
}

}  // namespace brig::cli
