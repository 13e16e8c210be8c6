#include "base/concat.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/limits.h"
#include "container/document.h"
#include "oci/parse.h"
#include "oci/validate.h"

namespace brig::cli {

namespace {

// The JSON of --resources: a file, or standard input for "-".
Resources resources_from_file(const std::string& name) {
  const std::string shown = name == "-" ? "standard input" : name;
  const std::string text =
      container::read_document(name == "-" ? "" : name, concat("read ", shown));
  return with_context([&] { return std::string_view(shown); },
                      [&] {
                        Resources resources = oci::parse_resources(text);
                        oci::validate_resources(resources, "");
                        return resources;
                      });
}

// Kernel memory limits do not exist any more: the kernel has none since 5.16, cgroup v2 never had.
void drop_kernel_memory(Resources& resources) {
  if (!resources.memory || !(resources.memory->kernel || resources.memory->kernel_tcp)) return;
  log::warning("kernel memory limits are obsolete and have no effect");
  resources.memory->kernel.reset();
  resources.memory->kernel_tcp.reset();
}

IntelRdt schemas_from_options(const Arguments& arguments) {
  IntelRdt intel_rdt;
  if (const std::string schema = arguments.text("l3-cache-schema"); !schema.empty())
    intel_rdt.l3_cache_schema = schema;
  if (const std::string schema = arguments.text("mem-bw-schema"); !schema.empty())
    intel_rdt.mem_bw_schema = schema;
  return intel_rdt;
}

}  // namespace

int update_command(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string file = arguments.text("resources");
  Resources resources =
      file.empty() ? resources_from_options(arguments) : resources_from_file(file);
  drop_kernel_memory(resources);
  update_container(invocation.runtime, invocation.container(), resources,
                   schemas_from_options(arguments));
  return 0;
}

}  // namespace brig::cli
