// config.md: the configuration's top level, mounts and hooks.
#include "oci/parse.h"

#include "json/reader.h"
#include "oci/idmap_option.h"
#include "oci/parse_objects.h"

namespace brig::oci {

using json::Value;

namespace {

Root parse_root(const Value& in) {
  return Root{
      .path = in.required_string("path"),
      .readonly = in.boolean("readonly"),
  };
}

Mount parse_mount(const Value& in) {
  return Mount{
      .destination = in.required_string("destination"),
      .type = in.string("type"),
      .source = in.string("source"),
      .options = in.strings("options"),
      .uid_mappings = in.list("uidMappings", parse_id_mapping),
      .gid_mappings = in.list("gidMappings", parse_id_mapping),
  };
}

Hooks parse_hooks(const Value& in) {
  return Hooks{
      .prestart = in.list("prestart", parse_hook),
      .create_runtime = in.list("createRuntime", parse_hook),
      .create_container = in.list("createContainer", parse_hook),
      .start_container = in.list("startContainer", parse_hook),
      .poststart = in.list("poststart", parse_hook),
      .poststop = in.list("poststop", parse_hook),
  };
}

}  // namespace

Hook parse_hook(const Value& in) {
  return Hook{
      .path = in.required_string("path"),
      .args = in.strings("args"),
      .env = in.strings("env"),
      .timeout = in.optional_integer<std::int64_t>("timeout"),
  };
}

Config parse_config(std::string_view text, std::optional<std::string_view>* process_text) {
  const json::Document document(text);
  const Value& in = document.root();
  Config config = {
      .oci_version = in.required_string("ociVersion"),
      .root = in.optional("root", parse_root),
      .mounts = in.list("mounts", parse_mount),
      .process = in.optional("process", parse_process_object),
      .hostname = in.string("hostname"),
      .domainname = in.string("domainname"),
      .hooks = in.optional("hooks", parse_hooks).value_or(Hooks{}),
      .annotations = in.string_map("annotations"),
      .linux = in.optional("linux", parse_linux).value_or(Linux{}),
  };
  expand_idmap_options(config);
  if (process_text != nullptr) *process_text = document.text_of("process", text);
  return config;
}

Process parse_process(std::string_view text) {
  const json::Document document(text);
  return parse_process_object(document.root());
}

Resources parse_resources(std::string_view text) {
  const json::Document document(text);
  return parse_resources_object(document.root());
}

}  // namespace brig::oci
