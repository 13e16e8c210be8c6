#include "base/number_list.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace brig {

namespace {

constexpr std::uint32_t kLargest = (1U << 20U) - 1;
constexpr std::size_t kBitsPerWord = std::numeric_limits<unsigned long>::digits;

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "7" or "0-3".
std::optional<NumberRange> parse_range(std::string_view text) {
  NumberRange range;
  const char* const end = text.data() + text.size();
  auto [next, error] = std::from_chars(text.data(), end, range.first);
  if (error != std::errc()) return std::nullopt;
  range.last = range.first;
  if (next != end) {
    if (*next != '-') return std::nullopt;
    const auto [after, last_error] = std::from_chars(next + 1, end, range.last);
    if (last_error != std::errc() || after != end) return std::nullopt;
  }
  if (range.first > range.last || range.last > kLargest) return std::nullopt;
  return range;
}

}  // namespace

std::optional<std::vector<NumberRange>> parse_number_list(std::string_view text) {
  std::vector<NumberRange> ranges;
  for (;;) {
    const std::size_t comma = text.find(',');
    const std::string_view element = trim(text.substr(0, comma));
    if (!element.empty()) {
      const std::optional<NumberRange> range = parse_range(element);
      if (!range) return std::nullopt;
      ranges.push_back(*range);
    }
    if (comma == std::string_view::npos) return ranges;
    text.remove_prefix(comma + 1);
  }
}

std::vector<unsigned long> bit_mask(std::vector<NumberRange> ranges) {
  std::vector<unsigned long> mask;
  // A number that was set is never set again, so that a list may repeat itself at no cost.
  std::ranges::sort(ranges, {}, &NumberRange::first);
  std::uint32_t next = 0;
  for (const NumberRange& range : ranges) {
    if (mask.size() <= range.last / kBitsPerWord) mask.resize(range.last / kBitsPerWord + 1);
    for (next = std::max(next, range.first); next <= range.last; ++next)
      mask[next / kBitsPerWord] |= 1UL << (next % kBitsPerWord);
  }
  return mask;
}

}  // namespace brig
