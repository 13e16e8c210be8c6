#include "cgroup/controllers.h"

#include <algorithm>
#include <vector>

#include "base/concat.h"
#include "brig/error.h"
#include "cgroup/files.h"
#include "sys/file.h"

namespace brig::cgroup {

namespace {

constexpr const char* kControllers = "cgroup.controllers";
constexpr const char* kSubtree = "cgroup.subtree_control";

std::vector<std::string> not_in(std::string_view list, const std::vector<std::string>& wanted) {
  std::vector<std::string> missing;
  for (const std::string& controller : wanted)
    if (!has_controller(list, controller)) missing.push_back(controller);
  return missing;
}

const FileWrite& first_use(const Plan& plan, std::string_view controller) {
  return *std::find_if(plan.begin(), plan.end(),
                       [&](const FileWrite& write) { return write.controller == controller; });
}

// Takes the writes of a controller that the whole hierarchy lacks out of `plan`.
void give_up_controller(Plan& plan, const std::string& controller) {
  const auto uses = [&](const FileWrite& write) { return write.controller == controller; };
  for (const FileWrite& write : plan)
    if (uses(write) && !write.is_default)
      throw Error(concat(write.property, ": ",
                         missing_controller_reason(
                             controller, read_text(AT_FDCWD, "/proc/cgroups").value_or(""))));
  plan.erase(std::remove_if(plan.begin(), plan.end(), uses), plan.end());
}

std::string enable_problem(int failed) {
  if (failed == EBUSY)
    return " (that cgroup has processes of its own, and cgroup v2 then allows no controllers below "
           "it: set linux.cgroupsPath to a place below another cgroup)";
  if (failed == EOPNOTSUPP)
    return " (that cgroup is threaded, where this controller does not work: set linux.cgroupsPath "
           "to a place below another cgroup)";
  if (failed == ENOENT || failed == EACCES || failed == EPERM)
    return " (the controller is not delegated to that cgroup)";
  return {};
}

// Enables `wanted` for the children of the cgroup `parent`.
void enable_in(const std::string& parent, const std::vector<std::string>& wanted,
               const Plan& plan) {
  const std::string enabled = sys::read_file_at(AT_FDCWD, concat(parent, '/', kSubtree))
                                  .or_throw("read ", parent, '/', kSubtree);
  const std::vector<std::string> missing = not_in(enabled, wanted);
  if (missing.empty()) return;
  std::string request;
  for (const std::string& controller : missing)
    append(request, request.empty() ? "+" : " +", controller);
  const sys::Result<void> written =
      sys::write_value_at(AT_FDCWD, concat(parent, '/', kSubtree), request);
  written.or_throw(first_use(plan, missing.front()).property, ": enable \"", request, "\" in ",
                   parent, '/', kSubtree, enable_problem(written.error()));
}

}  // namespace

bool has_controller(std::string_view list, std::string_view controller) {
  while (!list.empty() && list.back() == '\n') list.remove_suffix(1);
  for (std::string_view name = next_word(list); !name.empty(); name = next_word(list))
    if (name == controller) return true;
  return false;
}

std::string missing_controller_reason(std::string_view controller, std::string_view proc_cgroups) {
  const std::string_view v1_name = controller == "io" ? std::string_view("blkio") : controller;
  std::string_view line;
  while (next_line(proc_cgroups, line)) {
    // name, hierarchy, number of cgroups, enabled; separated by tabs.
    const std::size_t tab = line.find('\t');
    if (line.substr(0, tab) != v1_name || tab == std::string_view::npos) continue;
    if (line.ends_with("\t0"))
      return concat("the cgroup controller \"", controller,
                    "\" is disabled by the kernel command line (cgroup_disable=)");
    if (!line.substr(tab).starts_with("\t0\t"))
      return concat("the controller \"", controller,
                    "\" is bound to cgroup v1 on this host, and brig sets limits through cgroup v2 "
                    "only: boot with systemd.unified_cgroup_hierarchy=1 or cgroup_no_v1=all");
  }
  return concat("the cgroup controller \"", controller,
                "\" is not available: this kernel lacks it, or it is not delegated to this part of "
                "the cgroup hierarchy");
}

void enable_controllers(Plan& plan, int directory, const std::string& root,
                        const std::string& path) {
  std::vector<std::string> wanted = needed_controllers(plan);
  if (wanted.empty()) return;
  const std::string here =
      sys::read_file_at(directory, kControllers).or_throw("read ", path, '/', kControllers);
  wanted = not_in(here, wanted);
  if (wanted.empty()) return;

  const std::string everywhere = sys::read_file_at(AT_FDCWD, concat(root, '/', kControllers))
                                     .or_throw("read ", root, '/', kControllers);
  for (const std::string& controller : not_in(everywhere, wanted)) {
    give_up_controller(plan, controller);
    wanted.erase(std::find(wanted.begin(), wanted.end(), controller));
  }
  if (wanted.empty()) return;
  for (std::size_t slash = root.size(); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    enable_in(path.substr(0, slash), wanted, plan);
}

}  // namespace brig::cgroup
