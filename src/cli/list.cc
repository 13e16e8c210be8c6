#include <pwd.h>

#include <cstdio>

#include "base/concat.h"
#include "base/log.h"
#include "cli/commands.h"
#include "oci/state.h"
#include "sys/file.h"

namespace brig::cli {

namespace {

// The name of a user by /etc/passwd alone, or "#uid". getpwuid(3) would load name service modules,
// which takes longer than the whole command and does not work in a static program.
std::string user_name(uid_t uid) {
  std::FILE* file = std::fopen("/etc/passwd", "re");
  std::string name = concat('#', uid);
  if (file == nullptr) return name;
  while (const passwd* entry = ::fgetpwent(file))
    if (entry->pw_uid == uid) {
      name = entry->pw_name;
      break;
    }
  std::fclose(file);
  return name;
}

}  // namespace

int list_command(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string format = arguments.given("format") ? arguments.text("format") : "table";
  if (format != "table" && format != "json")
    throw UsageError(concat("invalid format option \"", format, "\": it is table or json"),
                     arguments.command());
  // A mistyped --root must not look like a machine without containers.
  if (arguments.given("root"))
    sys::stat_at(AT_FDCWD, invocation.runtime.root).or_throw("open ", invocation.runtime.root);

  std::vector<std::string> problems;
  const std::vector<ContainerInfo> containers = list_containers(invocation.runtime, problems);
  for (const std::string& problem : problems) log::warning(problem);

  std::string names;
  std::vector<oci::ListEntry> entries;
  for (const ContainerInfo& info : containers) {
    append(names, info.id, '\n');
    entries.push_back({info, {}});
  }
  if (arguments.flag("quiet")) {
    print(names);
    return 0;
  }
  for (oci::ListEntry& entry : entries) entry.owner = user_name(entry.info.owner);
  print(format == "json" ? oci::list_json(entries) : oci::list_table(entries));
  return 0;
}

int state_command(const Invocation& invocation) {
  print(oci::state_json(container_info(invocation.runtime, invocation.container())) + "\n");
  return 0;
}

}  // namespace brig::cli
