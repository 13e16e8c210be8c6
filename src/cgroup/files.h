// Reading the small text files of a cgroup.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brig::cgroup {

// Takes the first line off `text` (without its newline); false when nothing is left.
bool next_line(std::string_view& text, std::string_view& line);
// Takes the first word off `line`; empty when none is left. Words are separated by spaces.
std::string_view next_word(std::string_view& line);

// A whole decimal number; none when `text` is anything else. "max" is UINT64_MAX.
std::optional<std::uint64_t> parse_value(std::string_view text);

// The value of `key` in the lines "KEY VALUE" of `text`.
std::optional<std::uint64_t> find_flat_value(std::string_view text, std::string_view key);

// The text of a file below the directory descriptor `directory`; none when it cannot be read
// (missing, or the cgroup is gone).
std::optional<std::string> read_text(int directory, const std::string& file);
// The single value in a file ("max": UINT64_MAX).
std::optional<std::uint64_t> single_value(int directory, const std::string& file);
// The value of `key` in a flat-keyed file (cgroup-v2.rst "Format").
std::optional<std::uint64_t> flat_value(int directory, const std::string& file,
                                        std::string_view key);

// The cgroup at `path`, or the nearest one above it up to the mount point `root`, that is to be
// frozen (cgroup.freeze); empty when there is none.
std::string find_frozen(std::string path, const std::string& root);

}  // namespace brig::cgroup
