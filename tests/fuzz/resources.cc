// The JSON of `update --resources`, the writes and systemd properties that it becomes, the device
// filter.
#include "cgroup/resources.h"

#include "cgroup/devices_bpf.h"
#include "cgroup/systemd_properties.h"
#include "oci/parse.h"
#include "oci/validate.h"
#include "target.h"

namespace brig::fuzz {

namespace {

void check_plan(const Resources& resources, const cgroup::CurrentLimits& current) {
  cgroup::Plan plan;
  if (!accepts([&] { plan = cgroup::plan_resources(resources, current); })) return;
  for (const cgroup::FileWrite& write : plan)
    require(!write.file.empty() && write.file.find('/') == std::string::npos,
            "a limit goes to a file of the cgroup itself");
  cgroup::limit_properties(plan);
  cgroup::needed_controllers(plan);
  cgroup::let_first_process_in(plan);
}

}  // namespace

void fuzz_resources(std::string_view input) {
  Resources resources;
  if (!accepts([&] { resources = oci::parse_resources(input); })) return;
  if (!accepts([&] { oci::validate_resources(resources, ""); })) return;
  check_plan(resources, {});
  check_plan(resources, {.quota = 50000, .burst = 1, .memory = 1U << 30U, .usage = 1U << 20U});
  accepts([&] {
    const cgroup::DeviceFilter filter = cgroup::plan_device_filter(resources.devices);
    require(!cgroup::compile_device_filter(filter).empty(), "a device filter is a program");
  });
}

}  // namespace brig::fuzz
