// What `brig --version` and `brig features` say of themselves.
#pragma once

namespace brig {

// Version of brig, set by configure (AC_INIT).
extern const char* const kVersion;
// The commit it was built from, or "unknown" outside a git checkout.
extern const char* const kCommit;
// Newest and oldest runtime-spec that config.json may name.
inline constexpr const char* kSpecVersion = "1.3.0";
inline constexpr const char* kSpecVersionMin = "1.0.0";

}  // namespace brig
