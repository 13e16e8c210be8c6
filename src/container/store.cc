#include "container/store.h"

#include <dirent.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/concat.h"
#include "sys/file.h"
#include "sys/lock.h"

namespace brig::container {

namespace {

constexpr std::size_t kLongestId = 1024;
// What a command waits for another one that is at work on the same container: longer than anything
// takes but a hook.
constexpr std::chrono::seconds kLockPatience(30);
constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '+' || c == '-' || c == '.';
}

constexpr const char* kOwnRootRemedy =
    "is it another user's? set XDG_RUNTIME_DIR to a folder of your own, or use --root";

// An unprivileged caller in whose environment nothing tells where his state may be.
void check_root(const std::string& root) {
  if (root.empty())
    throw Error(
        "no folder for the state of containers: set XDG_RUNTIME_DIR, as a login session does, or "
        "use --root");
}

// mkdir -p of an absolute path on the host. The sticky bit tells cleaners of temporary files that
// its contents do not age (the XDG Base Directory Specification, "XDG_RUNTIME_DIR").
void make_root(const std::string& root) {
  for (std::size_t slash = root.find('/', 1);; slash = root.find('/', slash + 1)) {
    const bool last = slash == std::string::npos;
    const std::string part = root.substr(0, slash);
    const sys::Result<void> made =
        sys::make_directory_at(AT_FDCWD, part, last ? S_ISVTX | 0700 : 0700);
    if (made.error() == EACCES)
      throw Error(concat("make the state root ", part), EACCES, kOwnRootRemedy);
    // EROFS may be said of a folder that exists.
    if (!made && made.error() != EEXIST && !(made.error() == EROFS && sys::stat_at(AT_FDCWD, part)))
      made.or_throw("make the state root ", part);
    if (last) return;
  }
}

// Everything in `name` below `dir`, then itself. Nothing in a state folder is under a container's
// control except notify/, so links are removed, not followed.
void remove_tree(int dir, const std::string& name) {
  const sys::Result<void> removed = sys::unlink_at(dir, name);
  if (removed || removed.error() == ENOENT) return;
  if (removed.error() != EISDIR) removed.or_throw("remove ", name);
  sys::Result<sys::OwnFd> folder = sys::open_at(dir, name, kOpenFolder);
  const sys::OwnFd fd = std::move(folder).or_throw("open ", name);
  for (const sys::DirectoryEntry& entry : sys::list_directory(fd.get()).or_throw("list ", name))
    remove_tree(fd.get(), entry.name);
  sys::unlink_at(dir, name, AT_REMOVEDIR).or_throw("remove ", name);
}

}  // namespace

void check_id(const std::string& id) {
  if (id.size() > kLongestId)
    throw Error(concat("invalid container ID format: it has ", id.size(), " characters (at most ",
                       kLongestId, " are allowed)"));
  const bool good =
      !id.empty() && id[0] != '.' && std::all_of(id.begin(), id.end(), is_id_character);
  if (!good)
    throw Error(concat("invalid container ID format: \"", id,
                       "\" (use letters, digits, '_', '+', '-' and '.', not starting with a dot)"));
}

Error no_such_container(const std::string& id) {
  return Error(concat("container does not exist: ", id));
}

Error id_exists(const std::string& id) {
  return Error(concat("container with given ID already exists: ", id));
}

Store::Store(sys::OwnFd dir, const std::string& root, const std::string& id)
    : dir_(std::move(dir)), root_(root), id_(id), path_(concat(root, '/', id)) {}

std::optional<Store> Store::find(const std::string& root, const std::string& id) {
  check_id(id);
  check_root(root);
  sys::Result<sys::OwnFd> dir = sys::open_at(AT_FDCWD, concat(root, '/', id), kOpenFolder);
  if (!dir && (dir.error() == ENOENT || dir.error() == ENOTDIR)) return std::nullopt;
  if (dir.error() == EACCES)
    throw Error(concat("open the state of container ", id, " in ", root), EACCES, kOwnRootRemedy);
  return Store(std::move(dir).or_throw("open the state of container ", id, " in ", root), root, id);
}

Store Store::open(const std::string& root, const std::string& id) {
  std::optional<Store> store = find(root, id);
  if (!store) throw no_such_container(id);
  return std::move(*store);
}

Store Store::create(const std::string& root, const std::string& id) {
  check_id(id);
  const std::string path = concat(root, '/', id);
  for (;;) {
    sys::Result<void> made = sys::make_directory_at(AT_FDCWD, path, 0711);
    if (!made && made.error() == ENOENT) {
      make_root(root);
      made = sys::make_directory_at(AT_FDCWD, path, 0711);
    }
    if (!made && made.error() == ENOTDIR) made.or_throw("make the state root ", root);
    if (!made && made.error() != EEXIST) made.or_throw("make the state folder ", path);
    try {
      if (std::optional<Store> store = claim(root, id, bool(made))) return *std::move(store);
    } catch (const Error&) {
      if (made)
        sys::unlink_at(AT_FDCWD, path, AT_REMOVEDIR).ignore("who took it over has a record in it");
      throw;
    }
  }
}

