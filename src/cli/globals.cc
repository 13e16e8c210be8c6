#include "cli/globals.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <vector>

#include "base/concat.h"
#include "cli/values.h"
#include "sys/file.h"

namespace brig::cli {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

LoginSession login_session(const sys::Caller& caller) {
  LoginSession session;
  session.xdg_runtime_dir = environment("XDG_RUNTIME_DIR");
  // What a session would have set is not there after su(1) or in a cron job.
  if (session.xdg_runtime_dir.empty() && caller.uid != 0) {
    const std::string standard = concat("/run/user/", caller.uid);
    if (sys::stat_at(AT_FDCWD, standard)) session.xdg_runtime_dir = standard;
  }
  if (const char* user = std::getenv("USER")) session.user = user;
  return session;
}

std::string current_directory() {
  char path[PATH_MAX];
  if (::getcwd(path, sizeof path) == nullptr) throw Error("find the working directory", errno);
  return path;
}

std::string root_directory(const Arguments& arguments) {
  if (!arguments.given("root")) return default_root(sys::caller(), login_session(sys::caller()));
  const std::string written = arguments.text("root");
  std::string root = clean_path(written, written.starts_with('/') ? "/" : current_directory());
  if (written.empty() || root == "/")
    throw UsageError("--root must be a folder of its own, such as /run/brig, and not /", nullptr);
  return root;
}

CgroupManager cgroup_manager(const Arguments& arguments) {
  const std::string word = arguments.text("cgroup-manager");
  if (word == "systemd") return CgroupManager::kSystemd;
  if (word == "disabled") return CgroupManager::kDisabled;
  if (word == "cgroupfs") return CgroupManager::kCgroupfs;
  if (arguments.given("cgroup-manager"))
    throw UsageError(
        concat("unknown --cgroup-manager \"", word, "\": it is cgroupfs, systemd or disabled"),
        nullptr);
  return arguments.flag("systemd-cgroup") ? CgroupManager::kSystemd : CgroupManager::kCgroupfs;
}

// What follows crun's "file:" in --log.
std::string log_file(const Arguments& arguments) {
  const std::string target = arguments.text("log");
  for (const char* other : {"journald:", "syslog:"})
    if (target.starts_with(other))
      throw UsageError(concat("--log ", target, " is not supported: name a file"), nullptr);
  return target.starts_with("file:") ? target.substr(5) : target;
}

log::Level log_level(const Arguments& arguments, log::Level fallback) {
  if (arguments.flag("debug")) return log::Level::kDebug;
  if (!arguments.given("log-level")) return fallback;
  const std::string word = arguments.text("log-level");
  if (word == "debug") return log::Level::kDebug;
  if (word == "info") return log::Level::kInfo;
  if (word == "warning" || word == "warn") return log::Level::kWarning;
  if (word == "error") return log::Level::kError;
  throw UsageError(
      concat("unknown --log-level \"", word, "\": it is error, warning, info or debug"), nullptr);
}

std::optional<bool> rootless(const Arguments& arguments) {
  if (!arguments.given("rootless")) return std::nullopt;
  const std::string word = arguments.text("rootless");
  if (word == "auto") return std::nullopt;
  const std::optional<bool> answer = parse_bool(word);
  if (!answer)
    throw UsageError(concat("invalid --rootless \"", word, "\": it is true, false or auto"),
                     nullptr);
  return answer;
}

}  // namespace

std::string default_root(const sys::Caller& caller, const LoginSession& session) {
  const bool rootless =
      caller.uid != 0 || (!caller.initial_user_namespace && session.user != "root");
  if (rootless && !session.xdg_runtime_dir.empty()) return concat(session.xdg_runtime_dir, "/brig");
  return caller.uid == 0 ? "/run/brig" : "";
}

std::string clean_path(std::string_view path, std::string_view directory) {
  const std::string whole =
      path.starts_with('/') ? std::string(path) : concat(directory, '/', path);
  std::vector<std::string_view> parts;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..")
      parts.push_back(part);
    else if (!parts.empty())
      parts.pop_back();
  }
  std::string clean;
  for (const std::string_view part : parts) append(clean, '/', part);
  return clean.empty() ? "/" : clean;
}

std::string absolute_path(const std::string& path) {
  if (path.empty() || path.starts_with('/')) return path;
  return concat(current_directory(), '/', path);
}

RuntimeOptions runtime_options(const Arguments& arguments) {
  return {.root = root_directory(arguments),
          .cgroup_manager = cgroup_manager(arguments),
          .rootless = rootless(arguments)};
}

log::Settings log_settings(const Arguments& arguments) {
  log::Settings settings;
  settings.file = log_file(arguments);
  const std::string format = arguments.text("log-format");
  if (format == "json") settings.format = log::Format::kJson;
  if (!format.empty() && format != "json" && format != "text")
    throw UsageError(concat("invalid log-format: ", format, ": it is text or json"), nullptr);
  // Podman reads a JSON log file as one object, so warnings must not come before the error.
  const bool one_object = settings.format == log::Format::kJson && !settings.file.empty();
  settings.level = log_level(arguments, one_object ? log::Level::kError : log::Level::kWarning);
  return settings;
}

}  // namespace brig::cli
