// `events`: statistics and out-of-memory notices of a container, as lines of JSON. Host side.
#include "cgroup/events.h"

#include <poll.h>

#include <chrono>

#include "brig/runtime.h"
#include "cgroup/stats.h"
#include "cgroup/stats_json.h"
#include "container/container.h"
#include "json/writer.h"

namespace brig {

using container::Container;

namespace {

std::string event_line(const std::string& id, const char* type, const cgroup::Stats* stats) {
  json::Writer out;
  out.object([&] {
    out.member("type", type);
    out.member("id", id);
    if (stats == nullptr) return;
    out.key("data");
    cgroup::write_stats(out, *stats);
  });
  return std::move(out).take();
}

std::string stats_line(const std::string& id, Container& container) {
  const cgroup::Stats stats = cgroup::read_stats(container.cgroup().directory());
  return event_line(id, "stats", &stats);
}

Container load_running(const RuntimeOptions& runtime, const std::string& id) {
  Container container = Container::load(runtime, id);
  if (container.status() == Status::kStopped) throw Error("container not running");
  if (container.record().cgroup_path.empty()) throw cgroup::needs_cgroup("read its statistics");
  return container;
}

}  // namespace

std::string container_stats(const RuntimeOptions& runtime, const std::string& id) {
  Container container = load_running(runtime, id);
  return stats_line(id, container);
}

void follow_events(const RuntimeOptions& runtime, const std::string& id,
                   std::chrono::milliseconds interval, EventSink& sink) {
  using Clock = std::chrono::steady_clock;
  Container container = load_running(runtime, id);
  cgroup::OomWatch watch(container.record().cgroup_path);
  // The kernel may leave out the last notice of a cgroup; the end of init is always seen.
  const sys::OwnFd init = container.open_init();
  auto next = Clock::now() + interval;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now()).count();
    pollfd watched[] = {{watch.fd(), POLLIN, 0}, {init.get(), POLLIN, 0}};
    const int ready = ::poll(watched, 2, left > 0 ? static_cast<int>(left) : 0);
    if (ready < 0 && errno != EINTR) throw Error("wait for events", errno);
    if (ready > 0) {
      const cgroup::OomWatch::Happened happened = watch.read();
      if (happened.oom && !sink.event(event_line(id, "oom", nullptr))) return;
      if (happened.gone || watched[1].revents != 0) return;
    }
    if (Clock::now() < next) continue;
    if (!sink.event(stats_line(id, container))) return;
    next += interval;
  }
}

}  // namespace brig
