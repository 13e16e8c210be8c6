// What oci-validate --compare prints: reports of several runtimes beside each other, and why they
// fail what they fail (differences.h).
#include <map>
#include <set>

#include "differences.h"
#include "report.h"

namespace kit {
namespace {

using Texts = std::vector<std::string>;

std::string row(const Texts& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

// Only the name and number of "runc version 1.1.5+ds1".
std::string short_name(const Value& report) {
  std::string name = report.find("runtime")->text();
  if (const std::size_t at = name.find(" version "); at != std::string::npos) name.erase(at, 8);
  return name;
}

std::string score_of(const Value& report, const std::string& chapter, const std::string& level) {
  Score score;
  for (const Value& entry : report.find("cases")->items()) {
    if (!chapter.empty() && entry.find("chapter")->text() != chapter) continue;
    if (!level.empty() && !entry.find("level")->text().starts_with(level)) continue;
    score.add(entry.find("result")->text());
  }
  std::string text =
      std::to_string(score.passed) + " of " + std::to_string(score.passed + score.failed);
  if (score.failed != 0) text = "**" + text + "**";
  return score.skipped == 0 ? text : text + " (" + std::to_string(score.skipped) + " skipped)";
}

std::string make_scores(const std::vector<Value>& reports) {
  Texts header = {"Passed"};
  std::set<std::string> chapters;
  for (const Value& report : reports) {
    header.push_back(short_name(report));
    for (const Value& entry : report.find("cases")->items()) {
      chapters.insert(entry.find("chapter")->text());
    }
  }
  std::string text = row(header) + row(Texts(header.size(), "---"));
  const auto add = [&](const std::string& name, const std::string& chapter,
                       const std::string& level) {
    Texts cells = {name};
    for (const Value& report : reports) cells.push_back(score_of(report, chapter, level));
    text += row(cells);
  };
  for (const std::string& chapter : chapters) add("chapter " + chapter, chapter, "");
  for (const char* level : {"MUST", "SHOULD", "MAY"}) add(level, "", level);
  add("all", "", "");
  return text;
}

std::string describe_machines(const Value& report) {
  std::string text = "- " + short_name(report) + ", which speaks specification " +
                     report.find("spec")->text() + ", on:\n";
  for (const Value& machine : report.find("machines")->items()) {
    text += "  - " + machine.text() + "\n";
  }
  return text;
}

std::string count_cases(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " case" : " cases");
}

// Each explanation, and below it the cases that it explains.
std::string make_failures(const Value& report, Differences& differences) {
  std::map<const Difference*, std::vector<const Value*>> groups;
  for (const Value& entry : report.find("cases")->items()) {
    if (failed(entry)) groups[differences.explain(report, entry)].push_back(&entry);
  }
  std::string text;
  const auto add = [&](const Difference* difference) {
    const auto group = groups.find(difference);
    if (group == groups.end()) return;
    text += difference == nullptr ? "- **not explained**"
                                  : "- " + difference->kind + ": " + difference->why;
    text += " (" + count_cases(group->second.size()) + ")\n";
    for (const Value* entry : group->second) {
      text += "  - " + entry->find("case")->text() + " (" + entry->find("level")->text() + " " +
              entry->find("sentences")->items().front().find("key")->text() + ")\n";
    }
  };
  for (const Difference& difference : differences.all()) add(&difference);
  add(nullptr);
  return text.empty() ? "Nothing failed.\n" : text;
}

std::string make_skips(const Value& report) {
  std::map<std::string, std::size_t> reasons;
  for (const Value& entry : report.find("cases")->items()) {
    if (entry.find("result")->text() != "skip") continue;
    const Value::Array& lines = entry.find("lines")->items();
    reasons[lines.empty() ? "" : lines.front().text()]++;
  }
  std::string text;
  for (const auto& [reason, count] : reasons) {
    text += "- " + count_cases(count) + ": " + reason + "\n";
  }
  return text.empty() ? "Nothing was skipped.\n" : text;
}

}  // namespace

std::string make_markdown(const std::vector<Value>& all, const std::string& kit,
                          std::vector<std::string>* faults) {
  const std::vector<Value> reports = merge_reports(all);
  Differences differences(kit + "/differences.yaml", reports);
  std::string text =
      "# Conformance to the OCI runtime specification 1.3\n\n"
      "Written by `make conformance` from reports of oci-validation/, not by hand.\n\n"
      "A case of a later version of the specification than the runtime speaks is skipped when it "
      "fails. A case that is tried on several machines counts as skipped only when it is on all, "
      "and as passed only when it fails on none. Cases about what `features` claims are as many as "
      "there are claims.\n\n";
  for (const Value& report : reports) text += describe_machines(report);
  text += "\n" + make_scores(reports) +
          "\nWhat fails, and why: a *defect* of the runtime, a *choice* that the sentence (SHOULD, "
          "MAY) leaves it, or what an *older* version did not have.\n";
  for (const Value& report : reports) {
    text += "\n## " + short_name(report) + "\n\n";
    for (const std::string& note : differences.notes_on(report)) text += note + "\n\n";
    text += make_failures(report, differences) + "\nSkipped:\n\n" + make_skips(report);
  }
  bool complete = false;
  text += "\n## The specification's sentences\n\n" + make_coverage(kit, &complete);
  *faults = differences.faults();
  return text;
}

}  // namespace kit
