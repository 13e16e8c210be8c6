// The subordinate ids that an administrator has given to a user (subuid(5), subgid(5)), and the id
// mappings made of them for a container whose configuration has none.
//
// Host side. All but read_subids() is pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "isolate/idmap.h"

namespace brig::isolate {

struct IdRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  bool operator==(const IdRange&) const = default;
};

// The ranges that the text of an /etc/subuid or /etc/subgid gives to the user, by `name` or by
// `uid` as a number (in both files it is the user's). Lines that make no sense are passed over, as
// newuidmap(1) does.
std::vector<IdRange> parse_subids(std::string_view text, std::string_view name, std::uint32_t uid);

struct SubordinateIds {
  std::vector<IdRange> uids;
  std::vector<IdRange> gids;
};

// Those of the user from /etc/subuid and /etc/subgid; none when newuidmap(1) and newgidmap(1),
// without which they cannot be used, are not in PATH.
SubordinateIds read_subids(std::uint32_t uid);

// Container ids 0 for `own` and from 1 on for `ranges`, one after the other. Without ranges only
// one id can be mapped: `own`, as the id `wanted` that the container's process is to have.
std::vector<IdMapping> default_id_map(std::uint32_t own, const std::vector<IdRange>& ranges,
                                      std::uint32_t wanted);

}  // namespace brig::isolate
