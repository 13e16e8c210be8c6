// Helpers of the tests of src/oci: the line of an Error, and small configurations to vary.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/concat.h"
#include "brig/error.h"
#include "oci/parse.h"
#include "oci/validate.h"

namespace brig::oci {

// The line of the Error that `action` throws, or "no error".
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// A valid configuration with `members` added; a member that is there already is replaced, because
// the last of several members with one name counts.
inline std::string config_with(std::string_view members) {
  return concat(
      R"({"ociVersion":"1.0.2","root":{"path":"rootfs"},"process":{"args":["sh"],"cwd":"/"},)",
      R"("linux":{"namespaces":[{"type":"mount"}]})", members.empty() ? "" : ",", members, "}");
}

// The same for the members of `process` and of `linux`.
inline std::string process_with(std::string_view members) {
  return concat(R"({"args":["sh"],"cwd":"/")", members.empty() ? "" : ",", members, "}");
}
inline std::string linux_with(std::string_view members) {
  return config_with(concat(R"("linux":{"namespaces":[{"type":"mount"}])",
                            members.empty() ? "" : ",", members, "}"));
}

// A configuration and the line it gives.
struct Case {
  std::string_view members;
  std::string_view line;
};

inline constexpr std::string_view kFine = "no error";

// The line that validating the configuration with `members` in `linux` gives.
inline std::string validate_linux(std::string_view members) {
  return error_of([&] { validate(parse_config(linux_with(members))); });
}

// Validates every case and compares the line.
template <class Validate>
void check_all(const std::vector<Case>& cases, Validate&& validate) {
  for (const Case& item : cases) {
    CAPTURE(item.members);
    CHECK(validate(item.members) == item.line);
  }
}

}  // namespace brig::oci
