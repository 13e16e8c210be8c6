// How a case ends early. Only session.cc catches them.
#ifndef OCI_VALIDATION_RUNNER_FAILURE_H
#define OCI_VALIDATION_RUNNER_FAILURE_H

#include <string>
#include <utility>
#include <vector>

namespace kit {

// The runtime did something else than the case expects: a line each.
struct Failure {
  std::vector<std::string> lines;
  explicit Failure(std::string line) : lines{std::move(line)} {}
  explicit Failure(std::vector<std::string> all) : lines(std::move(all)) {}
};

// This machine cannot run the case.
struct Skip {
  std::string reason;
};

}  // namespace kit

#endif
