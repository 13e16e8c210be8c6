// The words of `mounts[].options` (config.md "Linux mount options") and what they mean: the one
// table that parsing and `features` use. Pure: no system call.
#pragma once

#include <sys/mount.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace brig::rootfs {

// What an option does. The value in its table entry is said in parentheses.
enum class OptionKind : std::uint8_t {
  kNothing,         // accepted, and already so on every kernel this runs on
  kSet,             // set a mount attribute (MOUNT_ATTR_*)
  kClear,           // clear a mount attribute (MOUNT_ATTR_*)
  kSetRecursive,    // the same two with all mounts below
  kClearRecursive,  //
  kSuperblock,      // a flag of the file system itself, passed by its own name
  kBind,            // bind mount (1: with all mounts below)
  kRemount,         // change the mount that is already there
  kPropagation,     // MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, perhaps with MS_REC
  kIdmap,           // map the ids of a bind mount (1: with all mounts below)
  kTmpcopyup,       // fill a tmpfs with what it covers
  kCopySymlink,     // a source that is a symlink is made again, not followed
  kSrcNofollow,     // a source that is a symlink is bound itself
  kDestNofollow,    // a destination that is a symlink is covered itself
};

struct MountOption {
  std::string_view name;
  OptionKind kind;
  std::uint64_t value;
};

// Every known option, sorted by name.
std::span<const MountOption> mount_options();

// One `key=value` (or bare `key`) that goes to the file system's driver.
struct FileSystemParameter {
  std::string key;
  std::optional<std::string> value;
};

enum class Idmapping : std::uint8_t { kNone, kTop, kRecursive };

// All options of one mount, in effect: a later word wins over an earlier one.
struct MountOptions {
  std::uint64_t set = 0;  // MOUNT_ATTR_*, access-time setting included
  std::uint64_t clear =
      0;  // explicitly cleared; MOUNT_ATTR__ATIME whenever an atime word was given
  std::uint64_t set_recursive = 0;
  std::uint64_t clear_recursive = 0;
  std::vector<std::string> superblock_flags;  // "sync", "lazytime", ...
  std::vector<FileSystemParameter> parameters;
  std::vector<std::uint64_t> propagation;  // MS_* in order, each perhaps with MS_REC
  bool bind = false;
  bool recursive = false;  // rbind
  bool remount = false;
  bool tmpcopyup = false;
  bool copy_symlink = false;
  bool source_nofollow = false;
  bool destination_nofollow = false;
  Idmapping idmapping = Idmapping::kNone;

  [[nodiscard]] bool readonly() const noexcept { return (set & MOUNT_ATTR_RDONLY) != 0; }
  // Some word that sets or clears an attribute of the top mount was given.
  [[nodiscard]] bool has_attributes() const noexcept { return (set | clear) != 0; }
};

// Words that are not in the table become parameters; one word may hold several, separated by commas
// outside double quotes, and quotes around a value are taken off (SELinux: context="a:b,c").
MountOptions parse_mount_options(const std::vector<std::string>& options);

// `parameters` as mount(2) takes them: "mode=755,size=64k".
std::string join_parameters(const std::vector<FileSystemParameter>& parameters);

}  // namespace brig::rootfs
