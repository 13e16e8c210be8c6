#include "isolate/idmap.h"

#include <algorithm>
#include <charconv>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/cred.h"
#include "sys/file.h"
#include "sys/procfs.h"
#include "sys/spawn.h"

namespace brig::isolate {

namespace {

constexpr int kMaxLines = 340;  // UID_GID_MAP_MAX_EXTENTS, user_namespaces(7)

std::optional<std::uint32_t> next_number(std::string_view& line) {
  line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (problem != std::errc()) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  return number;
}

// Sorted by container id, with neighbours that continue each other joined and empty ones dropped.
std::vector<IdMapping> normalised(std::vector<IdMapping> mappings) {
  std::sort(mappings.begin(), mappings.end(), [](const IdMapping& left, const IdMapping& right) {
    return left.container_id < right.container_id;
  });
  std::vector<IdMapping> joined;
  for (const IdMapping& next : mappings) {
    if (next.size == 0) continue;
    if (!joined.empty()) {
      IdMapping& last = joined.back();
      if (next.container_id - last.container_id == last.size &&
          next.host_id - last.host_id == last.size) {
        last.size += next.size;
        continue;
      }
    }
    joined.push_back(next);
  }
  return joined;
}

bool same_mapping(const IdMapping& left, const IdMapping& right) {
  return left.container_id == right.container_id && left.host_id == right.host_id &&
         left.size == right.size;
}

void write_map(int process_dir, const char* file, const char* property,
               const std::vector<IdMapping>& mappings) {
  if (mappings.empty()) return;
  const sys::Result<void> written = sys::write_proc_file(process_dir, file, id_map_text(mappings));
  switch (written.error()) {
    case EINVAL:
      throw Error(concat(property, ": the kernel refuses the mappings: ranges overlap, are empty, ",
                         "reach past 4294967295, or there are more than ", kMaxLines),
                  EINVAL);
    case EPERM:
      throw Error(concat(property,
                         ": not permitted; without CAP_SETUID and CAP_SETGID over all host ids "
                         "only the caller's own id can be mapped, and host ids are as brig's own "
                         "user namespace has them"),
                  EPERM);
    default:
      written.or_throw(property, ": write ", file);
  }
}

// The last line of what a helper said, without its own name, which the error names already.
std::string_view last_line(std::string_view text, std::string_view program) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  text.remove_prefix(text.rfind('\n') + 1);  // npos + 1 is 0
  if (text.starts_with(program) && text.substr(program.size()).starts_with(": "))
    text.remove_prefix(program.size() + 2);
  return text;
}

std::string helper_remedy(std::string_view file, std::string_view said) {
  if (sys::has_no_new_privileges())
    return "brig was started with no_new_privs, which takes the set-user-id helper's power away";
  if (said.find("not allowed") != std::string_view::npos)
    return concat("/etc/", file, " must give the user this range; an administrator adds one with: ",
                  "usermod --add-", file, "s FIRST-LAST USER");
  return {};
}

struct MapHelper {
  const char* program;   // newuidmap(1)
  const char* property;  // for messages
  const char* file;      // below /etc
};

void write_map_by_helper(const MapHelper& helper, pid_t pid,
                         const std::vector<IdMapping>& mappings) {
  std::vector<std::string> argv = {helper.program, concat(pid)};
  for (const IdMapping& mapping : mappings)
    for (const std::uint32_t number : {mapping.container_id, mapping.host_id, mapping.size})
      argv.push_back(concat(number));
  const sys::Result<sys::CapturedOutput> ran = sys::capture_output(argv);
  if (ran.error() == ENOENT)
    throw Error(concat(helper.property, ": more than the caller's own id can only be mapped by ",
                       helper.program, ", which is not in PATH (package uidmap or shadow-utils); ",
                       "it also takes a range for the user in /etc/", helper.file));
  if (!ran) throw Error(concat(helper.property, ": execute ", helper.program), ran.error());
  if (ran->status == 0) return;
  const std::string_view said = last_line(ran->text, helper.program);
  const std::string remedy = helper_remedy(helper.file, said);
  throw Error(concat(helper.property, ": ", helper.program, ": ",
                     said.empty() ? concat("status ", ran->status) : said,
                     remedy.empty() ? "" : ": ", remedy));
}

std::vector<IdMapping> read_map(int process_dir, const char* file) {
  const sys::OwnFd fd =
      sys::open_proc_file(process_dir, file, O_RDONLY).or_throw("open ", file, " of the process");
  return parse_id_map(sys::read_all(fd.get()).or_throw("read ", file, " of the process"));
}

}  // namespace

std::string id_map_text(const std::vector<IdMapping>& mappings) {
  std::string text;
  for (const IdMapping& mapping : mappings)
    append(text, mapping.container_id, ' ', mapping.host_id, ' ', mapping.size, '\n');
  return text;
}

std::vector<IdMapping> parse_id_map(std::string_view text) {
  std::vector<IdMapping> mappings;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::optional<std::uint32_t> inside = next_number(line);
    const std::optional<std::uint32_t> outside = next_number(line);
    const std::optional<std::uint32_t> size = next_number(line);
    if (!inside || !outside || !size || !line.empty())
      throw Error("read the id mappings of a user namespace: not three numbers a line");
    mappings.push_back({*inside, *outside, *size});
  }
  return mappings;
}

bool same_id_map(const std::vector<IdMapping>& left, const std::vector<IdMapping>& right) {
  const std::vector<IdMapping> a = normalised(left);
  const std::vector<IdMapping> b = normalised(right);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_mapping);
}

bool maps_only(std::uint32_t own, const std::vector<IdMapping>& mappings) {
  return mappings.size() == 1 && mappings[0].size == 1 && mappings[0].host_id == own;
}

void write_id_maps(const IdMapTarget& target, const IdMaps& maps) {
  const std::optional<OwnIds>& own = target.unprivileged;
  if (own && !maps_only(own->gid, maps.gid)) {
    write_map_by_helper({"newgidmap", "linux.gidMappings", "subgid"}, target.pid, maps.gid);
  } else {
    if (own)
      sys::write_proc_file(target.process_dir, "setgroups", "deny")
          .or_throw("linux.gidMappings: deny setgroups in the user namespace");
    write_map(target.process_dir, "gid_map", "linux.gidMappings", maps.gid);
  }
  if (own && !maps_only(own->uid, maps.uid))
    write_map_by_helper({"newuidmap", "linux.uidMappings", "subuid"}, target.pid, maps.uid);
  else
    write_map(target.process_dir, "uid_map", "linux.uidMappings", maps.uid);
}

IdMaps read_id_maps(int process_dir) {
  return {.uid = read_map(process_dir, "uid_map"), .gid = read_map(process_dir, "gid_map")};
}

void check_same_id_maps(const IdMaps& config, const IdMaps& joined) {
  const auto check = [](const char* property, const std::vector<IdMapping>& wanted,
                        const std::vector<IdMapping>& found) {
    if (wanted.empty() || same_id_map(wanted, found)) return;
    std::string text = id_map_text(found);
    std::replace(text.begin(), text.end(), '\n', ',');
    if (!text.empty()) text.pop_back();
    throw Error(concat(property, ": differs from the mappings of the user namespace to join (",
                       text, "); make them equal or leave them out"));
  };
  check("linux.uidMappings", config.uid, joined.uid);
  check("linux.gidMappings", config.gid, joined.gid);
}

}  // namespace brig::isolate
