// The JSON documents that callers hand to brig: config.json and the files of `exec --process` and
// `update --resources`. Host side.
#pragma once

#include <string>
#include <string_view>

namespace brig::container {

// Parsing takes up to thirty times as much memory. All that the kernel lets a process have as
// arguments and environment is 6 MiB.
inline constexpr std::size_t kLongestDocument = 16U << 20U;

// The text of the file `path`, or of standard input for an empty one. An Error begins with
// `reading`
// ("read /bundle/config.json") and ends with `remedy` when the file does not exist.
std::string read_document(const std::string& path, std::string_view reading,
                          std::string_view remedy = {});

}  // namespace brig::container
