#include "isolate/subids.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/concat.h"
#include "isolate/credentials.h"
#include "sys/exec.h"
#include "sys/file.h"

namespace brig::isolate {

namespace {

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What is before the next `separator`; `rest` becomes what follows it.
std::string_view cut(std::string_view& rest, char separator) {
  const std::string_view part = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return value == nullptr ? std::string() : value;
}

bool is_in_path(const char* program) {
  const std::string path = environment("PATH");
  std::string_view rest = path;
  while (!rest.empty())
    if (sys::may_execute(concat(cut(rest, ':'), '/', program))) return true;
  return false;
}

std::string text_of(const char* file) {
  sys::Result<std::string> text = sys::read_file_at(AT_FDCWD, file);
  return text ? *std::move(text) : std::string();
}

}  // namespace

std::vector<IdRange> parse_subids(std::string_view text, std::string_view name, std::uint32_t uid) {
  std::vector<IdRange> ranges;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    const std::string_view user = cut(line, ':');
    const std::optional<std::uint32_t> first = number(cut(line, ':'));
    const std::optional<std::uint32_t> count = number(line);
    const bool is_user = (!name.empty() && user == name) || number(user) == uid;
    if (is_user && first && count && *count > 0) ranges.push_back({*first, *count});
  }
  return ranges;
}

SubordinateIds read_subids(std::uint32_t uid) {
  if (!is_in_path("newuidmap") || !is_in_path("newgidmap")) return {};
  // A user of a directory service has no entry. What USER says need not be believed: the helpers
  // look for themselves.
  std::string name = find_user_name(text_of("/etc/passwd"), uid);
  if (name.empty()) name = environment("USER");
  SubordinateIds ids = {.uids = parse_subids(text_of("/etc/subuid"), name, uid),
                        .gids = parse_subids(text_of("/etc/subgid"), name, uid)};
  // One without the other would leave ids without a meaning.
  if (ids.uids.empty() || ids.gids.empty()) return {};
  return ids;
}

std::vector<IdMapping> default_id_map(std::uint32_t own, const std::vector<IdRange>& ranges,
                                      std::uint32_t wanted) {
  if (ranges.empty()) return {{.container_id = wanted, .host_id = own, .size = 1}};
  std::vector<IdMapping> mappings = {{.container_id = 0, .host_id = own, .size = 1}};
  std::uint32_t next = 1;
  for (const IdRange& range : ranges) {
    // Ids end at 4294967294, on both sides.
    const std::uint32_t room = UINT32_MAX - std::max(next, range.first);
    const std::uint32_t size = std::min(range.count, room);
    if (size == 0) continue;
    mappings.push_back({.container_id = next, .host_id = range.first, .size = size});
    next += size;
  }
  return mappings;
}

}  // namespace brig::isolate
