// `--regex` of kill and delete: one action for every container that a pattern matches.
#pragma once

#include <string>
#include <vector>

#include "base/concat.h"
#include "brig/runtime.h"
#include "cli/pattern.h"

namespace brig::cli {

// Calls `action` with the name of each container that `pattern` matches; a failure does not stop
// the rest. Throws one Error that names every failure.
template <class Action>
void for_each_match(const RuntimeOptions& runtime, const std::string& pattern, Action&& action) {
  std::vector<std::string> problems;  // a container that cannot be read may still be named in full
  std::string failures;
  for (const std::string& name : matching(list_container_ids(runtime, problems), pattern)) {
    try {
      action(name);
    } catch (const Error& error) {
      append(failures, failures.empty() ? "" : "; ", name, ": ", error.what());
    }
  }
  if (!failures.empty()) throw Error(failures);
}

}  // namespace brig::cli
