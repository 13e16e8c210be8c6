#include "sys/poll.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace brig::sys {

namespace {

// poll(2) that goes on after signals.
int poll_until(pollfd* watches, nfds_t count, Deadline deadline) {
  using std::chrono::ceil;
  using std::chrono::milliseconds;
  for (;;) {
    const auto left = ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    const auto wait = std::clamp<long>(left, 0, std::numeric_limits<int>::max());
    const int ready = ::poll(watches, count, static_cast<int>(wait));
    if (ready >= 0 || errno != EINTR) return ready;
  }
}

}  // namespace

Result<bool> wait_for(int fd, short events, Deadline deadline) {
  pollfd watch = {fd, events, 0};
  const int ready = poll_until(&watch, 1, deadline);
  if (ready < 0) return Result<bool>::last_error();
  return ready > 0;
}

Result<Ready> wait_for_either(int first, int second, Deadline deadline, short events) {
  pollfd watches[] = {{first, events, 0}, {second, POLLIN, 0}};
  if (poll_until(watches, 2, deadline) < 0) return Result<Ready>::last_error();
  if (watches[0].revents != 0) return Ready::kFirst;
  return watches[1].revents != 0 ? Ready::kSecond : Ready::kNone;
}

}  // namespace brig::sys
