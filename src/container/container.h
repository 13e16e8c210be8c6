// A container that exists, as later commands find it: its record, whether its process lives, its
// cgroup. Host side.
#pragma once

#include <memory>
#include <string>

#include "brig/runtime.h"
#include "cgroup/cgroup.h"
#include "container/store.h"
#include "oci/state.h"
#include "sys/fd.h"

namespace brig::container {

class Container {
 public:
  // Throws "container does not exist", or what is wrong with its record.
  static Container load(const RuntimeOptions& runtime, const std::string& id);
  // The same with the lock held, and the record as it is then.
  static Container load_locked(const RuntimeOptions& runtime, const std::string& id);

  // For a caller that has locked and read the store itself.
  Container(Store store, oci::StateRecord record)
      : store_(std::move(store)), record_(std::move(record)) {}

  // A pidfd of init, none when it has ended: pid and start time are compared, so a number that is
  // in use again is not taken for it. A zombie has ended.
  [[nodiscard]] sys::OwnFd open_init() const;

  // runtime.md "State", `status`. "creating" until init is ready, that of `run` until it executes
  // the program; "created" while init waits for `start`; "paused" when its cgroup is frozen.
  [[nodiscard]] Status status() const;
  // The same for a caller that has open_init() already, just before.
  [[nodiscard]] Status status(bool alive) const;

  [[nodiscard]] ContainerInfo info() const;

  // Whether all its processes end with init, because it is the first of their own process id
  // namespace.
  [[nodiscard]] bool has_own_pid_namespace() const noexcept;

  // The container's cgroup; opened at first use.
  [[nodiscard]] cgroup::Cgroup& cgroup() const;

  [[nodiscard]] Store& store() noexcept { return store_; }
  [[nodiscard]] const Store& store() const noexcept { return store_; }
  [[nodiscard]] const oci::StateRecord& record() const noexcept { return record_; }

 private:
  Store store_;
  oci::StateRecord record_;
  mutable std::unique_ptr<cgroup::Cgroup> cgroup_;
  mutable bool executed_ = false;  // whether init had executed the program in open_init()
};

}  // namespace brig::container
