#include "cgroup/files.h"

#include <fcntl.h>

#include <charconv>
#include <limits>

#include "base/concat.h"
#include "sys/file.h"

namespace brig::cgroup {

bool next_line(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : text.size());
  return true;
}

std::string_view next_word(std::string_view& line) {
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> parse_value(std::string_view text) {
  while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  if (text == "max") return std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> find_flat_value(std::string_view text, std::string_view key) {
  std::string_view line;
  while (next_line(text, line))
    if (next_word(line) == key) return parse_value(next_word(line));
  return std::nullopt;
}

std::optional<std::string> read_text(int directory, const std::string& file) {
  sys::Result<std::string> text = sys::read_file_at(directory, file);
  if (!text) return std::nullopt;
  return std::move(*text);
}

std::optional<std::uint64_t> single_value(int directory, const std::string& file) {
  const std::optional<std::string> text = read_text(directory, file);
  return text ? parse_value(*text) : std::nullopt;
}

std::optional<std::uint64_t> flat_value(int directory, const std::string& file,
                                        std::string_view key) {
  const std::optional<std::string> text = read_text(directory, file);
  return text ? find_flat_value(*text, key) : std::nullopt;
}

// Not "frozen" of cgroup.events: that waits for each process of the cgroup to have stopped.
std::string find_frozen(std::string path, const std::string& root) {
  for (; path.size() >= root.size() && !path.empty(); path.resize(path.rfind('/')))
    if (read_text(AT_FDCWD, concat(path, "/cgroup.freeze")) == "1\n") return path;
  return {};
}

}  // namespace brig::cgroup
