// Why runtimes fail what they fail, and reports of one runtime from several machines as one. The
// explanations are in differences.yaml, a list of
//   {runtime: REGEX on its version line, cases: REGEX, kind: defect | choice | older, why: TEXT}
//   {runtime: REGEX, note: TEXT}                               how it was run
// An explanation with `unsteady: true' is of cases that do not fail each time.
#ifndef OCI_VALIDATION_RUNNER_DIFFERENCES_H
#define OCI_VALIDATION_RUNNER_DIFFERENCES_H

#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "value.h"

namespace kit {

struct Difference {
  std::string runtime_words;
  std::string cases_words;
  std::regex runtime;
  std::regex cases;
  std::string kind;
  std::string why;
  bool unsteady = false;
};

class Differences {
 public:
  // Throws KitError.
  Differences(const std::string& path, const std::vector<Value>& reports);

  // The one explanation of a failed case of a report; null pointer when there is none.
  const Difference* explain(const Value& report, const Value& entry);
  // After all failed cases: cases that no or several entries explain, and entries whose cases have
  // passed, all that were not skipped.
  [[nodiscard]] std::vector<std::string> faults() const;
  [[nodiscard]] const std::vector<Difference>& all() const { return all_; }
  [[nodiscard]] std::vector<std::string> notes_on(const Value& report) const;

 private:
  struct Note {
    std::regex runtime;
    std::string text;
  };

  std::vector<Difference> all_;
  std::vector<Note> notes_;
  std::vector<std::pair<std::string, std::string>> passed_;  // version line, case
  std::set<const Difference*> used_;
  std::vector<std::string> faults_;
};

// Whether an entry of a report's `cases` failed.
bool failed(const Value& entry);

// Reports with the same version line become one: its `machines` are texts, and each case has the
// result that says most: a failure, else that it passed, else that it was skipped.
std::vector<Value> merge_reports(const std::vector<Value>& reports);

}  // namespace kit

#endif
