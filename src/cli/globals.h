// The global options as the library wants them, and where brig keeps state when no option says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "brig/runtime.h"
#include "cli/args.h"
#include "sys/caller.h"

namespace brig::cli {

// What the environment says about where an unprivileged caller's state is.
struct LoginSession {
  std::string xdg_runtime_dir;      // empty: not set
  std::optional<std::string> user;  // the variable USER
};

// $XDG_RUNTIME_DIR/brig for a rootless caller (also root of a user namespace, unless USER says
// root), else /run/brig. The rule is runc's. Empty when an unprivileged caller has no such folder.
std::string default_root(const sys::Caller& caller, const LoginSession& session);

// `path` made absolute by `directory` and freed of empty, "." and ".." components, by text alone.
std::string clean_path(std::string_view path, std::string_view directory);

// `path` as it is when absolute or empty, else seen from the working directory.
std::string absolute_path(const std::string& path);

// --root, --systemd-cgroup and --cgroup-manager. Throws UsageError for what they cannot be.
RuntimeOptions runtime_options(const Arguments& arguments);

// --log, --log-format, --log-level and --debug. Throws UsageError for what they cannot be.
log::Settings log_settings(const Arguments& arguments);

}  // namespace brig::cli
