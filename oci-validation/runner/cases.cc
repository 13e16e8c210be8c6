#include "cases.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "variables.h"

namespace kit {
namespace {

constexpr const char* kKeys[] = {
    "case",    "spec", "since", "needs",   "for",     "rootfs", "host",    "hold",  "config",
    "control", "see",  "fails", "exit",    "message", "stdout", "then",    "steps", "cgroup",
    "log",     "self", "left",  "options", "owner",   "agent",  "network", "over"};

// One list of a `for`: the items themselves, or what the runtime's features say:
//   !features /mountOptions                              all that it claims
//   !features {in: /mountOptions, except: [a, b]}        all but a and b
//   !unclaimed {in: /mountOptions, of: [a, b]}           those of a and b that it does not claim
Value::Array items_of(const Value& list, const Value& features) {
  if (list.tag == "features") {
    const Value* claimed =
        features.at_pointer(list.is_text() ? list.text() : list.find("in")->text());
    if (claimed == nullptr || !claimed->is_array()) return {};
    Value::Array names = claimed->items();
    if (const Value* except = list.find("except")) {
      std::erase_if(names, [&](const Value& name) {
        const Value::Array& others = except->items();
        return std::find(others.begin(), others.end(), name) != others.end();
      });
    }
    return names;
  }
  if (list.tag == "unclaimed") {
    Value::Array left;
    const Value* claimed = features.at_pointer(list.find("in")->text());
    if (claimed == nullptr || !claimed->is_array()) return left;
    const Value::Array& names = claimed->items();
    for (const Value& item : list.find("of")->items()) {
      if (std::find(names.begin(), names.end(), item) == names.end()) left.push_back(item);
    }
    return left;
  }
  return list.items();
}

// The rows of a `for`: a list of maps; {columns: [a, b], rows: [[1, 2], ...]}; or {a: [1, 2]}, of
// which several make every combination.
std::vector<Variables> rows_of(const Value& table, const Value& features) {
  std::vector<Variables> rows;
  if (table.is_array()) {
    for (const Value& row : table.items()) rows.push_back(row);
    return rows;
  }
  if (const Value* columns = table.find("columns")) {
    for (const Value& line : table.find("rows")->items()) {
      Variables row;
      if (line.items().size() != columns->items().size()) {
        throw KitError("a row has not as many items as there are columns: " + to_json(line));
      }
      for (std::size_t i = 0; i < columns->items().size(); i++) {
        row[columns->items()[i].text()] = line.items()[i];
      }
      rows.push_back(row);
    }
    return rows;
  }
  rows.emplace_back(Value::make_object());
  for (const Member& member : table.members()) {
    std::vector<Variables> longer;
    for (const Variables& row : rows) {
      for (const Value& item : items_of(member.value, features)) {
        longer.push_back(row);
        longer.back()[member.name] = item;
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

class Loader {
 public:
  Loader(const std::vector<Sentence>& sentences, const Value& features)
      : sentences_(sentences), features_(features) {}

  void load(const std::string& chapter, const std::filesystem::path& path) {
    const Value document = load_yaml(path);
    prefix_ = chapter + "/" + path.stem().string() + ": ";
    chapter_ = chapter;
    for (const Value& entry : document.items()) {
      try {
        expand(entry);
      } catch (const KitError& error) {
        const Value* name = entry.find("case");
        throw KitError(path.string() + ": case `" + (name ? name->as_text() : "") +
                       "': " + error.what());
      }
    }
  }

  std::vector<Case> take() { return std::move(cases_); }

 private:
  void expand(const Value& entry) {
    const Value* table = entry.find("for");
    if (table == nullptr) return add(entry, "");
    Value rest = entry;
    rest.remove("for");
    const std::vector<Variables> rows = rows_of(*table, features_);
    for (const Variables& row : rows) add(substitute(rest, row, Unknown::kKeep), "");
    // Nothing to go over: the features say nothing of it. One skip says so.
    if (rows.empty()) add(rest, "features say nothing that this case could try");
  }

  void add(const Value& body, const std::string& skip) {
    for (const Member& member : body.members()) {
      if (std::find(std::begin(kKeys), std::end(kKeys), member.name) == std::end(kKeys)) {
        throw KitError("`" + member.name + "' is no key of a case");
      }
    }
    Case made{.chapter = chapter_, .name = prefix_, .body = body, .skip = skip};
    const Value* name = body.find("case");
    const Value* spec = body.find("spec");
    if (name == nullptr || spec == nullptr) throw KitError("`case' or `spec' is missing");
    made.name += name->as_text();
    if (!names_.insert(made.name).second) throw KitError("its name is not unique: " + made.name);
    const Value::Array keys = spec->is_array() ? spec->items() : Value::Array{*spec};
    for (const Value& key : keys) {
      made.sentences.push_back(find_sentence(sentences_, key.text()));
      if (made.sentences.back() == nullptr) {
        throw KitError("no file in coverage/ has the sentence " + key.text());
      }
    }
    if (const Value* since = body.find("since")) made.since = since->as_text();
    cases_.push_back(std::move(made));
  }

  const std::vector<Sentence>& sentences_;
  const Value& features_;
  std::string prefix_;
  std::string chapter_;
  std::set<std::string> names_;
  std::vector<Case> cases_;
};

}  // namespace

std::vector<Case> load_cases(const std::string& folder, const std::vector<Sentence>& sentences,
                             const Value& features) {
  namespace fs = std::filesystem;
  std::vector<fs::path> paths;
  for (const auto& chapter : fs::directory_iterator(folder)) {
    if (!chapter.is_directory()) continue;
    for (const auto& entry : fs::directory_iterator(chapter.path())) {
      if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  Loader loader(sentences, features);
  for (const fs::path& path : paths) loader.load(path.parent_path().filename(), path);
  return loader.take();
}

}  // namespace kit
