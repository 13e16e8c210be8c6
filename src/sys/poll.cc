#include "sys/poll.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace brig::sys {

Result<bool> wait_for(int fd, short events, Deadline deadline) {
  using std::chrono::ceil;
  using std::chrono::milliseconds;
  for (;;) {
    const auto left = ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    const auto wait = std::clamp<long>(left, 0, std::numeric_limits<int>::max());
    pollfd watch = {fd, events, 0};
    const int ready = ::poll(&watch, 1, static_cast<int>(wait));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return Result<bool>::last_error();
  }
}

}  // namespace brig::sys
