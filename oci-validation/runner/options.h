// The command line of the runner.
#ifndef OCI_VALIDATION_RUNNER_OPTIONS_H
#define OCI_VALIDATION_RUNNER_OPTIONS_H

#include <string>
#include <vector>

namespace kit {

struct Options {
  enum class Mode { kValidate, kList, kCoverage, kCompare, kHelp };
  Mode mode = Mode::kValidate;
  std::string runtime;
  std::vector<std::string> runtime_options;
  std::string kit = "oci-validation";
  std::string probe;
  std::string filter;
  std::string json;
  std::string work = "/tmp";
  std::size_t jobs = 0;
  int timeout = 20;
  bool keep = false;
  std::vector<std::string> reports;
};

// Throws KitError.
Options read_options(int argc, char** argv);
extern const char* const kHelp;

}  // namespace kit

#endif
