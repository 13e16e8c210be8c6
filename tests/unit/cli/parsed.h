// A command line for the tests of the command line.
#pragma once

#include <string>
#include <vector>

#include "cli/args.h"

namespace brig::cli {

// Parses "brig" and `words`.
inline Arguments parsed(std::vector<std::string> words) {
  words.insert(words.begin(), "brig");
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  Arguments arguments;
  arguments.parse(static_cast<int>(words.size()), argv.data());
  return arguments;
}

// The text of the UsageError that `body` throws.
template <class Body>
std::string usage_error(Body&& body) {
  try {
    body();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "(accepted)";
}

}  // namespace brig::cli
