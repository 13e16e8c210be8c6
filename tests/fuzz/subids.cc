// /etc/subuid and a uid_map of the kernel, and the mappings made of them.
#include "isolate/subids.h"

#include "target.h"

namespace brig::fuzz {

void fuzz_subids(std::string_view input) {
  accepts([&] {
    const std::vector<IdMapping> mappings = isolate::parse_id_map(input);
    require(isolate::same_id_map(mappings, isolate::parse_id_map(isolate::id_map_text(mappings))),
            "a map is written as it was read");
  });
  const std::vector<isolate::IdRange> ranges = isolate::parse_subids(input, "user", 1000);
  std::uint64_t next = 0;
  for (const IdMapping& mapping : isolate::default_id_map(1000, ranges, 0)) {
    require(mapping.size > 0 && mapping.container_id >= next, "no id is mapped twice");
    next = std::uint64_t{mapping.container_id} + mapping.size;
    require(next <= 4294967295U && std::uint64_t{mapping.host_id} + mapping.size <= 4294967295U,
            "the mapped ids are ids");
  }
}

}  // namespace brig::fuzz
