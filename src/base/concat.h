// String building without streams: concat("mounts[", i, "] ", path).
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace brig {

namespace detail {

inline void append_piece(std::string& out, std::string_view piece) { out.append(piece); }
inline void append_piece(std::string& out, char piece) { out.push_back(piece); }

template <std::integral Int>
requires(!std::same_as<Int, char> && !std::same_as<Int, bool>) void append_piece(std::string& out,
                                                                                 Int number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

}  // namespace detail

// Appends all pieces (strings, characters, integers in decimal) to `out`.
template <class... Pieces>
void append(std::string& out, const Pieces&... pieces) {
  (detail::append_piece(out, pieces), ...);
}

// All pieces as one string.
template <class... Pieces>
[[nodiscard]] std::string concat(const Pieces&... pieces) {
  std::string out;
  append(out, pieces...);
  return out;
}

}  // namespace brig
