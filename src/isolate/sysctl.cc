#include "isolate/sysctl.h"

#include <fcntl.h>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/procfs.h"

namespace brig::isolate {

namespace {

void check_components(std::string_view key, std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view component = path.substr(0, slash);
    if (component.empty() || component == "." || component == "..")
      throw Error(concat("linux.sysctl[\"", key, "\"]: not the name of a setting"));
    if (slash == std::string_view::npos) return;
    path.remove_prefix(slash + 1);
  }
}

void write_sysctl(int proc, const std::string& key, const std::string& value) {
  const sys::Result<void> written =
      sys::write_proc_file(proc, concat("sys/", sysctl_path(key)), value);
  if (written) return;
  std::string text = concat("linux.sysctl[\"", key, "\"]: ");
  int shown = 0;  // engines take "no such file" and "permission denied" for faults of the program
  switch (written.error()) {
    case ENOENT:
      append(text, "this kernel has no such setting in the container's namespaces");
      break;
    case EINVAL:
      append(text, "the kernel refuses the value \"", value, "\"");
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      append(text, "may not be set in the container's user namespace");
      break;
    default:
      append(text, "write \"", value, "\"");
      shown = written.error();
  }
  throw Error(text, shown);
}

}  // namespace

std::string sysctl_path(std::string_view key) {
  std::string path(key);
  const std::size_t first = key.find_first_of("./");
  if (first != std::string_view::npos && key[first] == '.')
    for (char& letter : path) letter = letter == '.' ? '/' : letter == '/' ? '.' : letter;
  check_components(key, path);
  return path;
}

void write_sysctls(int proc, const std::map<std::string, std::string>& settings) {
  for (const auto& [key, value] : settings) write_sysctl(proc, key, value);
}

}  // namespace brig::isolate
