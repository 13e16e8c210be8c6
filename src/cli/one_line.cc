#include "cli/one_line.h"

#include "base/concat.h"

namespace brig::cli {

namespace {

// What of a long line is kept: its beginning and its end.
constexpr std::size_t kKeptBefore = 6000;
constexpr std::size_t kKeptAfter = 2000;
static_assert(kKeptBefore + kKeptAfter + 64 < kLongestLine);

}  // namespace

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
  if (line.size() <= kLongestLine) return line;
  const std::size_t left_out = line.size() - kKeptBefore - kKeptAfter;
  return concat(line.substr(0, kKeptBefore), " ... (", left_out, " bytes left out) ... ",
                line.substr(line.size() - kKeptAfter));
}

}  // namespace brig::cli
