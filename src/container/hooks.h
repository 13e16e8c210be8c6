// Runs the hooks of a container (config.md "POSIX-platform Hooks").
//
// prestart, createRuntime, poststart and poststop run in the runtime's namespaces, called by the
// host side; createContainer and startContainer run in the container's namespaces, called by the
// container's init. Each hook is a child process in a process group of its own, with the
// container's state on its standard input and only the standard descriptors open.
//
// The state comes through a pipe that is filled and closed before the hook starts: a hook that does
// not read it cannot block the runtime. A state that no pipe can hold comes as a memory file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "brig/config.h"
#include "sys/fd.h"

namespace brig::container {

// The files that the annotations run.oci.hooks.stdout and run.oci.hooks.stderr name.
struct HookOutputs {
  sys::OwnFd output;
  sys::OwnFd error;
};

// Opens (appending, mode 0600) what the annotations name; host side. Throws Error.
HookOutputs open_hook_outputs(const std::map<std::string, std::string>& annotations);

// What a kind of hook has in common.
struct HookContext {
  const char* kind = "";  // the spec's word, for messages: "createRuntime"
  std::string state;      // the compact State JSON
  std::string cwd;        // where hooks start: the bundle on the host side; empty: as it is
  const std::vector<std::string>* inherited_env = nullptr;  // for a hook without `env` of its own;
                                                            // null: the caller's environment
  const HookOutputs* outputs = nullptr;  // null, or without a file: what the hook writes is kept
                                         // for the error message
  // Host side: a signal that asks brig to end goes to the hook instead and makes it fail, so that
  // brig can take back what it has made. The hook has ten seconds then.
  bool interruptible = false;
};

// Runs `hooks` in order. Throws at the first that cannot be executed, exits with a status other
// than 0, is killed, or outlives its `timeout` (seconds; it and its process group are then killed):
// "hooks.createRuntime[1] (/bin/x): error running createRuntime hook #1: exit status 3: ...". What
// the hook wrote last to standard output and error is shown with the error. A hook has ended when
// its own process has: what it left running in the background is not waited for.
void run_hooks(const std::vector<Hook>& hooks, const HookContext& context);

// The same, but a failure does not stop the rest: each becomes one line of the result (poststop's
// rule).
std::vector<std::string> run_all_hooks(const std::vector<Hook>& hooks, const HookContext& context);

}  // namespace brig::container
