// Lists of CPUs and memory nodes as cpuset(7) writes them: "0-3,7".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace brig {

// Both ends belong to the range; first <= last.
struct NumberRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

// The ranges of `text` in its order; nothing when it is no such list or names a number above
// 1048575, more than any kernel has of either. Blanks and empty elements are tolerated as runc
// does, so that an empty text is an empty list.
[[nodiscard]] std::optional<std::vector<NumberRange>> parse_number_list(std::string_view text);

// The set of all these numbers, however many ranges name them, as system calls take it: bit N of
// the concatenated words is N.
[[nodiscard]] std::vector<unsigned long> bit_mask(std::vector<NumberRange> ranges);

}  // namespace brig
