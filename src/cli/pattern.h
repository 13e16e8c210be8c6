// Regular expressions for the names of containers. Pure.
#pragma once

#include <string>
#include <vector>

namespace brig::cli {

// Those of `names` in which the POSIX extended regular expression `pattern` (regex(7)) matches
// anywhere. Throws Error when it is no regular expression.
std::vector<std::string> matching(const std::vector<std::string>& names,
                                  const std::string& pattern);

}  // namespace brig::cli
