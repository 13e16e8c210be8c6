// The sentences of the specification that bind a runtime on Linux: coverage/*.yaml, in our own
// words.
//   FILE:            runtime.md
//     ANCHOR:        the part of the file, as in a link to it
//       KEY: {LEVEL: WORDS}                       LEVEL: MUST, MUST NOT, SHOULD, SHOULD NOT, MAY
//       KEY: {LEVEL: WORDS, without: REASON}      no case checks it, and why
#ifndef OCI_VALIDATION_RUNNER_SENTENCES_H
#define OCI_VALIDATION_RUNNER_SENTENCES_H

#include <string>
#include <vector>

namespace kit {

struct Sentence {
  std::string key;  // "runtime.md#create/unique-id": what cases name
  std::string file;
  std::string level;
  std::string words;
  std::string without;  // the reason why there is no case
};

// Throws KitError.
std::vector<Sentence> load_sentences(const std::string& folder);
// Null pointer when there is none.
const Sentence* find_sentence(const std::vector<Sentence>& sentences, const std::string& key);

}  // namespace kit

#endif
