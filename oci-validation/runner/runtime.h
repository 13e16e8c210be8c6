// The runtime under test: how its command line is called. It is the one that runc has and that
// engines use: `RUNTIME [OPTION...] --root DIR COMMAND [OPTION...] ID`.
#ifndef OCI_VALIDATION_RUNNER_RUNTIME_H
#define OCI_VALIDATION_RUNNER_RUNTIME_H

#include <string>
#include <vector>

#include "process.h"
#include "value.h"

namespace kit {

struct Runtime {
  std::string path;
  std::vector<std::string> options;  // before --root
  std::string root;
  std::string version;  // the first line of --version
  std::string spec;     // the version of the specification that it speaks, as far as it says
  Value features;       // null when it has no such command

  [[nodiscard]] Command command(const std::vector<std::string>& words) const;
};

// Asks it for its version and features. Throws KitError when it cannot be executed.
Runtime find_runtime(const std::string& path, const std::vector<std::string>& options,
                     const std::string& root);

}  // namespace kit

#endif
