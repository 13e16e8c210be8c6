#include "differences.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace kit {
namespace {

constexpr const char* kKinds[] = {"defect", "choice", "older"};

const std::string& text_of(const Value& entry, const char* name) {
  const Value* member = entry.find(name);
  if (member == nullptr) throw KitError("differences.yaml: an entry has no " + std::string(name));
  return member->text();
}

Difference read_difference(const Value& entry) {
  const auto text = [&](const char* name) { return text_of(entry, name); };
  const Value* unsteady = entry.find("unsteady");
  Difference difference{.runtime_words = text("runtime"),
                        .cases_words = text("cases"),
                        .runtime = std::regex(text("runtime")),
                        .cases = std::regex(text("cases")),
                        .kind = text("kind"),
                        .why = text("why"),
                        .unsteady = unsteady != nullptr && unsteady->is_true()};
  if (std::find(std::begin(kKinds), std::end(kKinds), difference.kind) == std::end(kKinds)) {
    throw KitError("differences.yaml: there is no kind " + difference.kind);
  }
  return difference;
}

std::string machine_of(const Value& report) {
  const std::string& controllers = report.find("controllers")->text();
  return "kernel " + report.find("kernel")->text() +
         "; controllers of cgroup v2: " + (controllers.empty() ? "none" : controllers);
}

int weight(const Value& entry) {
  const std::string& result = entry.find("result")->text();
  return failed(entry) ? 2 : result == "skip" ? 0 : 1;
}

void add_report(Value& sum, const Value& report) {
  Value::Array& machines = sum["machines"].items();
  const Value machine = Value::make_text(machine_of(report));
  if (std::find(machines.begin(), machines.end(), machine) == machines.end()) {
    machines.push_back(machine);
  }
  Value::Array& cases = sum["cases"].items();
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < cases.size(); i++) places[cases[i].find("case")->text()] = i;
  for (const Value& entry : report.find("cases")->items()) {
    const auto place = places.find(entry.find("case")->text());
    if (place == places.end()) {
      cases.push_back(entry);
    } else if (weight(entry) > weight(cases[place->second])) {
      cases[place->second] = entry;
    }
  }
}

}  // namespace

Differences::Differences(const std::string& path, const std::vector<Value>& reports) {
  for (const Value& report : reports) {
    for (const Value& entry : report.find("cases")->items()) {
      if (weight(entry) != 1) continue;
      passed_.emplace_back(report.find("runtime")->text(), entry.find("case")->text());
    }
  }
  const Value list = load_yaml(path);
  for (const Value& entry : list.items()) {
    if (entry.find("note") == nullptr) {
      all_.push_back(read_difference(entry));
    } else {
      notes_.push_back({std::regex(text_of(entry, "runtime")), text_of(entry, "note")});
    }
  }
}

const Difference* Differences::explain(const Value& report, const Value& entry) {
  const std::string& runtime = report.find("runtime")->text();
  const std::string& name = entry.find("case")->text();
  const Difference* found = nullptr;
  for (const Difference& each : all_) {
    if (!std::regex_search(runtime, each.runtime) || !std::regex_search(name, each.cases)) continue;
    used_.insert(&each);
    if (found != nullptr) {
      faults_.push_back((runtime + ": ").append(name).append(": explained twice, by `") +
                        found->cases_words + "' and `" + each.cases_words + "'");
    }
    found = &each;
  }
  if (found == nullptr) faults_.push_back(runtime + ": " + name + ": not explained");
  return found;
}

std::vector<std::string> Differences::faults() const {
  std::vector<std::string> faults = faults_;
  for (const Difference& each : all_) {
    const bool passed = std::any_of(passed_.begin(), passed_.end(), [&](const auto& entry) {
      return std::regex_search(entry.first, each.runtime) &&
             std::regex_search(entry.second, each.cases);
    });
    if (passed && !each.unsteady && !used_.contains(&each)) {
      faults.push_back(each.runtime_words + ": `" + each.cases_words + "' explains no failed case");
    }
  }
  return faults;
}

std::vector<std::string> Differences::notes_on(const Value& report) const {
  std::vector<std::string> texts;
  for (const Note& note : notes_) {
    if (std::regex_search(report.find("runtime")->text(), note.runtime)) texts.push_back(note.text);
  }
  return texts;
}

bool failed(const Value& entry) {
  const std::string& result = entry.find("result")->text();
  return result == "fail" || result == "kit";
}

std::vector<Value> merge_reports(const std::vector<Value>& reports) {
  std::vector<Value> sums;
  for (const Value& report : reports) {
    const auto same = std::find_if(sums.begin(), sums.end(), [&](const Value& sum) {
      return *sum.find("runtime") == *report.find("runtime");
    });
    if (same != sums.end()) {
      add_report(*same, report);
      continue;
    }
    Value sum;
    sum["runtime"] = *report.find("runtime");
    sum["spec"] = *report.find("spec");
    sum["machines"] = Value::make_array();
    sum["cases"] = Value::make_array();
    add_report(sum, report);
    sums.push_back(std::move(sum));
  }
  return sums;
}

}  // namespace kit
