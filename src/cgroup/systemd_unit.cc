#include "cgroup/systemd_unit.h"

#include <algorithm>

#include "base/concat.h"
#include "brig/error.h"

namespace brig::cgroup {

namespace {

constexpr std::string_view kSliceSuffix = ".slice";
constexpr std::size_t kLongestName = 255;  // systemd's UNIT_NAME_MAX without its NUL

[[noreturn]] void refuse(std::string_view cgroups_path, std::string_view why) {
  throw Error(concat("linux.cgroupsPath: \"", cgroups_path, "\": ", why));
}

bool is_unit_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') ||
         std::string_view(":-_.\\@").find(letter) != std::string_view::npos;
}

void check_name(std::string_view name, std::string_view cgroups_path) {
  if (name.size() > kLongestName)
    refuse(cgroups_path, concat("the unit's name has more than ", kLongestName, " characters"));
  if (!std::all_of(name.begin(), name.end(), is_unit_letter))
    refuse(cgroups_path,
           concat("\"", name, "\" is no unit name: systemd allows letters, digits and :-_.\\@"));
}

// As systemd's cg_escape(): a name that a file of the cgroup file system could have gets a "_".
std::string cgroup_name(std::string_view unit) {
  constexpr std::string_view kPrefixes[] = {
      "cgroup.", "cpu.",     "cpuacct.", "cpuset.",       "io.",          "blkio.",
      "memory.", "devices.", "pids.",    "bpf-firewall.", "bpf-devices.", "bpf-foreign."};
  const bool escape =
      unit.starts_with('_') || unit.starts_with('.') ||
      std::any_of(std::begin(kPrefixes), std::end(kPrefixes),
                  [&](std::string_view prefix) { return unit.starts_with(prefix); });
  return concat(escape ? "_" : "", unit);
}

std::string slice_of(std::string_view written, bool user) {
  if (written.empty()) return user ? "user.slice" : "system.slice";
  if (written == "-") return "-.slice";
  return std::string(written);
}

}  // namespace

std::string slice_path(std::string_view slice) {
  const auto refuse_slice = [&](std::string_view why) {
    throw Error(concat("invalid slice name \"", slice, "\": ", why));
  };
  if (!slice.ends_with(kSliceSuffix) || slice.size() == kSliceSuffix.size())
    refuse_slice("a slice is NAME.slice");
  if (slice.size() > kLongestName || !std::all_of(slice.begin(), slice.end(), is_unit_letter))
    refuse_slice("systemd allows up to 255 letters, digits and :-_.\\@");
  const std::string_view name = slice.substr(0, slice.size() - kSliceSuffix.size());
  std::string path;
  if (name == "-") return path;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('-', start), name.size());
    if (end == start) refuse_slice("each \"-\" stands between the names of two slices");
    append(path, '/', cgroup_name(concat(name.substr(0, end), kSliceSuffix)));
    start = end + 1;
  }
  return path;
}

SystemdUnit plan_systemd_unit(std::string_view cgroups_path, std::string_view id, bool user) {
  const std::string fallback = concat(":brig:", id);
  const std::string_view written = cgroups_path.empty() ? fallback : cgroups_path;
  const std::size_t first = written.find(':');
  const std::size_t second = first == std::string_view::npos ? first : written.find(':', first + 1);
  if (second == std::string_view::npos || written.find(':', second + 1) != std::string_view::npos)
    throw Error(concat(
        "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"",
        cgroups_path, "\" instead"));
  const std::string_view prefix = written.substr(first + 1, second - first - 1);
  const std::string_view name = written.substr(second + 1);
  if (name.empty()) refuse(written, "the name of the unit is missing");

  SystemdUnit unit;
  unit.slice = slice_of(written.substr(0, first), user);
  const auto context = [&] { return concat("linux.cgroupsPath: \"", written, "\""); };
  if (name.ends_with(kSliceSuffix)) {
    unit.name = std::string(name);
    with_context(context, [&] {
      (void)slice_path(unit.slice);
      unit.path = slice_path(unit.name);
    });
    if (unit.path.empty()) refuse(written, "the root slice cannot be a container's");
    return unit;
  }
  unit.name = concat(prefix, '-', name, ".scope");
  check_name(unit.name, written);
  unit.path = with_context(context, [&] { return slice_path(unit.slice); });
  append(unit.path, '/', cgroup_name(unit.name));
  return unit;
}

std::string system_manager_cgroup(std::string_view process_cgroup) {
  constexpr std::string_view kScope = "/init.scope";
  if (!process_cgroup.ends_with(kScope)) return {};
  return std::string(process_cgroup.substr(0, process_cgroup.size() - kScope.size()));
}

std::string user_manager_cgroup(std::string_view process_cgroup) {
  constexpr std::string_view kBegin = "/user@";
  constexpr std::string_view kEnd = ".service";
  const std::size_t begin = process_cgroup.find(kBegin);
  if (begin == std::string_view::npos) return {};
  const std::size_t end = std::min(process_cgroup.find('/', begin + 1), process_cgroup.size());
  const std::string_view manager = process_cgroup.substr(0, end);
  return manager.ends_with(kEnd) ? std::string(manager) : std::string();
}

}  // namespace brig::cgroup
