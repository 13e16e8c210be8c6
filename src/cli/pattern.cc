#include "cli/pattern.h"

#include <regex.h>

#include "base/concat.h"
#include "base/scope_exit.h"
#include "brig/error.h"

namespace brig::cli {

std::vector<std::string> matching(const std::vector<std::string>& names,
                                  const std::string& pattern) {
  regex_t expression;
  const int error = ::regcomp(&expression, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (error != 0) {
    char text[256];
    ::regerror(error, &expression, text, sizeof text);
    throw Error(concat("invalid regular expression \"", pattern, "\": ", text));
  }
  const ScopeExit release([&] { ::regfree(&expression); });
  std::vector<std::string> found;
  for (const std::string& name : names)
    if (::regexec(&expression, name.c_str(), 0, nullptr, 0) == 0) found.push_back(name);
  return found;
}

}  // namespace brig::cli
