// Messages as exactly one line: whoever reads a log or standard error line by line must not be
// misled by a file name or a program's output with control characters in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace brig::cli {

// The longest line, in bytes: a configuration may hold megabytes that an error names.
inline constexpr std::size_t kLongestLine = 8192;

// `text` without line feeds at its end and with every control character written as in C (\n, \t,
// \x1b). Everything else, UTF-8 too, stays. Of a line that would be longer than kLongestLine the
// middle is left out, and it says so: the beginning names the object, the end the cause.
std::string one_line(std::string_view text);

}  // namespace brig::cli
