// Random choices that are the same again for the same seed.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace soak {

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
class Choice {
 public:
  Choice(std::uint64_t seed, unsigned worker, unsigned number)
      : state_(seed * 0x100000001B3 + (static_cast<std::uint64_t>(worker) << 40) + number) {
    next();
  }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  // From 0 up to `limit`, which is not 0.
  unsigned below(std::size_t limit) {
    assert(limit > 0);
    return static_cast<unsigned>(next() % limit);
  }
  bool one_in(unsigned count) { return below(count) == 0; }
  template <class Table>
  const auto& of(const Table& table) {
    return table[below(std::size(table))];
  }

 private:
  std::uint64_t state_;
};

}  // namespace soak
