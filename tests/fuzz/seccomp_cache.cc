// The file of a compiled seccomp filter: a line with the key that is asked for, then the file.
#include "isolate/seccomp_cache.h"

#include <linux/filter.h>

#include <cstring>

#include "target.h"

namespace brig::fuzz {

namespace {

// Puts the right checksum into the file, as one that no crash has damaged has it, whatever else it
// says.
std::string with_checksum(std::string_view file) {
  constexpr std::size_t kChecksumAt = 8;
  std::string text(file);
  if (text.size() < kChecksumAt + sizeof(std::uint64_t)) return text;
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (std::size_t i = kChecksumAt + sizeof hash; i < text.size(); ++i) {
    hash ^= static_cast<unsigned char>(text[i]);
    hash *= 0x100000001b3U;
  }
  std::memcpy(text.data() + kChecksumAt, &hash, sizeof hash);
  return text;
}

}  // namespace

void fuzz_seccomp_cache(std::string_view input) {
  const std::string_view key = take_line(input);
  const auto damaged = isolate::read_cached_filter(key, input);
  const auto filter = isolate::read_cached_filter(key, with_checksum(input));
  require(filter || !damaged, "a file with another checksum is not taken");
  if (!filter) return;
  require(filter->bpf.size() % sizeof(sock_filter) == 0, "a filter is whole instructions");
  const auto again = isolate::read_cached_filter(key, isolate::write_cached_filter(key, *filter));
  require(again && again->bpf == filter->bpf && again->flags == filter->flags &&
              again->warnings == filter->warnings,
          "a filter is kept as it is");
}

}  // namespace brig::fuzz
