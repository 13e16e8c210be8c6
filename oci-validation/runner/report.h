// What the runner says: a TAP line per case while it runs, then a JSON report. Markdown comes from
// JSON reports, of one runtime or of several beside each other (markdown.cc).
#ifndef OCI_VALIDATION_RUNNER_REPORT_H
#define OCI_VALIDATION_RUNNER_REPORT_H

#include <string>
#include <vector>

#include "cases.h"
#include "machine.h"
#include "runtime.h"
#include "value.h"

namespace kit {

struct Score {
  int passed = 0;
  int failed = 0;
  int skipped = 0;

  void add(const std::string& result);
};

class Report {
 public:
  Report(const Runtime& runtime, const Machine& machine);

  // Prints the TAP plan or the TAP line and keeps the result: `verdict` is what a session returned,
  // or null when its time was over.
  void begin(std::size_t count) const;
  void add(const Case& tested, const Value& verdict, double seconds);
  // Prints the sums, chapter by chapter.
  void finish(double seconds) const;

  [[nodiscard]] const Value& json() const { return json_; }
  [[nodiscard]] bool all_passed() const { return total_.failed == 0; }

 private:
  const Runtime& runtime_;
  Value json_;
  Score total_;
};

// Throws KitError. `kit` is the folder with cases/ and coverage/. `faults`: where the explanations
// of differences.yaml do not fit the reports.
std::string make_markdown(const std::vector<Value>& reports, const std::string& kit,
                          std::vector<std::string>* faults);
// The sentences without a case and why: returns the text; *complete is false when a sentence has
// neither a case nor a reason.
std::string make_coverage(const std::string& kit, bool* complete);

struct Coverage {
  int sentences = 0;
  int with_case = 0;
  int excused = 0;
  int cases = 0;
};
// By the level of the sentences: "MUST" (with MUST NOT), "SHOULD" (with SHOULD NOT), "MAY".
Coverage count_coverage(const std::vector<Sentence>& sentences, const std::vector<Case>& cases,
                        const std::string& file, const std::string& level);

}  // namespace kit

#endif
