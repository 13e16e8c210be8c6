// The folder of a container below the runtime's root: where its record, its start fifos and its
// copies of the configuration live, and the lock that keeps two commands from changing the same
// container at once. Host side.
//
//   <root>/<id>/                0711
//     state.json                the record (oci/state.h); replaced as a whole, never changed in
//     place config.json               the configuration as it was read at create; exec without
//     --process needs it seccomp.bpf               the compiled filter, for exec start.fifo,
//     started.fifo  between `start` and init; gone once started notify/ notify_socket.h
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "brig/error.h"
#include "oci/state.h"
#include "sys/fd.h"

namespace brig::container {

inline constexpr const char* kStateFile = "state.json";
inline constexpr const char* kConfigFile = "config.json";
inline constexpr const char* kSeccompFile = "seccomp.bpf";
// Below the root; no container has an id with a dot in front.
inline constexpr const char* kSeccompCache = "/.seccomp";
inline constexpr const char* kStartFifo = "start.fifo";
inline constexpr const char* kStartedFifo = "started.fifo";

// The characters of an id: letters, digits, "_", "+", "-" and "."; the first is not a dot (no "."
// and "..", nothing hidden). Throws "invalid container ID format" otherwise.
void check_id(const std::string& id);

// The error of every command but delete --force for an id that nobody has; engines match its words.
Error no_such_container(const std::string& id);

// The error of a second container of the same id.
Error id_exists(const std::string& id);

class Store {
 public:
  // Opens the folder of a container that exists. Throws "container does not exist" when it does
  // not.
  static Store open(const std::string& root, const std::string& id);
  // The same, but none when it does not exist.
  static std::optional<Store> find(const std::string& root, const std::string& id);
  // Makes the folder (and the root, mode 0700), or takes over one that is abandoned, and locks it.
  // Throws "container with given ID already exists".
  static Store create(const std::string& root, const std::string& id);

  // Names of all folders below `root`, sorted; none when the root does not exist.
  static std::vector<std::string> list(const std::string& root);

  // Waits for the lock: while it is held no other command changes this container. It ends with
  // unlock(), with this object, or with the process. A child must close_in_child() at once, since
  // flock(2) locks are shared with it. Throws "container does not exist" when the container was
  // deleted meanwhile, and an error that names who has it after half a minute.
  void lock();
  // Only waits: false when `patience` is over.
  [[nodiscard]] bool lock_within(std::chrono::seconds patience);
  // Whether the folder has no name any more: whoever had the lock has deleted the container.
  [[nodiscard]] bool is_deleted() const;
  // Who has the lock has not let go of it within `patience`.
  [[nodiscard]] Error is_busy(std::chrono::seconds patience) const;
  void unlock() noexcept;
  // Whether nothing has been made of this container yet: its folder is what a create left that was
  // killed before it could write the record, which comes before anything else, or a delete at its
  // very end. To all but create and delete --force there is then no such container.
  [[nodiscard]] bool is_abandoned() const;
  // True when no other command holds the lock at this moment.
  [[nodiscard]] bool lock_is_free() const;
  void close_in_child() noexcept { dir_.reset(); }

  [[nodiscard]] oci::StateRecord read() const;
  void write(const oci::StateRecord& record) const;

  [[nodiscard]] int dir() const noexcept { return dir_.get(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const std::string& id() const noexcept { return id_; }

  // Removes the folder and everything in it.
  void remove();

 private:
  Store(sys::OwnFd dir, const std::string& root, const std::string& id);
  // For create(): locks the folder, which `is_new` or else must be abandoned. None when it is gone.
  static std::optional<Store> claim(const std::string& root, const std::string& id, bool is_new);
  [[nodiscard]] bool has_record() const;

  sys::OwnFd dir_;
  std::string root_;
  std::string id_;
  std::string path_;
  bool locked_ = false;
};

}  // namespace brig::container
