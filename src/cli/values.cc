#include "cli/values.h"

#include <cstdlib>
#include <string>

namespace brig::cli {

namespace {

// Splits a decimal number with an optional fraction off the front of `text`. None when there is no
// digit.
std::optional<double> take_decimal(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string digits(text.substr(0, length));
  text.remove_prefix(length);
  if (digits.find_first_not_of('.') == std::string::npos || digits.find('.') != digits.rfind('.'))
    return std::nullopt;
  return std::strtod(digits.c_str(), nullptr);
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
}

// The factor of a unit of parse_size(), or none.
std::optional<double> size_factor(std::string_view unit) {
  std::string word;
  for (const char letter : unit) word.push_back(lower(letter));
  if (word.empty() || word == "b") return 1;
  const std::size_t power = std::string_view("kmgtp").find(word[0]);
  const std::string_view suffix = std::string_view(word).substr(1);
  if (power == std::string_view::npos || !(suffix.empty() || suffix == "b" || suffix == "ib"))
    return std::nullopt;
  double factor = 1024;
  for (std::size_t i = 0; i < power; ++i) factor *= 1024;
  return factor;
}

// Nanoseconds of one unit of parse_duration(), taken off the front of `text`.
std::optional<double> take_duration_unit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    double nanoseconds;
  };
  // The longer name of two with the same beginning comes first. The two kinds of micro sign are
  // U+00B5 and U+03BC.
  static constexpr Unit kUnits[] = {{"ns", 1},   {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3},
                                    {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},      {"h", 3600e9}};
  for (const Unit& unit : kUnits)
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return unit.nanoseconds;
    }
  return std::nullopt;
}

// The largest double below 2^63: what still fits.
constexpr double kMaxInt64 = 9223372036854774784.0;

}  // namespace

std::optional<bool> parse_bool(std::string_view text) {
  for (const char* word : {"1", "t", "T", "true", "True", "TRUE"})
    if (text == word) return true;
  for (const char* word : {"0", "f", "F", "false", "False", "FALSE"})
    if (text == word) return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  if (text == "-1") return -1;
  if (const auto bytes = parse_number<std::int64_t>(text)) {  // exact beyond a double's 53 bits
    if (*bytes < 0) return std::nullopt;
    return *bytes;
  }
  const auto count = take_decimal(text);
  if (!count) return std::nullopt;
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto factor = size_factor(text);
  if (!factor || *count * *factor > kMaxInt64) return std::nullopt;
  return static_cast<std::int64_t>(*count * *factor);
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto count = take_decimal(text);
    if (!count) return std::nullopt;
    const auto unit = take_duration_unit(text);
    if (!unit) return std::nullopt;
    total += *count * *unit;
  }
  if (total > kMaxInt64) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(total));
}

std::optional<std::uint32_t> parse_id(std::string_view text) {
  const auto id = parse_number<std::uint32_t>(text);
  return id && *id != ~std::uint32_t{0} ? id : std::nullopt;
}

std::optional<UserArgument> parse_user(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto uid = parse_id(text.substr(0, colon));
  if (!uid) return std::nullopt;
  if (colon == std::string_view::npos) return UserArgument{*uid, std::nullopt};
  const auto gid = parse_id(text.substr(colon + 1));
  if (!gid) return std::nullopt;
  return UserArgument{*uid, gid};
}

std::uint32_t parse_listen_fds(const char* listen_fds, const char* listen_pid, int own_pid) {
  if (listen_fds == nullptr) return 0;
  if (listen_pid != nullptr && parse_number<int>(listen_pid) != own_pid) return 0;
  return parse_number<std::uint32_t>(listen_fds).value_or(0);
}

}  // namespace brig::cli
