// Turns the OCI JSON documents into the structures of brig/config.h: shape, types and fixed words.
//
// Every function throws a brig::Error whose line names the JSON path, or line and column when the
// text is no JSON. Unknown properties are ignored (runtime-spec, "Extensibility"), null counts as
// absent. Rules between fields are the business of oci/validate.h.
#pragma once

#include <optional>
#include <string_view>

#include "brig/config.h"

namespace brig::oci {

// A whole config.json (runtime-spec, config.md and config-linux.md).
// `process_text`: if wanted, which part of it parse_process() takes.
[[nodiscard]] Config parse_config(std::string_view text,
                                  std::optional<std::string_view>* process_text = nullptr);

// The object that `exec --process` takes (config.md "Process").
[[nodiscard]] Process parse_process(std::string_view text);

// The object that `update --resources` takes (config-linux.md "Control groups", `resources`).
[[nodiscard]] Resources parse_resources(std::string_view text);

}  // namespace brig::oci
