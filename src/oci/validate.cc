// The top level of a configuration, its hooks, and what brig does not support yet.
#include "oci/validate.h"

#include <cctype>

#include "brig/error.h"
#include "oci/validate_rules.h"

namespace brig::oci {

namespace {

// uname(2): the kernel's __NEW_UTS_LEN.
constexpr std::size_t kMaxUtsName = 64;

bool is_digits(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return false;
  return true;
}

// A number without leading zeros.
bool is_number(std::string_view text) {
  return is_digits(text) && (text.size() == 1 || text[0] != '0');
}

// Cuts `text` before the first `mark` and returns what follows the mark; nothing without it.
std::optional<std::string_view> cut(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

// The dot-separated identifiers of a pre-release or of build metadata.
bool are_identifiers(std::string_view text, bool allow_leading_zeros) {
  for (;;) {
    const std::optional<std::string_view> rest = cut(text, '.');
    if (text.empty()) return false;
    for (const char c : text)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') return false;
    if (!allow_leading_zeros && is_digits(text) && !is_number(text)) return false;
    if (!rest) return true;
    text = *rest;
  }
}

// SemVer 2.0.0: major.minor.patch[-prerelease][+build].
bool is_semantic_version(std::string_view text) {
  if (const auto build = cut(text, '+'); build && !are_identifiers(*build, true)) return false;
  if (const auto release = cut(text, '-'); release && !are_identifiers(*release, false))
    return false;
  const auto minor_and_patch = cut(text, '.');
  if (!minor_and_patch || !is_number(text)) return false;
  std::string_view minor = *minor_and_patch;
  const auto patch = cut(minor, '.');
  return patch && is_number(minor) && is_number(*patch);
}

void check_version(std::string_view version, Problems& problems) {
  if (!is_semantic_version(version))
    problems.add("ociVersion: \"", version, "\" is not a version of the form 1.2.3 (SemVer 2.0.0)");
  else if (!version.starts_with("1."))
    problems.add("ociVersion: version ", version, " is not supported (expected 1.x.y)");
}

void check_root(const std::optional<Root>& root, Problems& problems) {
  if (!root)
    problems.add("root: required property is missing");
  else if (root->path.empty())
    problems.add("root.path: must not be empty");
}

void check_uts_name(const Config& config, std::string_view path, const std::string& name,
                    Problems& problems) {
  if (name.empty()) return;
  if (name.size() > kMaxUtsName) problems.add(path, ": longer than ", kMaxUtsName, " bytes");
  if (config.find_namespace(NamespaceType::kUts) == nullptr)
    problems.add(path, ": needs a UTS namespace (add {\"type\": \"uts\"} to linux.namespaces)");
}

void check_hooks(std::string_view name, const std::vector<Hook>& hooks, Problems& problems) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    if (!is_absolute(hooks[i].path))
      problems.add("hooks.", name, "[", i, "].path: \"", hooks[i].path, "\" is not absolute");
    if (hooks[i].timeout && *hooks[i].timeout <= 0)
      problems.add("hooks.", name, "[", i, "].timeout: must be greater than zero");
  }
}

void check_all_hooks(const Hooks& hooks, Problems& problems) {
  check_hooks("prestart", hooks.prestart, problems);
  check_hooks("createRuntime", hooks.create_runtime, problems);
  check_hooks("createContainer", hooks.create_container, problems);
  check_hooks("startContainer", hooks.start_container, problems);
  check_hooks("poststart", hooks.poststart, problems);
  check_hooks("poststop", hooks.poststop, problems);
}

void check_absolute_paths(std::string_view name, const std::vector<std::string>& paths,
                          Problems& problems) {
  for (std::size_t i = 0; i < paths.size(); ++i)
    if (!is_absolute(paths[i]))
      problems.add("linux.", name, "[", i, "]: \"", paths[i], "\" is not absolute");
}

void check_unsupported(const Linux& linux, Problems& problems) {
  if (linux.personality && !linux.personality->flags.empty())
    problems.add("linux.personality.flags: not supported (the spec defines none)");
}

// Without a limit there is nothing to subtract; cgroup v2 limits swap alone. An update may leave
// the limit as it is, so this rule is only for whole configurations.
void check_swap_has_limit(const Resources& resources, Problems& problems) {
  if (!resources.memory) return;
  const std::int64_t swap = resources.memory->swap.value_or(0);
  if (swap > 0 && resources.memory->limit.value_or(0) == 0)
    problems.add("linux.resources.memory.swap: needs linux.resources.memory.limit");
}

}  // namespace

void Problems::throw_if_any() const {
  if (count_ == 0) return;
  throw Error(count_ <= kMostTold ? text_
                                  : concat(text_, "; and ", count_ - kMostTold, " more problems"));
}

void validate(const Config& config) {
  Problems problems;
  check_version(config.oci_version, problems);
  check_root(config.root, problems);
  if (config.process) check_process(*config.process, "process.", problems);
  check_uts_name(config, "hostname", config.hostname, problems);
  check_uts_name(config, "domainname", config.domainname, problems);
  if (config.annotations.contains("")) problems.add("annotations: a name is empty");
  check_mounts(config, problems);
  check_all_hooks(config.hooks, problems);
  check_namespaces(config, problems);
  check_sysctl(config, problems);
  check_net_devices(config, problems);
  if (config.linux.intel_rdt) check_intel_rdt(*config.linux.intel_rdt, problems);
  check_devices(config.linux.devices, problems);
  check_resources(config.linux.resources, "linux.resources.", problems);
  check_swap_has_limit(config.linux.resources, problems);
  if (config.linux.seccomp) check_seccomp(*config.linux.seccomp, problems);
  if (config.linux.memory_policy) check_memory_policy(*config.linux.memory_policy, problems);
  check_absolute_paths("maskedPaths", config.linux.masked_paths, problems);
  check_absolute_paths("readonlyPaths", config.linux.readonly_paths, problems);
  check_unsupported(config.linux, problems);
  problems.throw_if_any();
}

void validate_process(const Process& process, std::string_view json_path) {
  Problems problems;
  check_process(process, json_path.empty() ? std::string() : concat(json_path, "."), problems);
  problems.throw_if_any();
}

void validate_intel_rdt(const IntelRdt& intel_rdt) {
  Problems problems;
  check_intel_rdt(intel_rdt, problems);
  problems.throw_if_any();
}

void validate_resources(const Resources& resources, std::string_view json_path) {
  Problems problems;
  check_resources(resources, json_path.empty() ? std::string() : concat(json_path, "."), problems);
  problems.throw_if_any();
}

}  // namespace brig::oci
