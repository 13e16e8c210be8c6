// Compiled seccomp filters, kept between containers: libseccomp needs longer for a profile such as
// Docker's than all the rest of a container's start. Host side, with brig's privileges.
//
// A file holds the whole profile with everything else that the filter depends on, and is used only
// when that is the same byte for byte. The folder and the file must be the user's that brig runs as
// and writable for nobody else: who could change a filter could change a container's state too. A
// file that is damaged, or of another brig or kernel, is as none at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "brig/config.h"
#include "isolate/seccomp.h"

namespace brig::isolate {

// compile_seccomp(), or what it said before. `folder` is made when it is missing; without one, or
// when it cannot be trusted, every filter is compiled.
SeccompFilter cached_seccomp(const Seccomp& profile, const std::string& folder);

// Everything that the filter of `profile` depends on, the same text for no two different filters.
[[nodiscard]] std::string seccomp_cache_key(const Seccomp& profile);

// The file's content, and back: nothing when the text is no filter for `key`.
[[nodiscard]] std::string write_cached_filter(std::string_view key, const SeccompFilter& filter);
[[nodiscard]] std::optional<SeccompFilter> read_cached_filter(std::string_view key,
                                                              std::string_view text);

}  // namespace brig::isolate
