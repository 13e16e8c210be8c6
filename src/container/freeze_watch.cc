#include "container/freeze_watch.h"

#include "base/concat.h"

namespace brig::container {

std::string FreezeWatch::problem(Clock::time_point now) {
  const std::string cgroup = find_(process_);
  if (cgroup.empty()) {
    since_.reset();
    return {};
  }
  if (!since_) since_ = now;
  if (now - *since_ < kPatience) return {};
  return concat("the cgroup ", cgroup, " has been frozen for ", kPatience.count(),
                " seconds (0 in its cgroup.freeze thaws it)");
}

}  // namespace brig::container
