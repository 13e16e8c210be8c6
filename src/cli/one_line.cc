#include "cli/one_line.h"

namespace brig::cli {

std::string one_line(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string line;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code >= 0x20 && code != 0x7f) {
      line.push_back(letter);
      continue;
    }
    line.push_back('\\');
    if (letter == '\n')
      line.push_back('n');
    else if (letter == '\t')
      line.push_back('t');
    else if (letter == '\r')
      line.push_back('r');
    else
      line.append({'x', kHex[code >> 4U], kHex[code & 15U]});
  }
  return line;
}

}  // namespace brig::cli
