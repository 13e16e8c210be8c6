#include "isolate/intel_rdt.h"

#include <linux/magic.h>

#include <map>
#include <optional>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/file.h"
#include "sys/procfs.h"

namespace brig::isolate {

namespace {

constexpr const char* kUsualMount = "/sys/fs/resctrl";
// From linux/magic.h of newer kernels than some libcs' headers.
constexpr std::uint64_t kResctrlMagic = 0x7655821;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Cuts `text` at the first `mark` and returns the part before it.
std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

// "L3:0=7f0;1=1f" as cache id and value. The kernel pads what it prints with blanks and zeros.
using Shares = std::map<std::string, std::string, std::less<>>;

std::string without_zeros(std::string_view number) {
  while (number.size() > 1 && number.front() == '0') number.remove_prefix(1);
  std::string text(number);
  for (char& letter : text)
    if (letter >= 'A' && letter <= 'F') letter = static_cast<char>(letter - 'A' + 'a');
  return text;
}

Shares shares_of(std::string_view list) {
  Shares shares;
  while (!list.empty()) {
    std::string_view share = trim(take_until(list, ';'));
    if (share.empty()) continue;
    const std::string_view cache = trim(take_until(share, '='));
    shares[without_zeros(cache)] = without_zeros(trim(share));
  }
  return shares;
}

// By resource: "L3", "MB".
std::map<std::string, Shares, std::less<>> resources_of(std::string_view schemata) {
  std::map<std::string, Shares, std::less<>> resources;
  while (!schemata.empty()) {
    std::string_view line = trim(take_until(schemata, '\n'));
    if (line.empty()) continue;
    const std::string_view resource = trim(take_until(line, ':'));
    resources[std::string(resource)].merge(shares_of(line));
  }
  return resources;
}

bool is_directory(const std::string& path) {
  const sys::Result<struct stat> info = sys::stat_at(AT_FDCWD, path);
  return info && S_ISDIR(info->st_mode);
}

// What the kernel says of the last operation that failed; it knows more than the errno.
[[noreturn]] void fail(const std::string& root, std::string line, int error_number,
                       std::string_view remedy = {}) {
  const sys::Result<std::string> status =
      sys::read_file_at(AT_FDCWD, concat(root, "/info/last_cmd_status"));
  std::string detail(remedy);
  if (status && !trim(*status).starts_with("ok")) {
    std::string_view rest = *status;
    append(detail, detail.empty() ? "" : "; ", trim(take_until(rest, '\n')));
  }
  throw Error(std::move(line), error_number, detail);
}

std::vector<std::string> schemata_of(const IntelRdt& config) {
  std::vector<std::string> lines;
  const auto add = [&lines](std::string_view text) {
    while (!text.empty())
      if (const std::string_view line = take_until(text, '\n'); !trim(line).empty())
        lines.emplace_back(line);
  };
  add(config.l3_cache_schema.value_or(""));
  add(config.mem_bw_schema.value_or(""));
  for (const std::string& line : config.schemata) add(line);
  return lines;
}

// The rule for a class of service that exists and is named: the two old schemas must be its own.
void check_existing(const IntelRdt& config, const std::string& clos) {
  const std::string l3 = config.l3_cache_schema.value_or("");
  const std::string bandwidth = config.mem_bw_schema.value_or("");
  if (l3.empty() && bandwidth.empty()) return;
  const std::string path = concat(clos, "/schemata");
  const std::string schemata =
      sys::read_file_at(AT_FDCWD, path).or_throw("linux.intelRdt.closID: read ", path);
  const auto check = [&](const char* property, const std::string& schema) {
    if (!matches_schemata(schema, schemata))
      throw Error(concat("linux.intelRdt.", property, ": \"", schema,
                         "\" is not what the existing class of service has (", path,
                         "): leave it out to use that, or name another closID"));
  };
  check("l3CacheSchema", l3);
  check("memBwSchema", bandwidth);
}

sys::Result<void> write_thread(const std::string& group, pid_t thread) {
  return sys::write_value_at(AT_FDCWD, concat(group, "/tasks"), concat(thread));
}

void remove_group(const std::string& path) {
  const sys::Result<void> removed = sys::unlink_at(AT_FDCWD, path, AT_REMOVEDIR);
  if (removed.error() != ENOENT) removed.or_throw("remove the resctrl group ", path);
}

}  // namespace

std::string find_resctrl() {
  const sys::Result<std::uint64_t> type = sys::file_system_type_at(kUsualMount);
  if (type && *type == kResctrlMagic) return kUsualMount;
  std::string found =
      sys::find_mount("resctrl").or_throw("read /proc/self/mountinfo to find resctrl");
  if (found.empty())
    throw Error(
        "linux.intelRdt: the resctrl file system is not mounted (mount -t resctrl resctrl "
        "/sys/fs/resctrl, on a CPU and kernel that have it)");
  return found;
}

bool matches_schemata(std::string_view schema, std::string_view schemata) {
  const auto existing = resources_of(schemata);
  for (const auto& [resource, shares] : resources_of(schema)) {
    const auto same = existing.find(resource);
    if (same == existing.end()) return false;
    for (const auto& [cache, share] : shares) {
      const auto found = same->second.find(cache);
      if (found == same->second.end() || found->second != share) return false;
    }
  }
  return true;
}

RdtPlan plan_intel_rdt(const IntelRdt& config, const std::string& id, const std::string& root) {
  const std::string clos_id = config.clos_id.value_or("");
  for (const char* taken : {"info", "mon_groups", "mon_data"})
    if (clos_id.empty() && id == taken)
      throw Error(concat("linux.intelRdt: resctrl has a directory ", id,
                         " of its own: choose another id or set closID"));
  RdtPlan plan;
  plan.schemata = schemata_of(config);
  if (clos_id == "/")
    plan.group.clos = root;
  else
    plan.group.clos = concat(root, '/', clos_id.empty() ? id : clos_id);
  const bool exists = is_directory(plan.group.clos);
  if (!clos_id.empty() && !exists && plan.schemata.empty())
    throw Error(concat("linux.intelRdt.closID: there is no class of service ", plan.group.clos,
                       ", and without a schema none is made"));
  if (!clos_id.empty() && exists) check_existing(config, plan.group.clos);
  plan.make_clos = !exists;
  plan.group.remove_clos = clos_id.empty() && !exists;
  if (config.enable_monitoring) plan.group.monitoring = concat(plan.group.clos, "/mon_groups/", id);
  return plan;
}

void make_rdt_groups(const RdtPlan& plan, const std::string& root, RdtMade& made) {
  const auto make = [&root](const char* property, const std::string& path, const char* limit) {
    const sys::Result<void> done = sys::make_directory_at(AT_FDCWD, path, 0755);
    if (!done)
      fail(root, concat("linux.intelRdt", property, ": make the resctrl group ", path),
           done.error(), done.error() == ENOSPC ? limit : "");
  };
  if (plan.make_clos) {
    make("", plan.group.clos,
         "all classes of service are in use (num_closids below info), set closID to share one");
    made.clos = true;
  }
  write_schemata(plan.group, plan.schemata, root);
  if (plan.group.monitoring.empty()) return;
  make(".enableMonitoring", plan.group.monitoring,
       "all monitoring ids are in use (num_rmids below info)");
  made.monitoring = true;
}

void unmake_rdt_groups(const RdtPlan& plan, const RdtMade& made) {
  if (made.monitoring) remove_group(plan.group.monitoring);
  if (made.clos) remove_group(plan.group.clos);
}

void write_schemata(const oci::RdtGroup& group, const std::vector<std::string>& lines,
                    const std::string& root) {
  // One line a write: within one the kernel refuses a resource that is named twice.
  for (const std::string& line : lines) {
    const sys::Result<void> written =
        sys::write_value_at(AT_FDCWD, concat(group.clos, "/schemata"), concat(line, '\n'));
    if (!written)
      fail(root, concat("linux.intelRdt: write \"", line, "\" to ", group.clos, "/schemata"),
           written.error());
  }
}

void join_rdt_group(const oci::RdtGroup& group, pid_t thread) {
  write_thread(group.clos, thread)
      .or_throw("linux.intelRdt: put process ", thread, " into ", group.clos);
  if (!group.monitoring.empty())
    write_thread(group.monitoring, thread)
        .or_throw("linux.intelRdt: put process ", thread, " into ", group.monitoring);
}

void remove_rdt_group(const oci::RdtGroup& group) {
  if (!group.monitoring.empty()) remove_group(group.monitoring);
  if (group.remove_clos) remove_group(group.clos);
}

}  // namespace brig::isolate