std::optional<Store> Store::claim(const std::string& root, const std::string& id, bool is_new) {
  std::optional<Store> store = find(root, id);
  if (!store) return std::nullopt;
  if (is_new) {
    if (!store->lock_within(kLockPatience)) throw store->is_busy(kLockPatience);
    if (store->is_deleted()) return std::nullopt;
    if (store->has_record()) throw id_exists(id);
  } else if (!sys::try_lock(store->dir()).or_throw("lock ", store->path()) ||
             !store->is_abandoned()) {
    throw id_exists(id);
  }
  // The mode of mkdir(2) is subject to the umask; init in a user namespace must be able to pass
  // through.
  sys::change_mode(store->dir(), 0711).or_throw("set the mode of ", store->path());
  return store;
}

std::vector<std::string> Store::list(const std::string& root) {
  check_root(root);
  sys::Result<std::vector<sys::DirectoryEntry>> entries = sys::list_directory(AT_FDCWD, root);
  if (!entries && entries.error() == ENOENT) return {};
  std::vector<std::string> ids;
  for (sys::DirectoryEntry& entry : std::move(entries).or_throw("list ", root))
    if (entry.type == DT_DIR && entry.name[0] != '.') ids.push_back(std::move(entry.name));
  std::sort(ids.begin(), ids.end());
  return ids;
}

void Store::lock() {
  if (!lock_within(kLockPatience)) throw is_busy(kLockPatience);
  if (is_deleted()) throw no_such_container(id_);
}

bool Store::lock_within(std::chrono::seconds patience) {
  locked_ = sys::lock_until(dir_.get(), std::chrono::steady_clock::now() + patience)
                .or_throw("lock ", path_);
  return locked_;
}

bool Store::is_deleted() const {
  return sys::stat_fd(dir_.get()).or_throw("look at ", path_).st_nlink == 0;
}

Error Store::is_busy(std::chrono::seconds patience) const {
  const pid_t holder = sys::lock_holder(dir_.get());
  return Error(concat("container ", id_, ": another command ",
                      holder == 0 ? std::string() : concat("(process ", holder, ") "),
                      "is at work on it and was not done within ", patience.count(),
                      " seconds: wait for it or end it, then try again"));
}

void Store::unlock() noexcept {
  locked_ = false;
  if (!dir_ || ::flock(dir_.get(), LOCK_UN) == 0) return;
  // The lock goes with its open file.
  sys::Result<sys::OwnFd> again = sys::open_at(AT_FDCWD, path_, kOpenFolder);
  dir_.reset();
  if (again) dir_ = *std::move(again);
}

bool Store::lock_is_free() const {
  if (locked_) return true;
  // A lock belongs to the open file description, so asking with our own would answer for ourselves.
  const sys::Result<sys::OwnFd> probe = sys::open_at(AT_FDCWD, path_, kOpenFolder);
  if (!probe) return false;
  const sys::Result<bool> locked = sys::try_lock((*probe).get());
  return locked && *locked;
}

bool Store::has_record() const {
  return sys::stat_at(dir_.get(), kStateFile, AT_SYMLINK_NOFOLLOW).error() != ENOENT;
}

bool Store::is_abandoned() const {
  if (has_record()) return false;
  for (const sys::DirectoryEntry& entry : sys::list_directory(dir_.get()).or_throw("list ", path_))
    if (entry.name != concat('.', kStateFile)) return false;
  return true;
}

oci::StateRecord Store::read() const {
  sys::Result<std::string> record = sys::read_file_at(dir_.get(), kStateFile);
  while (record.error() == ENOENT) {
    if (is_abandoned()) throw no_such_container(id_);
    if (!has_record())
      throw Error(concat("container ", id_, ": ", kStateFile,
                         " is missing: remove it with brig delete --force ", id_));
    record = sys::read_file_at(dir_.get(), kStateFile);  // a create has just written it
  }
  const std::string text = std::move(record).or_throw("read ", path_, '/', kStateFile);
  try {
    return oci::read_record(text);
  } catch (const oci::DamagedRecord& error) {
    throw Error(concat("container ", id_, ": ", kStateFile, ": ", error.what(),
                       ": remove it with brig delete --force ", id_));
  }
}

void Store::write(const oci::StateRecord& record) const {
  sys::replace_file_at(dir_.get(), kStateFile, oci::write_record(record), 0600)
      .or_throw("write ", path_, '/', kStateFile);
}

void Store::remove() {
  // The record last: what it tells of the container holds as long as there is anything.
  for (const sys::DirectoryEntry& entry : sys::list_directory(dir_.get()).or_throw("list ", path_))
    if (entry.name != kStateFile) remove_tree(dir_.get(), entry.name);
  remove_tree(dir_.get(), kStateFile);
  // A create that did not get the id may have removed the empty folder just before.
  const sys::Result<void> removed = sys::unlink_at(AT_FDCWD, path_, AT_REMOVEDIR);
  if (removed.error() != ENOENT) removed.or_throw("remove ", path_);
}

}  // namespace brig::container
