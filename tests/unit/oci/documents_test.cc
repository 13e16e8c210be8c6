// The documents that `spec` and `features` print.
#include <doctest/doctest.h>

#include "json/reader.h"
#include "oci/default_spec.h"
#include "oci/features.h"
#include "oci/parse.h"
#include "oci/validate.h"
#include "support.h"

using namespace brig;
using namespace brig::oci;

using Strings = std::vector<std::string>;

TEST_CASE("the default configuration is valid and what runc writes") {
  const std::string text = default_spec({.cgroup_namespace = true});
  CHECK(text.starts_with("{\n\t\"ociVersion\": \""));
  CHECK(text.ends_with("\n}"));
  const Config config = parse_config(text);
  CHECK(error_of([&] { validate(config); }) == "no error");
  CHECK(config.process->terminal);
  CHECK(config.process->args == Strings{"sh"});
  CHECK(config.process->no_new_privileges);
  CHECK(config.process->capabilities->inheritable.empty());
  CHECK(config.process->capabilities->bounding.size() == 3);
  CHECK(config.mounts.size() == 7);
  CHECK(config.linux.masked_paths.size() == 10);
  CHECK(config.linux.readonly_paths.size() == 5);
  CHECK(config.linux.resources.devices.size() == 1);
  CHECK(config.linux.namespaces.size() == 6);
  CHECK(parse_config(default_spec({})).linux.namespaces.size() == 5);
}

TEST_CASE("the rootless configuration maps one user and leaves out what needs root") {
  const Config config = parse_config(default_spec({.rootless = true, .uid = 1000, .gid = 1001}));
  CHECK(error_of([&] { validate(config); }) == "no error");
  CHECK(config.find_namespace(NamespaceType::kNetwork) == nullptr);
  CHECK(config.find_namespace(NamespaceType::kUser) != nullptr);
  CHECK(config.linux.uid_mappings.at(0).host_id == 1000);
  CHECK(config.linux.gid_mappings.at(0).host_id == 1001);
  CHECK(config.linux.resources.devices.empty());
  for (const Mount& mount : config.mounts) {
    for (const std::string& option : mount.options) CHECK_FALSE(option.starts_with("gid="));
    if (mount.destination == "/sys") CHECK(mount.options.at(0) == "rbind");
  }
}

TEST_CASE("features tell what there is") {
  Features features;
  features.mount_options = {"ro", "rro"};
  features.capabilities = {"CAP_CHOWN"};
  features.seccomp_archs = {"SCMP_ARCH_X86_64"};
  features.seccomp_flags = {"SECCOMP_FILTER_FLAG_LOG"};
  features.libseccomp_version = "2.5.4";
  features.unsafe_annotations = {"org.criu.config"};
  features.annotations = {{"x", "y"}};
  const std::string text = features_json(features);
  CHECK(text.starts_with("{\n    \"ociVersionMin\": \"1.0.0\",\n    \"ociVersionMax\": \""));
  const json::Document document(text);
  const json::Value& root = document.root();
  CHECK(root.strings("hooks").size() == 6);
  CHECK(root.strings("mountOptions") == Strings{"ro", "rro"});
  CHECK(root.string_map("annotations").at("io.github.seccomp.libseccomp.version") == "2.5.4");
  CHECK(root.string_map("annotations").at("x") == "y");
  CHECK(root.strings("potentiallyUnsafeConfigAnnotations") == Strings{"org.criu.config"});
  const json::Value linux = root.require("linux");
  CHECK(linux.strings("namespaces").size() == 8);
  CHECK(linux.strings("capabilities") == Strings{"CAP_CHOWN"});
  const json::Value cgroup = linux.require("cgroup");
  CHECK_FALSE(cgroup.boolean("v1"));
  CHECK(cgroup.boolean("v2"));
  CHECK_FALSE(cgroup.boolean("systemd"));
  CHECK(cgroup.boolean("rdma"));
  const json::Value seccomp = linux.require("seccomp");
  CHECK(seccomp.strings("actions").size() == 9);
  CHECK(seccomp.strings("operators").size() == 7);
  CHECK(seccomp.strings("archs") == Strings{"SCMP_ARCH_X86_64"});
  CHECK(seccomp.strings("knownFlags").size() == 4);
  CHECK(seccomp.strings("supportedFlags") == Strings{"SECCOMP_FILTER_FLAG_LOG"});
  const json::Value extensions = linux.require("mountExtensions");
  CHECK(extensions.require("idmap").boolean("enabled"));
  for (const std::string_view part : {"enabled", "schemata", "monitoring"})
    CHECK(linux.require("intelRdt").boolean(part));
  CHECK(linux.require("netDevices").boolean("enabled"));
  const json::Value memory_policy = linux.require("memoryPolicy");
  CHECK(memory_policy.strings("modes").size() == 7);
  CHECK(memory_policy.strings("flags").size() == 3);
}
