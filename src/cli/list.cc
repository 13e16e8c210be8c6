#include <pwd.h>

#include <cstdio>
#include <map>

#include "base/concat.h"
#include "base/log.h"
#include "cli/commands.h"
#include "oci/state.h"
#include "sys/file.h"

namespace brig::cli {

namespace {

// Puts the name of each user into the value of his id, or "#uid": by /etc/passwd alone, read once.
// getpwuid(3) would load name service modules, which takes longer than the whole command and does
// not work in a static program.
void find_user_names(std::map<uid_t, std::string>& names) {
  std::FILE* file = std::fopen("/etc/passwd", "re");
  if (file != nullptr) {
    while (const passwd* entry = ::fgetpwent(file)) {
      const auto found = names.find(entry->pw_uid);
      if (found != names.end() && found->second.empty()) found->second = entry->pw_name;
    }
    std::fclose(file);
  }
  for (auto& [uid, name] : names)
    if (name.empty()) name = concat('#', uid);
}

std::vector<oci::ListEntry> with_owners(std::vector<ContainerInfo> containers) {
  std::map<uid_t, std::string> names;
  for (const ContainerInfo& info : containers) names.try_emplace(info.owner);
  find_user_names(names);
  std::vector<oci::ListEntry> entries;
  entries.reserve(containers.size());
  for (ContainerInfo& info : containers) {
    const std::string& owner = names[info.owner];
    entries.push_back({std::move(info), owner});
  }
  return entries;
}

std::string names_text(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) append(text, id, '\n');
  return text;
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
  std::string text;
  if (arguments.flag("quiet")) {
    text = names_text(list_container_ids(invocation.runtime, problems));
  } else {
    const std::vector<oci::ListEntry> entries =
        with_owners(list_containers(invocation.runtime, problems));
    text = format == "json" ? oci::list_json(entries) : oci::list_table(entries);
  }
  for (const std::string& problem : problems) log::warning(problem);
  print(text);
  return 0;
}

int state_command(const Invocation& invocation) {
  print(oci::state_json(container_info(invocation.runtime, invocation.container())) + "\n");
  return 0;
}

}  // namespace brig::cli
