// Runs the hooks of a container (config.md "POSIX-platform Hooks").
//
// prestart, createRuntime, poststart and poststop run in the runtime's namespaces, called by the
// host side; createContainer and startContainer run in the container's namespaces, called by the
// container's init. Each hook is a child process with the container's state on its standard input
// and only the standard descriptors open.
#pragma once

#include <string>
#include <vector>

#include "brig/config.h"

namespace brig::container {

// What a kind of hook has in common. `state` is the compact State JSON. `inherited_env` is what a
// hook without `env` of its own gets. `cwd` is the directory hooks start in: the bundle for hooks
// on the host side, empty for "as it is".
struct HookContext {
  const char* kind = "";  // the spec's word, for messages: "createRuntime"
  std::string state;
  std::string cwd;
  const std::vector<std::string>* inherited_env = nullptr;  // null: the caller's environment
};

// Runs `hooks` in order. Throws at the first that cannot be executed, exits with a status other
// than 0, is killed, or outlives its `timeout` (seconds; it and its process group are then killed):
// "hooks.createRuntime[1] (/bin/x): ...". What the hook wrote to standard error is shown with the
// error (its last lines).
void run_hooks(const std::vector<Hook>& hooks, const HookContext& context);

// The same, but a failure does not stop the rest: each becomes one line of the result (poststop's
// rule).
std::vector<std::string> run_all_hooks(const std::vector<Hook>& hooks, const HookContext& context);

}  // namespace brig::container
