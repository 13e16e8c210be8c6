#include "oci/idmap_option.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/concat.h"
#include "brig/error.h"

namespace brig::oci {

namespace {

constexpr std::string_view kForm = "expected uids=FILE_ID-HOST_ID-SIZE#...;gids=...";

// Takes what stands before `separator` off the front of `text`.
std::string_view take(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

std::uint32_t parse_number(std::string_view digits) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size())
    throw Error(concat('"', digits, "\" is no id or size; ", kForm));
  return number;
}

// Adds `entry`, whose host ids are ids of the container, with the host's ids instead. A range may
// cross from one of the container's mappings into the next, so it may become several.
void add_relative(std::vector<IdMapping>& list, IdMapping entry,
                  const std::vector<IdMapping>& container) {
  while (entry.size > 0) {
    const auto covers = [&entry](const IdMapping& mapping) {
      return entry.host_id >= mapping.container_id &&
             entry.host_id - mapping.container_id < mapping.size;
    };
    const auto found = std::find_if(container.begin(), container.end(), covers);
    if (found == container.end())
      throw Error(concat("id ", entry.host_id, " is not mapped in the container's user namespace"));
    const std::uint32_t offset = entry.host_id - found->container_id;
    const std::uint32_t size = std::min(entry.size, found->size - offset);
    list.push_back({entry.container_id, found->host_id + offset, size});
    entry.container_id += size;
    entry.host_id += size;
    entry.size -= size;
  }
}

std::vector<IdMapping> parse_list(std::string_view text, const std::vector<IdMapping>& container) {
  std::vector<IdMapping> list;
  while (!text.empty()) {
    std::string_view words = take(text, '#');
    const bool relative = words.starts_with('@');
    if (relative) words.remove_prefix(1);
    IdMapping entry;
    entry.container_id = parse_number(take(words, '-'));
    entry.host_id = parse_number(take(words, '-'));
    entry.size = parse_number(words);
    if (relative)
      add_relative(list, entry, container);
    else
      list.push_back(entry);
  }
  return list;
}

// `text` is what follows "idmap=".
void parse_option(Mount& mount, std::string_view text, const Linux& linux) {
  if (!mount.uid_mappings.empty() || !mount.gid_mappings.empty())
    throw Error("mappings are given twice, here and as uidMappings or gidMappings");
  while (!text.empty()) {
    std::string_view part = take(text, ';');
    const std::string_view key = take(part, '=');
    if (key == "uids")
      mount.uid_mappings = parse_list(part, linux.uid_mappings);
    else if (key == "gids")
      mount.gid_mappings = parse_list(part, linux.gid_mappings);
    else
      throw Error(concat('"', key, "\" is neither uids nor gids; ", kForm));
  }
  if (mount.uid_mappings.empty() || mount.gid_mappings.empty())
    throw Error(concat("uids and gids are both needed; ", kForm));
}

}  // namespace

void expand_idmap_options(Config& config) {
  for (std::size_t i = 0; i < config.mounts.size(); ++i) {
    Mount& mount = config.mounts[i];
    for (std::string& option : mount.options) {
      if (!option.starts_with("idmap=") && !option.starts_with("ridmap=")) continue;
      const std::size_t equals = option.find('=');
      with_context(
          [&] { return concat("mounts[", i, "] (", mount.destination, "): ", option); },
          [&] { parse_option(mount, std::string_view(option).substr(equals + 1), config.linux); });
      option.resize(equals);
    }
  }
}

}  // namespace brig::oci
