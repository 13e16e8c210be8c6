#include <linux/magic.h>
#include <unistd.h>

#include "base/concat.h"
#include "base/scope_exit.h"
#include "cli/commands.h"
#include "oci/default_spec.h"
#include "sys/file.h"

namespace brig::cli {

namespace {

bool is_unified_cgroup_host() {
  auto directory = sys::open_at(AT_FDCWD, "/sys/fs/cgroup", O_PATH | O_DIRECTORY);
  if (!directory) return false;
  auto type = sys::file_system_type(directory->get());
  return type && *type == CGROUP2_SUPER_MAGIC;
}

}  // namespace

int spec_command(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  std::string bundle = arguments.text("bundle");
  if (bundle.empty()) bundle = ".";
  std::string file = arguments.text("file");
  if (file.empty()) file = "config.json";

  const std::string text = oci::default_spec({.cgroup_namespace = is_unified_cgroup_host(),
                                              .rootless = arguments.flag("rootless"),
                                              .uid = ::geteuid(),
                                              .gid = ::getegid()});
  const auto directory =
      sys::open_at(AT_FDCWD, bundle, O_PATH | O_DIRECTORY).or_throw("open the bundle ", bundle);
  auto created = sys::open_at(directory.get(), file, O_WRONLY | O_CREAT | O_EXCL, 0666);
  if (!created && created.error() == EEXIST)
    throw Error(concat("File ", file, " exists. Remove it first"));
  const sys::OwnFd output = std::move(created).or_throw("create ", file);
  ScopeExit remove_part([&] { sys::unlink_at(directory.get(), file).ignore("the write failed"); });
  sys::write_all(output.get(), text + "\n").or_throw("write ", file);
  remove_part.dismiss();
  return 0;
}

}  // namespace brig::cli
