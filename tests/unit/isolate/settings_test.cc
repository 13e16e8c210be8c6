#include <doctest/doctest.h>

#include "brig/error.h"
#include "isolate/sysctl.h"
#include "isolate/time_offsets.h"

using namespace brig;
using isolate::sysctl_path;

TEST_CASE("sysctl_path takes either separator") {
  CHECK(sysctl_path("net.ipv4.ip_forward") == "net/ipv4/ip_forward");
  CHECK(sysctl_path("net/ipv4/ip_forward") == "net/ipv4/ip_forward");
  CHECK(sysctl_path("net.ipv4.conf.eth0/1.forwarding") == "net/ipv4/conf/eth0.1/forwarding");
  CHECK(sysctl_path("net/ipv4/conf/eth0.1/forwarding") == "net/ipv4/conf/eth0.1/forwarding");
  CHECK(sysctl_path("single") == "single");
}

TEST_CASE("sysctl_path refuses keys that lead elsewhere") {
  for (const char* key : {"", ".", "net..ipv4", "/net/ipv4", "net/../kernel/core_pattern", "net/",
                          "net/./x", "net.//.x"}) {
    CAPTURE(key);
    CHECK_THROWS_AS(sysctl_path(key), Error);
  }
}

TEST_CASE("time_offsets_text is what the kernel reads") {
  CHECK(isolate::time_offsets_text(
            {{"monotonic", {.secs = -172800, .nanosecs = 5}}, {"boottime", {.secs = 604800}}}) ==
        "boottime 604800 0\nmonotonic -172800 5\n");
  CHECK(isolate::time_offsets_text({}).empty());
}
