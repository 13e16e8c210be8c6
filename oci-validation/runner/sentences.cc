#include "sentences.h"

#include <algorithm>
#include <filesystem>

#include "value.h"

namespace kit {
namespace {

constexpr const char* kLevels[] = {"MUST", "MUST NOT", "SHOULD", "SHOULD NOT", "MAY"};

Sentence read_sentence(const std::string& key, const std::string& file, const Value& value) {
  Sentence sentence{.key = key, .file = file};
  for (const Member& member : value.members()) {
    if (member.name == "without") {
      sentence.without = member.value.text();
    } else if (std::find(std::begin(kLevels), std::end(kLevels), member.name) !=
               std::end(kLevels)) {
      sentence.level = member.name;
      sentence.words = member.value.as_text();
    } else {
      throw KitError(key + ": `" + member.name + "' is no level");
    }
  }
  if (sentence.level.empty()) throw KitError(key + ": the level is missing");
  return sentence;
}

}  // namespace

std::vector<Sentence> load_sentences(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Sentence> sentences;
  for (const std::string& path : paths) {
    const Value document = load_yaml(path);
    for (const Member& file : document.members()) {
      for (const Member& anchor : file.value.members()) {
        for (const Member& entry : anchor.value.members()) {
          const std::string key = file.name + "#" + anchor.name + "/" + entry.name;
          sentences.push_back(read_sentence(key, file.name, entry.value));
        }
      }
    }
  }
  return sentences;
}

const Sentence* find_sentence(const std::vector<Sentence>& sentences, const std::string& key) {
  const auto found = std::find_if(sentences.begin(), sentences.end(),
                                  [&](const Sentence& sentence) { return sentence.key == key; });
  return found == sentences.end() ? nullptr : &*found;
}

}  // namespace kit
