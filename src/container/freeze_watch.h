// For whoever waits for a process of a container: one whose cgroup is frozen says nothing until
// somebody thaws it, which may be never. Host side.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "cgroup/cgroup.h"

namespace brig::container {

class FreezeWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using Find = std::string (*)(pid_t);
  // How often to ask, and how long a process may be found frozen without a break.
  static constexpr std::chrono::milliseconds kInterval{1000};
  static constexpr std::chrono::seconds kPatience{10};

  // `find` gives the cgroup that keeps a process frozen now, if any.
  explicit FreezeWatch(pid_t process, Find find = cgroup::find_frozen_cgroup_of)
      : process_(process), find_(find) {}

  // To be called when the process said nothing for kInterval. Empty: go on waiting; else why that
  // is in vain.
  [[nodiscard]] std::string problem(Clock::time_point now = Clock::now());

 private:
  pid_t process_;
  Find find_;
  std::optional<Clock::time_point> since_;
};

}  // namespace brig::container
