#include "rootfs/mount_options.h"

#include <algorithm>
#include <array>

#include "base/concat.h"

namespace brig::rootfs {

namespace {

using enum OptionKind;

// "defaults" asks for nothing. "silent" and "loud" only choose whether the kernel logs a failed
// mount(2), which the new mount interface never does. "iversion" is each file system's own
// decision: the new mount interface has no word for it.
constexpr std::array kOptions = {
    MountOption{"async", kSuperblock, 0},
    MountOption{"atime", kClear, MOUNT_ATTR_NOATIME},
    MountOption{"bind", kBind, 0},
    MountOption{"copy-symlink", kCopySymlink, 0},
    MountOption{"defaults", kNothing, 0},
    MountOption{"dest-nofollow", kDestNofollow, 0},
    MountOption{"dev", kClear, MOUNT_ATTR_NODEV},
    MountOption{"diratime", kClear, MOUNT_ATTR_NODIRATIME},
    MountOption{"dirsync", kSuperblock, 0},
    MountOption{"exec", kClear, MOUNT_ATTR_NOEXEC},
    MountOption{"idmap", kIdmap, 0},
    MountOption{"iversion", kNothing, 0},
    MountOption{"lazytime", kSuperblock, 0},
    MountOption{"loud", kNothing, 0},
    MountOption{"mand", kSuperblock, 0},
    MountOption{"noatime", kSet, MOUNT_ATTR_NOATIME},
    MountOption{"nodev", kSet, MOUNT_ATTR_NODEV},
    MountOption{"nodiratime", kSet, MOUNT_ATTR_NODIRATIME},
    MountOption{"noexec", kSet, MOUNT_ATTR_NOEXEC},
    MountOption{"noiversion", kNothing, 0},
    MountOption{"nolazytime", kSuperblock, 0},
    MountOption{"nomand", kSuperblock, 0},
    MountOption{"norelatime", kClear, MOUNT_ATTR_RELATIME},
    MountOption{"nostrictatime", kClear, MOUNT_ATTR_STRICTATIME},
    MountOption{"nosuid", kSet, MOUNT_ATTR_NOSUID},
    MountOption{"nosymfollow", kSet, MOUNT_ATTR_NOSYMFOLLOW},
    MountOption{"private", kPropagation, MS_PRIVATE},
    MountOption{"ratime", kClearRecursive, MOUNT_ATTR_NOATIME},
    MountOption{"rbind", kBind, 1},
    MountOption{"rdev", kClearRecursive, MOUNT_ATTR_NODEV},
    MountOption{"rdiratime", kClearRecursive, MOUNT_ATTR_NODIRATIME},
    MountOption{"relatime", kSet, MOUNT_ATTR_RELATIME},
    MountOption{"remount", kRemount, 0},
    MountOption{"rexec", kClearRecursive, MOUNT_ATTR_NOEXEC},
    MountOption{"ridmap", kIdmap, 1},
    MountOption{"rnoatime", kSetRecursive, MOUNT_ATTR_NOATIME},
    MountOption{"rnodev", kSetRecursive, MOUNT_ATTR_NODEV},
    MountOption{"rnodiratime", kSetRecursive, MOUNT_ATTR_NODIRATIME},
    MountOption{"rnoexec", kSetRecursive, MOUNT_ATTR_NOEXEC},
    MountOption{"rnorelatime", kClearRecursive, MOUNT_ATTR_RELATIME},
    MountOption{"rnostrictatime", kClearRecursive, MOUNT_ATTR_STRICTATIME},
    MountOption{"rnosuid", kSetRecursive, MOUNT_ATTR_NOSUID},
    MountOption{"rnosymfollow", kSetRecursive, MOUNT_ATTR_NOSYMFOLLOW},
    MountOption{"ro", kSet, MOUNT_ATTR_RDONLY},
    MountOption{"rprivate", kPropagation, MS_PRIVATE | MS_REC},
    MountOption{"rrelatime", kSetRecursive, MOUNT_ATTR_RELATIME},
    MountOption{"rro", kSetRecursive, MOUNT_ATTR_RDONLY},
    MountOption{"rrw", kClearRecursive, MOUNT_ATTR_RDONLY},
    MountOption{"rshared", kPropagation, MS_SHARED | MS_REC},
    MountOption{"rslave", kPropagation, MS_SLAVE | MS_REC},
    MountOption{"rstrictatime", kSetRecursive, MOUNT_ATTR_STRICTATIME},
    MountOption{"rsuid", kClearRecursive, MOUNT_ATTR_NOSUID},
    MountOption{"rsymfollow", kClearRecursive, MOUNT_ATTR_NOSYMFOLLOW},
    MountOption{"runbindable", kPropagation, MS_UNBINDABLE | MS_REC},
    MountOption{"rw", kClear, MOUNT_ATTR_RDONLY},
    MountOption{"shared", kPropagation, MS_SHARED},
    MountOption{"silent", kNothing, 0},
    MountOption{"slave", kPropagation, MS_SLAVE},
    MountOption{"src-nofollow", kSrcNofollow, 0},
    MountOption{"strictatime", kSet, MOUNT_ATTR_STRICTATIME},
    MountOption{"suid", kClear, MOUNT_ATTR_NOSUID},
    MountOption{"symfollow", kClear, MOUNT_ATTR_NOSYMFOLLOW},
    MountOption{"sync", kSuperblock, 0},
    MountOption{"tmpcopyup", kTmpcopyup, 0},
    MountOption{"unbindable", kPropagation, MS_UNBINDABLE},
};
static_assert(std::ranges::is_sorted(kOptions, {}, &MountOption::name));

const MountOption* find_option(std::string_view word) {
  const auto found = std::ranges::lower_bound(kOptions, word, {}, &MountOption::name);
  return found != kOptions.end() && found->name == word ? found : nullptr;
}

// The access-time settings are one field with three values, not three bits (mount_setattr(2)):
// whoever changes it clears the whole field, and an empty field means relatime.
constexpr bool is_atime(std::uint64_t attribute) {
  return (attribute & ~std::uint64_t{MOUNT_ATTR__ATIME}) == 0;
}

void set_attribute(std::uint64_t& set, std::uint64_t& clear, std::uint64_t attribute) {
  if (is_atime(attribute)) {
    set &= ~std::uint64_t{MOUNT_ATTR__ATIME};
    clear |= MOUNT_ATTR__ATIME;
  } else {
    clear &= ~attribute;
  }
  set |= attribute;
}

void clear_attribute(std::uint64_t& set, std::uint64_t& clear, std::uint64_t attribute) {
  if (is_atime(attribute)) {
    if ((set & MOUNT_ATTR__ATIME) == attribute) set &= ~std::uint64_t{MOUNT_ATTR__ATIME};
    clear |= MOUNT_ATTR__ATIME;
  } else {
    set &= ~attribute;
    clear |= attribute;
  }
}

void apply_option(MountOptions& options, const MountOption& option) {
  switch (option.kind) {
    case kNothing:
      break;
    case kSet:
      set_attribute(options.set, options.clear, option.value);
      break;
    case kClear:
      clear_attribute(options.set, options.clear, option.value);
      break;
    // The mount itself is part of its tree, whatever a plain word said before.
    case kSetRecursive:
      set_attribute(options.set, options.clear, option.value);
      set_attribute(options.set_recursive, options.clear_recursive, option.value);
      break;
    case kClearRecursive:
      clear_attribute(options.set, options.clear, option.value);
      clear_attribute(options.set_recursive, options.clear_recursive, option.value);
      break;
    case kSuperblock:
      options.superblock_flags.emplace_back(option.name);
      break;
    case kBind:
      options.bind = true;
      options.recursive = options.recursive || option.value != 0;
      break;
    case kRemount:
      options.remount = true;
      break;
    case kPropagation:
      options.propagation.push_back(option.value);
      break;
    case kIdmap:
      options.idmapping = option.value != 0 ? Idmapping::kRecursive : Idmapping::kTop;
      break;
    case kTmpcopyup:
      options.tmpcopyup = true;
      break;
    case kCopySymlink:
      options.copy_symlink = true;
      break;
    case kSrcNofollow:
      options.source_nofollow = true;
      break;
    case kDestNofollow:
      options.destination_nofollow = true;
      break;
  }
}

// Where the first parameter of `words` ends: at a comma that is neither quoted nor escaped.
// (overlay takes "\," for a comma in a path.)
std::size_t parameter_end(std::string_view words) {
  bool quoted = false;
  for (std::size_t at = 0; at < words.size(); ++at) {
    if (words[at] == '\\')
      ++at;
    else if (words[at] == '"')
      quoted = !quoted;
    else if (words[at] == ',' && !quoted)
      return at;
  }
  return words.size();
}

FileSystemParameter parse_parameter(std::string_view word) {
  FileSystemParameter parameter;
  const std::size_t equals = word.find('=');
  parameter.key = word.substr(0, equals);
  if (equals == std::string_view::npos) return parameter;
  std::string_view value = word.substr(equals + 1);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  parameter.value = std::string(value);
  return parameter;
}

}  // namespace

std::span<const MountOption> mount_options() { return kOptions; }

MountOptions parse_mount_options(const std::vector<std::string>& options) {
  MountOptions parsed;
  for (const std::string& option : options) {
    if (const MountOption* known = find_option(option)) {
      apply_option(parsed, *known);
      continue;
    }
    std::string_view words = option;
    while (!words.empty()) {
      const std::size_t end = parameter_end(words);
      if (end > 0) parsed.parameters.push_back(parse_parameter(words.substr(0, end)));
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  }
  return parsed;
}

std::string join_parameters(const std::vector<FileSystemParameter>& parameters) {
  std::string joined;
  for (const FileSystemParameter& parameter : parameters) {
    if (!joined.empty()) joined += ',';
    joined += parameter.key;
    if (!parameter.value) continue;
    const bool quote = parameter_end(*parameter.value) != parameter.value->size();
    append(joined, '=', quote ? "\"" : "", *parameter.value, quote ? "\"" : "");
  }
  return joined;
}

}  // namespace brig::rootfs
