// The values of options: numbers, sizes, durations and users as text. Pure functions; text that is
// not entirely of the form is no value.
#pragma once

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace brig::cli {

// A whole number in decimal; a minus sign only for signed types, no plus sign, no blanks, nothing
// that does not fit.
template <class Int>
std::optional<Int> parse_number(std::string_view text) {
  Int value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// 1, t, T, true, True, TRUE and their opposites, as Go's strconv.ParseBool.
std::optional<bool> parse_bool(std::string_view text);

// A size in bytes: a decimal number, perhaps with a fraction, and perhaps a unit in powers of 1024:
// b, k, m, g, t or p in either case, which may be followed by "b" or "ib" ("512m", "1.5GiB"). "-1"
// is -1: no limit.
std::optional<std::int64_t> parse_size(std::string_view text);

// A duration as Go writes it: decimal numbers, perhaps with a fraction, each with a unit (ns, us,
// µs, ms, s, m, h): "1m30s", "1.5h". "0" needs no unit. Negative ones are no value.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

// A user or group id: 0 to 4294967294 (the number above it means "no id" to the kernel).
std::optional<std::uint32_t> parse_id(std::string_view text);

// --user UID[:GID], both numeric. Nothing but digits counts as a number: "1" is the user 1, never
// 0 (CVE-2026-30892 was such a misreading).
struct UserArgument {
  std::uint32_t uid = 0;
  std::optional<std::uint32_t> gid;
};
std::optional<UserArgument> parse_user(std::string_view text);

// How many sockets systemd passed (sd_listen_fds(3)): the values of LISTEN_FDS and LISTEN_PID (null
// when not set). 0 when they are meant for another process than `own_pid` or are no numbers.
std::uint32_t parse_listen_fds(const char* listen_fds, const char* listen_pid, int own_pid);

}  // namespace brig::cli
