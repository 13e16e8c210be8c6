#include "isolate/net_devices.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <cstring>
#include <map>

#include "sys/netlink.h"

using namespace brig;
using isolate::moved_address;

namespace {

// As the kernel reports 10.1.2.3/24 of device 7.
ifaddrmsg header(unsigned char scope = RT_SCOPE_UNIVERSE) {
  ifaddrmsg address = {};
  address.ifa_family = AF_INET;
  address.ifa_prefixlen = 24;
  address.ifa_flags = IFA_F_PERMANENT;
  address.ifa_scope = scope;
  address.ifa_index = 7;
  return address;
}

std::string reported(std::uint32_t flags, std::string_view label, unsigned char scope = 0) {
  std::string body(sys::bytes_of(header(scope)));
  const std::uint32_t local = ::inet_addr("10.1.2.3");
  sys::append_attribute(body, {IFA_LOCAL, sys::bytes_of(local)});
  sys::append_attribute(body, {IFA_LABEL, std::string(label) + '\0'});
  sys::append_attribute(body, {IFA_FLAGS, sys::bytes_of(flags)});
  return body;
}

std::map<int, std::string> attributes(const std::string& body) {
  std::map<int, std::string> found;
  for (const sys::NetlinkAttribute& attribute : sys::attributes_of(body, sizeof(ifaddrmsg)))
    found[attribute.type] = attribute.value;
  return found;
}

std::uint32_t flags_of(const std::string& body) {
  std::uint32_t flags = 0;
  std::memcpy(&flags, attributes(body).at(IFA_FLAGS).data(), sizeof flags);
  return flags;
}

}  // namespace

TEST_CASE("attributes survive being put together, whatever their length") {
  std::string body = "head";
  for (const std::string_view value : {"", "a", "ab", "abc", "abcd", "abcde"})
    sys::append_attribute(body, {static_cast<std::uint16_t>(value.size()), value});
  CHECK(body.size() % 4 == 0);
  const auto found = sys::attributes_of(body, 4);
  REQUIRE(found.size() == 6);
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].type == i);
    CHECK(found[i].value.size() == i);
  }
  // Cut short anywhere, only whole ones are seen.
  for (std::size_t size = 0; size < body.size() - 3; ++size) {  // three bytes fill up the last
    const std::string_view cut = std::string_view(body).substr(0, size);
    CHECK(sys::attributes_of(cut, 4).size() < 6);
  }
}

TEST_CASE("a permanent global address moves with all it has, but for what the kernel computes") {
  const std::string moved = moved_address(
      reported(IFA_F_PERMANENT | IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE, "eth0"), 12, "eth0", "lan");
  ifaddrmsg address = {};
  REQUIRE(moved.size() > sizeof address);
  std::memcpy(&address, moved.data(), sizeof address);
  CHECK(address.ifa_index == 12);
  CHECK(address.ifa_prefixlen == 24);
  CHECK(address.ifa_flags == 0);
  CHECK(flags_of(moved) == IFA_F_NOPREFIXROUTE);
  const std::uint32_t local = ::inet_addr("10.1.2.3");
  CHECK(attributes(moved).at(IFA_LOCAL) == sys::bytes_of(local));
  CHECK_FALSE(attributes(moved).contains(IFA_LABEL));  // the kernel's own is the new name
}

TEST_CASE("a label follows the new name where it fits") {
  const auto label = [](std::string_view old_label, std::string_view new_name) {
    const auto all =
        attributes(moved_address(reported(IFA_F_PERMANENT, old_label), 1, "eth0", new_name));
    const auto found = all.find(IFA_LABEL);
    return found == all.end() ? std::string("none") : std::string(found->second.c_str());
  };
  CHECK(label("eth0:1", "lan") == "lan:1");
  CHECK(label("eth0:backup", "lan-of-fifteen-") == "none");
  CHECK(label("other", "lan") == "none");
}

TEST_CASE("what is temporary or not global stays behind") {
  CHECK(moved_address(reported(0, "eth0"), 1, "eth0", "eth0").empty());
  CHECK(moved_address(reported(IFA_F_PERMANENT, "eth0", RT_SCOPE_LINK), 1, "eth0", "eth0").empty());
  CHECK(moved_address(reported(IFA_F_PERMANENT, "eth0", RT_SCOPE_HOST), 1, "eth0", "eth0").empty());
  CHECK_FALSE(moved_address(reported(IFA_F_PERMANENT, "eth0"), 1, "eth0", "eth0").empty());
}
