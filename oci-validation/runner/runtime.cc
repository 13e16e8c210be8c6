#include "runtime.h"

#include <sstream>

#include "failure.h"

namespace kit {

Command Runtime::command(const std::vector<std::string>& words) const {
  Command command{.words = {path}};
  command.words.insert(command.words.end(), options.begin(), options.end());
  command.words.insert(command.words.end(), {"--root", root});
  command.words.insert(command.words.end(), words.begin(), words.end());
  return command;
}

Runtime find_runtime(const std::string& path, const std::vector<std::string>& options,
                     const std::string& root) {
  Runtime runtime{.path = path, .options = options, .root = root};
  const auto soon = [] { return Clock::now() + std::chrono::seconds(20); };
  try {
    const Finished version = run_command({.words = {path, "--version"}}, soon());
    if (version.status != 0) {
      throw KitError("`" + path + " --version' fails: " + version.errors);
    }
    std::istringstream lines(version.output);
    for (std::string line; std::getline(lines, line);) {
      if (runtime.version.empty()) runtime.version = line;
      if (line.starts_with("spec: ")) runtime.spec = line.substr(6);
    }
    const Finished features = run_command({.words = {path, "features"}}, soon());
    if (features.status == 0) runtime.features = parse_json(features.output);
  } catch (const Failure& failure) {
    throw KitError(failure.lines.front());
  }
  if (const Value* newest = runtime.features.find("ociVersionMax"))
    runtime.spec = newest->as_text();
  return runtime;
}

}  // namespace kit
