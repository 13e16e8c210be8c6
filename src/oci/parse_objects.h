// The parsers of the single objects of a configuration, shared between the chapters (parse_*.cc).
// Each takes the JSON object and returns the structure of the same name in brig/config.h; errors
// are those of json/reader.h.
#pragma once

#include "brig/config.h"
#include "json/reader.h"

namespace brig::oci {

[[nodiscard]] IdMapping parse_id_mapping(const json::Value& in);        // parse_linux.cc
[[nodiscard]] Namespace parse_namespace(const json::Value& in);         // parse_linux.cc
[[nodiscard]] Linux parse_linux(const json::Value& in);                 // parse_linux.cc
[[nodiscard]] MemoryPolicy parse_memory_policy(const json::Value& in);  // parse_linux.cc
[[nodiscard]] Hook parse_hook(const json::Value& in);                   // parse.cc
[[nodiscard]] Process parse_process_object(const json::Value& in);      // parse_process.cc
[[nodiscard]] Resources parse_resources_object(const json::Value& in);  // parse_resources.cc
[[nodiscard]] Seccomp parse_seccomp(const json::Value& in);             // parse_seccomp.cc

}  // namespace brig::oci
