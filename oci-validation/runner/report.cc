#include "report.h"

#include <cstdio>
#include <map>

namespace kit {
namespace {

// A TAP line is one line, and `#` begins a directive.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
    if (c == '#') c = '%';
  }
  return text;
}

std::string first_line(const Value& verdict) {
  const Value::Array& lines = verdict.find("lines")->items();
  return lines.empty() ? "" : lines.front().text();
}

Value make_verdict(const char* result, const std::string& line) {
  Value value;
  value["result"] = Value::make_text(result);
  value["lines"] = Value::make_array();
  value["lines"].items().push_back(Value::make_text(line));
  return value;
}

void print_tap(std::size_t number, const Case& tested, const Value& verdict) {
  const std::string& result = verdict.find("result")->text();
  const Sentence& sentence = *tested.sentences.front();
  const std::string name = one_line(tested.name);
  if (result == "skip") {
    std::printf("ok %zu - %s # SKIP %s\n", number, name.c_str(),
                one_line(first_line(verdict)).c_str());
  } else if (result == "ok") {
    std::printf("ok %zu - %s\n", number, name.c_str());
  } else {
    std::printf("not ok %zu - %s\n", number, name.c_str());
    std::printf("# %s %s: %s\n", sentence.level.c_str(), sentence.key.c_str(),
                sentence.words.c_str());
    if (result == "kit") std::printf("# the kit or the case is at fault:\n");
    for (const Value& line : verdict.find("lines")->items()) {
      std::printf("#   %s\n", one_line(line.text()).c_str());
    }
  }
  std::fflush(stdout);
}

Value describe(const Case& tested, const Value& verdict, double seconds) {
  Value entry;
  entry["case"] = Value::make_text(tested.name);
  entry["chapter"] = Value::make_text(tested.chapter);
  entry["level"] = Value::make_text(tested.level());
  Value& sentences = entry["sentences"];
  sentences = Value::make_array();
  for (const Sentence* sentence : tested.sentences) {
    Value item;
    item["key"] = Value::make_text(sentence->key);
    item["words"] = Value::make_text(sentence->words);
    sentences.items().push_back(item);
  }
  if (!tested.since.empty()) entry["since"] = Value::make_text(tested.since);
  entry["result"] = *verdict.find("result");
  entry["lines"] = *verdict.find("lines");
  entry["milliseconds"] = Value::make_number(static_cast<long long>(seconds * 1000));
  return entry;
}

}  // namespace

void Score::add(const std::string& result) {
  (result == "ok" ? passed : result == "skip" ? skipped : failed)++;
}

Report::Report(const Runtime& runtime, const Machine& machine) : runtime_(runtime) {
  json_["runtime"] = Value::make_text(runtime.version);
  json_["path"] = Value::make_text(runtime.path);
  json_["spec"] = Value::make_text(runtime.spec);
  json_["kernel"] = Value::make_text(machine.kernel);
  std::string controllers;
  for (const std::string& name : machine.controllers)
    controllers += (controllers.empty() ? "" : " ") + name;
  json_["controllers"] = Value::make_text(controllers);
  json_["cases"] = Value::make_array();
}

void Report::begin(std::size_t count) const {
  std::printf("TAP version 13\n1..%zu\n# %s (specification %s), kernel %s\n", count,
              runtime_.version.c_str(), runtime_.spec.c_str(),
              json_.find("kernel")->text().c_str());
}

void Report::add(const Case& tested, const Value& verdict, double seconds) {
  Value judged = verdict;
  if (!judged.is_object()) {
    judged = make_verdict(
        "fail", judged.is_text() ? judged.text() : "it took too long, or the case's process died");
  }
  // A runtime need not know what later versions of the specification added.
  const bool newer = !tested.since.empty() && !runtime_.spec.empty() &&
                     !version_at_least(runtime_.spec, tested.since);
  if (newer && judged.find("result")->text() == "fail") {
    judged = make_verdict("skip", "new in specification " + tested.since + ", the runtime speaks " +
                                      runtime_.spec + " and lacks it");
  }
  total_.add(judged.find("result")->text());
  json_["cases"].items().push_back(describe(tested, judged, seconds));
  print_tap(json_["cases"].items().size(), tested, judged);
}

void Report::finish(double seconds) const {
  std::map<std::string, Score> chapters;
  for (const Value& entry : json_.find("cases")->items()) {
    chapters[entry.find("chapter")->text()].add(entry.find("result")->text());
  }
  for (const auto& [name, score] : chapters) {
    std::printf("# %-14s %d passed, %d failed, %d skipped\n", name.c_str(), score.passed,
                score.failed, score.skipped);
  }
  std::printf("# all: %d passed, %d failed, %d skipped in %.1f s\n", total_.passed, total_.failed,
              total_.skipped, seconds);
}

}  // namespace kit
