// The cases: cases/<chapter>/*.yaml, each file a list of cases; README.md describes the form.
#ifndef OCI_VALIDATION_RUNNER_CASES_H
#define OCI_VALIDATION_RUNNER_CASES_H

#include <string>
#include <vector>

#include "sentences.h"
#include "value.h"

namespace kit {

struct Case {
  std::string chapter;
  std::string name;                        // "config/process: umask 0077"
  std::vector<const Sentence*> sentences;  // at least one
  std::string since;                       // the version of the specification, or ""
  Value body;                              // what the YAML says, after the expansion of `for`
  std::string skip;                        // a reason known before it runs

  [[nodiscard]] const std::string& level() const { return sentences.front()->level; }
};

// `features` is what the runtime prints, or null: `for` can go over what it claims. Throws
// KitError.
std::vector<Case> load_cases(const std::string& folder, const std::vector<Sentence>& sentences,
                             const Value& features);

}  // namespace kit

#endif
