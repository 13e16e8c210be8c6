#include "sys/path.h"

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "sys/file.h"

namespace brig::sys {

namespace {

constexpr int kMaxLinks = 40;     // as many as the kernel follows (path_resolution(7))
constexpr int kMaxAttempts = 64;  // against a process that renames all the time

using Components = std::vector<std::string>;

// The components of `path` without empty ones and ".".
Components split(std::string_view path) {
  Components components;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view component = path.substr(0, end);
    if (!component.empty() && component != ".") components.emplace_back(component);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return components;
}

// The first `count` components as a path from the root.
std::string join(const Components& components, std::size_t count) {
  std::string path = "/";
  for (std::size_t i = 0; i < count; ++i) append(path, i == 0 ? "" : "/", components[i]);
  return path;
}

// Replaces components[at], a symlink in `directory`, by what it points to, so that the walk goes on
// with that. EEXIST when it is no symlink.
Result<void> substitute_link(int directory, Components& components, std::size_t at) {
  Result<std::string> target = read_link_at(directory, components[at]);
  if (!target) return Result<void>::failure(target.error() == EINVAL ? EEXIST : target.error());
  Components replaced;
  if (!target->starts_with('/'))
    replaced.assign(components.begin(), components.begin() + static_cast<std::ptrdiff_t>(at));
  for (std::string& component : split(*target)) replaced.push_back(std::move(component));
  for (std::size_t i = at + 1; i < components.size(); ++i) replaced.push_back(components[i]);
  components = std::move(replaced);
  return {};
}

// The longest prefix of `components` that exists, and how many components that is.
struct Prefix {
  OwnFd directory;
  std::size_t count = 0;
};
Result<Prefix> open_existing_prefix(int root, const Components& components, Links links) {
  for (std::size_t count = components.size();; --count) {
    Result<OwnFd> directory =
        open_in_root(root, join(components, count), O_PATH | O_DIRECTORY, links);
    if (directory) return Prefix{*std::move(directory), count};
    if (directory.error() != ENOENT || count == 0)
      return Result<Prefix>::failure(directory.error());
  }
}

// Makes components[at] in `directory` and returns it; nothing when it is a link that was replaced
// in `components`, so that the walk has to start again.
Result<std::optional<OwnFd>> make_component(int directory, Components& components, std::size_t at,
                                            mode_t mode) {
  using Made = std::optional<OwnFd>;
  const std::string& name = components[at];
  // ".." of a directory that does not exist: nothing sensible can be made.
  if (name == "..") return Result<Made>::failure(ENOENT);
  const Result<void> made = make_directory_at(directory, name, mode);
  if (!made && made.error() != EEXIST) return Result<Made>::failure(made.error());
  Result<OwnFd> opened = open_at(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  if (opened) return Made(*std::move(opened));
  if (opened.error() != ENOTDIR && opened.error() != ELOOP)
    return Result<Made>::failure(opened.error());
  const Result<void> link = substitute_link(directory, components, at);
  if (!link) return Result<Made>::failure(link.error() == EEXIST ? ENOTDIR : link.error());
  return Made();
}

// One walk from the root; nothing when a dangling link was met and replaced in `components`.
Result<std::optional<OwnFd>> make_once(int root, Components& components, mode_t mode, Links links) {
  Result<Prefix> prefix = open_existing_prefix(root, components, links);
  if (!prefix) return Result<std::optional<OwnFd>>::failure(prefix.error());
  OwnFd directory = std::move(prefix->directory);
  for (std::size_t at = prefix->count; at < components.size(); ++at) {
    Result<std::optional<OwnFd>> next = make_component(directory.get(), components, at, mode);
    if (!next || !next->has_value()) return next;
    directory = std::move(**next);
  }
  return std::optional<OwnFd>(std::move(directory));
}

Result<OwnFd> make_directories(int root, Components components, mode_t mode, Links links) {
  const int most = links == Links::kRefuse ? 1 : kMaxLinks;
  for (int walks = 0; walks < most; ++walks) {
    Result<std::optional<OwnFd>> made = make_once(root, components, mode, links);
    if (!made) return Result<OwnFd>::failure(made.error());
    if (made->has_value()) return std::move(**made);
  }
  return Result<OwnFd>::failure(ELOOP);
}

}  // namespace

std::string clean_path(std::string_view path) {
  Components cleaned;
  for (std::string& component : split(path)) {
    if (component != "..")
      cleaned.push_back(std::move(component));
    else if (!cleaned.empty())
      cleaned.pop_back();
  }
  return join(cleaned, cleaned.size());
}

Result<OwnFd> open_in_root(int root, std::string_view path, int flags, Links links) {
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  if (links == Links::kRefuse) how.resolve |= RESOLVE_NO_SYMLINKS;
  const std::string name(path.empty() ? "." : path);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const long fd = ::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how);
    if (fd >= 0) return OwnFd(static_cast<int>(fd));
    if (errno != EAGAIN && errno != EINTR) return Result<OwnFd>::last_error();
  }
  return Result<OwnFd>::failure(EAGAIN);
}

Result<OwnFd> make_directories_in_root(int root, std::string_view path, mode_t mode, Links links) {
  return make_directories(root, split(path), mode, links);
}

Result<ParentInRoot> open_parent_in_root(int root, std::string_view path) {
  Components components = split(path);
  if (components.empty() || components.back() == "..") return Result<ParentInRoot>::failure(EINVAL);
  ParentInRoot found;
  found.name = std::move(components.back());
  components.pop_back();
  Result<OwnFd> directory = make_directories(root, std::move(components), 0755, Links::kFollow);
  if (!directory) return Result<ParentInRoot>::failure(directory.error());
  found.directory = *std::move(directory);
  return found;
}

Result<OwnFd> make_file_in_root(int root, std::string_view path, mode_t mode) {
  Components components = split(path);
  for (int links = 0; links < kMaxLinks; ++links) {
    const std::string current = join(components, components.size());
    Result<OwnFd> existing = open_in_root(root, current, O_PATH);
    if (existing || existing.error() != ENOENT) return existing;
    Result<ParentInRoot> parent = open_parent_in_root(root, current);
    if (!parent) return Result<OwnFd>::failure(parent.error());
    const int directory = parent->directory.get();
    Result<OwnFd> made =
        open_at(directory, parent->name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    if (made || made.error() != EEXIST) return made;
    // A dangling link, or somebody was faster: look again, at what it points to.
    const Result<void> link = substitute_link(directory, components, components.size() - 1);
    if (!link && link.error() != EEXIST && link.error() != ENOENT)
      return Result<OwnFd>::failure(link.error());
  }
  return Result<OwnFd>::failure(ELOOP);
}

}  // namespace brig::sys
