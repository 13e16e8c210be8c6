// Lists of CPUs and memory nodes, as system calls and as systemd take them.
#include "base/number_list.h"

#include "cgroup/systemd_properties.h"
#include "target.h"

namespace brig::fuzz {

void fuzz_number_list(std::string_view input) {
  const std::optional<std::vector<NumberRange>> ranges = parse_number_list(input);
  cgroup::list_to_bits(input);
  if (!ranges) return;
  const std::vector<unsigned long> mask = bit_mask(*ranges);
  const auto has = [&](std::uint32_t number) {
    return number / 64 < mask.size() && (mask[number / 64] >> (number % 64) & 1U) != 0;
  };
  for (const NumberRange& range : *ranges) {
    require(range.first <= range.last, "a range goes upwards");
    require(has(range.first) && has(range.last), "the mask has the ends of each range");
  }
}

}  // namespace brig::fuzz
