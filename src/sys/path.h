// Files inside a root file system that an attacker controls and may be changing right now.
//
// `root` is a descriptor of the root directory; every path is taken as if the process were chrooted
// there: a leading '/' means the root, ".." stops at it, and absolute symlinks start at it. The
// kernel does the resolution in one step (openat2(2) RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), so
// no racing rename can lead out; things are made only by a plain name below a directory descriptor
// that was opened that way. Nothing is ever created or opened outside the root.
#pragma once

#include <fcntl.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// `path` without empty, "." and ".." components, always absolute: "a//b/../c/" is "/a/c". Purely
// lexical: for comparing what a config says, not for finding files.
std::string clean_path(std::string_view path);

// What is done about a symlink on the way. kRefuse: ELOOP; what is found or made is then where a
// clean `path` says, unless it is renamed.
enum class Links : std::uint8_t { kFollow, kRefuse };

// Opens `path` in `root` with open(2) `flags` (O_CLOEXEC is added; for O_CREAT use the functions
// below). EAGAIN, which the kernel gives when a rename raced with "..", is retried a bounded number
// of times.
Result<OwnFd> open_in_root(int root, std::string_view path, int flags,
                           Links links = Links::kFollow);

// mkdir -p: the directory `path` in `root`, as an O_PATH descriptor. Missing parts are made with
// `mode`; dangling symlinks on the way are followed inside the root, and what they name is made.
// ENOTDIR: a part exists and is no directory. ELOOP: too many links.
Result<OwnFd> make_directories_in_root(int root, std::string_view path, mode_t mode,
                                       Links links = Links::kFollow);

// The directory that holds `path` (made as needed with mode 0755) and the last component's name,
// which is not followed: for the *at() calls that make a node, a link or a file. EINVAL: `path` has
// no last name ("/", "a/..").
struct ParentInRoot {
  OwnFd directory;  // O_PATH
  std::string name;
};
Result<ParentInRoot> open_parent_in_root(int root, std::string_view path);

// The file `path` in `root`, as an O_PATH descriptor: an existing one as it is (links followed
// inside the root), else a new empty one with `mode`.
Result<OwnFd> make_file_in_root(int root, std::string_view path, mode_t mode);

}  // namespace brig::sys
