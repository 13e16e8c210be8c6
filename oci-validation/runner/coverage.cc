// Which sentences of the specification have cases.
#include <set>

#include "report.h"

namespace kit {
namespace {

std::set<std::string> used_keys(const std::vector<Case>& cases) {
  std::set<std::string> keys;
  for (const Case& each : cases) {
    for (const Sentence* sentence : each.sentences) keys.insert(sentence->key);
  }
  return keys;
}

bool has_level(const Sentence& sentence, const std::string& level) {
  return sentence.level == level || sentence.level == level + " NOT";
}

std::string row(const std::string& name, const Coverage& count) {
  return "| " + name + " | " + std::to_string(count.sentences) + " | " +
         std::to_string(count.with_case) + " | " + std::to_string(count.excused) + " | " +
         std::to_string(count.sentences - count.with_case - count.excused) + " |\n";
}

}  // namespace

Coverage count_coverage(const std::vector<Sentence>& sentences, const std::vector<Case>& cases,
                        const std::string& file, const std::string& level) {
  const std::set<std::string> used = used_keys(cases);
  Coverage count{.cases = static_cast<int>(cases.size())};
  for (const Sentence& sentence : sentences) {
    if (!file.empty() && sentence.file != file) continue;
    if (!level.empty() && !has_level(sentence, level)) continue;
    count.sentences++;
    if (used.contains(sentence.key)) {
      count.with_case++;
    } else if (!sentence.without.empty()) {
      count.excused++;
    }
  }
  return count;
}

std::string make_coverage(const std::string& kit, bool* complete) {
  const std::vector<Sentence> sentences = load_sentences(kit + "/coverage");
  const std::vector<Case> cases = load_cases(kit + "/cases", sentences, Value{});
  const std::set<std::string> used = used_keys(cases);
  std::string text =
      "| File | sentences | with a case | without, for a reason | without |\n"
      "|---|---|---|---|---|\n";
  std::set<std::string> files;
  for (const Sentence& sentence : sentences) files.insert(sentence.file);
  for (const std::string& file : files) {
    for (const char* level : {"MUST", "SHOULD", "MAY"}) {
      const Coverage count = count_coverage(sentences, cases, file, level);
      if (count.sentences != 0) text += row(file + " " + level, count);
    }
  }
  text += row("all", count_coverage(sentences, cases, "", "")) + "\n";
  *complete = true;
  for (const Sentence& sentence : sentences) {
    if (used.contains(sentence.key)) continue;
    *complete = *complete && !sentence.without.empty();
    text += "- " + sentence.key + " (" + sentence.level + "): " + sentence.words + ". " +
            (sentence.without.empty() ? "**No case and no reason.**"
                                      : "No case: " + sentence.without + ".") +
            "\n";
  }
  return text;
}

}  // namespace kit
