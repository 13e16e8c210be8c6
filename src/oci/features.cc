#include "oci/features.h"

#include <array>

#include "brig/version.h"
#include "json/writer.h"
#include "oci/words.h"

namespace brig::oci {

using json::Writer;

namespace {

template <class T, std::size_t N>
void write_words(Writer& out, std::string_view name, const std::array<Word<T>, N>& table) {
  out.array(name, [&] {
    for (const Word<T>& word : table) out.value(word.name);
  });
}

template <std::size_t N>
void write_words(Writer& out, std::string_view name, const std::array<std::string_view, N>& words) {
  out.array(name, [&] {
    for (const std::string_view word : words) out.value(word);
  });
}

void write_enabled(Writer& out, std::string_view name, bool enabled) {
  out.object(name, [&] { out.member("enabled", enabled); });
}

void write_cgroup(Writer& out, const Features& features) {
  out.object("cgroup", [&] {
    out.member("v1", false);
    out.member("v2", true);
    out.member("systemd", features.systemd_cgroup);
    out.member("systemdUser", features.systemd_cgroup);
    out.member("rdma", true);
  });
}

void write_memory_policy(Writer& out) {
  out.object("memoryPolicy", [&] {
    write_words(out, "modes", kMemoryPolicyModeWords);
    write_words(out, "flags", kMemoryPolicyFlagWords);
  });
}

void write_seccomp(Writer& out, const Features& features) {
  out.object("seccomp", [&] {
    out.member("enabled", true);
    write_words(out, "actions", kSeccompActionWords);
    write_words(out, "operators", kSeccompOperatorWords);
    out.member("archs", features.seccomp_archs);
    write_words(out, "knownFlags", kSeccompFlagWords);
    out.member("supportedFlags", features.seccomp_flags);
  });
}

void write_linux(Writer& out, const Features& features) {
  out.object("linux", [&] {
    write_words(out, "namespaces", kNamespaceWords);
    out.member("capabilities", features.capabilities);
    write_cgroup(out, features);
    write_seccomp(out, features);
    write_enabled(out, "apparmor", features.apparmor);
    write_enabled(out, "selinux", features.selinux);
    write_memory_policy(out);
    out.object("intelRdt", [&] {
      for (const std::string_view part : {"enabled", "schemata", "monitoring"})
        out.member(part, true);
    });
    out.object("mountExtensions", [&] { write_enabled(out, "idmap", true); });
    write_enabled(out, "netDevices", true);
  });
}

void write_annotations(Writer& out, const Features& features) {
  std::map<std::string, std::string> annotations = features.annotations;
  annotations["io.github.seccomp.libseccomp.version"] = features.libseccomp_version;
  // The name that podman looks for, whatever the runtime.
  annotations["org.opencontainers.runc.checkpoint.enabled"] = "false";
  annotations["run.oci.brig.version"] = kVersion;
  annotations["run.oci.brig.commit"] = kCommit;
  out.member("annotations", annotations);
}

}  // namespace

std::string features_json(const Features& features) {
  Writer out(json::Indent::kFourSpaces);
  out.object([&] {
    out.member("ociVersionMin", kSpecVersionMin);
    out.member("ociVersionMax", kSpecVersion);
    write_words(out, "hooks", kHookNames);
    out.member("mountOptions", features.mount_options);
    write_linux(out, features);
    write_annotations(out, features);
    out.member_unless_empty("potentiallyUnsafeConfigAnnotations", features.unsafe_annotations);
  });
  return std::move(out).take() + '\n';
}

}  // namespace brig::oci
