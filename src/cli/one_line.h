// Messages as exactly one line: whoever reads a log or standard error line by line must not be
// misled by a file name or a program's output with control characters in it.
#pragma once

#include <string>
#include <string_view>

namespace brig::cli {

// `text` without line feeds at its end and with every control character written as in C (\n, \t,
// \x1b). Everything else, UTF-8 too, stays.
std::string one_line(std::string_view text);

}  // namespace brig::cli
