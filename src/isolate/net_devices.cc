#include "isolate/net_devices.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/concat.h"
#include "brig/error.h"
#include "sys/netlink.h"
#include "sys/ns.h"

namespace brig::isolate {

namespace {

using sys::NetlinkMessage;

// Linux 5.13; not in every libc's headers.
constexpr std::uint16_t kIflaNewIfindex = 49;

// What an address may be given; the other flags are the kernel's own.
constexpr std::uint32_t kSettableFlags =
    IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

struct Link {
  std::string name;
  std::uint32_t index = 0;
  unsigned flags = 0;  // IFF_*
};

template <class T>
T structure_at_start(std::string_view body) {
  T structure = {};
  std::memcpy(&structure, body.data(), std::min(body.size(), sizeof structure));
  return structure;
}

// A text attribute ends with a NUL byte.
std::string_view as_text(std::string_view value) { return value.substr(0, value.find('\0')); }
std::string terminated(std::string_view text) { return std::string(text) + '\0'; }

Link link_of(std::string_view body) {
  const auto info = structure_at_start<ifinfomsg>(body);
  Link link = {
      .name = {}, .index = static_cast<std::uint32_t>(info.ifi_index), .flags = info.ifi_flags};
  for (const sys::NetlinkAttribute& attribute : sys::attributes_of(body, sizeof info))
    if (attribute.type == IFLA_IFNAME) link.name = as_text(attribute.value);
  return link;
}

NetlinkMessage link_request(std::uint16_t type, std::uint32_t index, unsigned set_flags = 0) {
  ifinfomsg info = {};
  info.ifi_family = AF_UNSPEC;
  info.ifi_index = static_cast<int>(index);
  info.ifi_flags = info.ifi_change = set_flags;
  return {type, std::string(sys::bytes_of(info))};
}

sys::Result<std::vector<NetlinkMessage>> dump(int socket, const NetlinkMessage& request) {
  for (;;) {
    auto answers = sys::netlink_request(socket, request, NLM_F_DUMP);
    if (answers || answers.error() != EINTR) return answers;
  }
}

std::optional<Link> find_link(int socket, const std::string& name) {
  NetlinkMessage request = link_request(RTM_GETLINK, 0);
  sys::append_attribute(request.body, {IFLA_IFNAME, terminated(name)});
  const auto answers = sys::netlink_request(socket, request);
  if (answers.error() == ENODEV) return std::nullopt;
  if (!answers) throw Error(concat("look for the network device ", name), answers.error());
  for (const NetlinkMessage& answer : *answers)
    if (answer.type == RTM_NEWLINK) return link_of(answer.body);
  return std::nullopt;
}

std::optional<Link> link_at(int socket, std::uint32_t index) {
  const auto answers = sys::netlink_request(socket, link_request(RTM_GETLINK, index));
  if (!answers || answers->empty()) return std::nullopt;
  return link_of(answers->front().body);
}

// The index that a device gets in the other namespace: its own if that is free there, as the kernel
// would choose, so that it is known whatever name the kernel makes of a template.
std::uint32_t free_index(int socket, std::uint32_t wanted) {
  const auto answers = dump(socket, link_request(RTM_GETLINK, 0));
  if (!answers) throw Error("list the container's network devices", answers.error());
  std::uint32_t highest = 0;
  bool taken = false;
  for (const NetlinkMessage& answer : *answers) {
    const std::uint32_t index = link_of(answer.body).index;
    highest = std::max(highest, index);
    taken = taken || index == wanted;
  }
  return taken ? highest + 1 : wanted;
}

std::vector<std::string> addresses_of(int socket, std::uint32_t index) {
  const ifaddrmsg all = {};
  const auto answers = dump(socket, {RTM_GETADDR, std::string(sys::bytes_of(all))});
  if (!answers) throw Error("list the network addresses", answers.error());
  std::vector<std::string> found;
  for (const NetlinkMessage& answer : *answers)
    if (answer.type == RTM_NEWADDR && structure_at_start<ifaddrmsg>(answer.body).ifa_index == index)
      found.push_back(answer.body);
  return found;
}

// One request, so that the name is never in the way of another device on either side.
sys::Result<void> move_link(int socket, const Link& from, int target_namespace, const Link& to) {
  NetlinkMessage request = link_request(RTM_NEWLINK, from.index);
  sys::append_attribute(request.body, {IFLA_NET_NS_FD, sys::bytes_of(target_namespace)});
  sys::append_attribute(request.body, {IFLA_IFNAME, terminated(to.name)});
  sys::append_attribute(request.body, {kIflaNewIfindex, sys::bytes_of(to.index)});
  const auto moved = sys::netlink_request(socket, request);
  return moved ? sys::Result<void>() : sys::Result<void>::failure(moved.error());
}

void add_addresses(int socket, const std::vector<std::string>& addresses, const Link& from,
                   const Link& to) {
  for (const std::string& address : addresses) {
    const std::string body = moved_address(address, to.index, from.name, to.name);
    if (body.empty()) continue;
    const auto added = sys::netlink_request(socket, {RTM_NEWADDR, body}, NLM_F_CREATE | NLM_F_EXCL);
    if (added || added.error() == EEXIST) continue;
    const bool v6 = structure_at_start<ifaddrmsg>(body).ifa_family == AF_INET6;
    throw Error(
        concat("restore its ", v6 ? "IPv6" : "IPv4", " address as ", to.name), added.error(),
        v6 && added.error() == EACCES ? "IPv6 is disabled in the container's network namespace"
                                      : "");
  }
}

void set_up(int socket, const Link& link) {
  const auto done = sys::netlink_request(socket, link_request(RTM_NEWLINK, link.index, IFF_UP));
  if (!done) throw Error(concat("set it up as ", link.name), done.error());
}

const char* move_remedy(int error_number) {
  switch (error_number) {
    case EINVAL:
      return "a device of its kind belongs to its network namespace";
    case EEXIST:
      return "its name, or an alternative one, is taken in the container's network namespace";
    case EPERM:
      return "needs CAP_NET_ADMIN on the host and over the container's network namespace";
    default:
      return "";
  }
}

}  // namespace

std::string moved_address(std::string_view body, std::uint32_t new_index, std::string_view old_name,
                          std::string_view new_name) {
  auto address = structure_at_start<ifaddrmsg>(body);
  const std::vector<sys::NetlinkAttribute> attributes = sys::attributes_of(body, sizeof address);
  std::uint32_t flags = address.ifa_flags;
  for (const sys::NetlinkAttribute& attribute : attributes)
    if (attribute.type == IFA_FLAGS) flags = structure_at_start<std::uint32_t>(attribute.value);
  if ((flags & IFA_F_PERMANENT) == 0 || address.ifa_scope != RT_SCOPE_UNIVERSE) return {};
  address.ifa_index = new_index;
  address.ifa_flags = 0;
  std::string moved(sys::bytes_of(address));
  flags &= kSettableFlags;
  sys::append_attribute(moved, {IFA_FLAGS, sys::bytes_of(flags)});
  for (const sys::NetlinkAttribute& attribute : attributes) {
    if (attribute.type == IFA_FLAGS) continue;
    if (attribute.type != IFA_LABEL) {
      sys::append_attribute(moved, attribute);
      continue;
    }
    // The label of an IPv4 address is the device's name, or that with ":something".
    const std::string_view label = as_text(attribute.value);
    if (!label.starts_with(concat(old_name, ':'))) continue;
    const std::string renamed = concat(new_name, label.substr(old_name.size()));
    if (renamed.size() < IFNAMSIZ) sys::append_attribute(moved, {IFA_LABEL, terminated(renamed)});
  }
  return moved;
}

NetDevices::NetDevices(sys::OwnFd container_namespace)
    : host_namespace_(sys::open_own_namespace("net").or_throw("open the network namespace")),
      container_namespace_(std::move(container_namespace)),
      host_(sys::open_route_socket().or_throw("open a netlink socket")),
      container_(sys::open_route_socket(container_namespace_.get())
                     .or_throw("linux.netDevices: enter the container's network namespace")) {}

void NetDevices::move(const std::map<std::string, NetDevice>& devices) {
  for (const auto& [host_name, device] : devices)
    with_context([&name = host_name] { return concat("linux.netDevices[\"", name, "\"]"); },
                 [&, &name = host_name, &wanted = device.name] {
                   move_one(name, wanted.empty() ? name : wanted);
                 });
}

void NetDevices::move_one(const std::string& host_name, const std::string& wanted_name) {
  const std::optional<Link> link = find_link(host_.get(), host_name);
  if (!link) throw Error("the host has no network device of this name");
  const bool is_template = wanted_name.find('%') != std::string::npos;
  if (!is_template && find_link(container_.get(), wanted_name))
    throw Error(concat("the container's network namespace has a device ", wanted_name,
                       " already: choose another `name`, or one with %d"));
  Moved device = {.host_name = link->name,
                  .host_index = link->index,
                  .host_flags = link->flags,
                  .host_addresses = addresses_of(host_.get(), link->index),
                  .name = wanted_name,
                  .index = free_index(container_.get(), link->index)};
  const sys::Result<void> moved = move_link(host_.get(), *link, container_namespace_.get(),
                                            {.name = wanted_name, .index = device.index});
  // A failure to rename comes when the device is in the other namespace already.
  const std::optional<Link> arrived = link_at(container_.get(), device.index);
  if (arrived) {
    device.name = arrived->name;
    moved_.push_back(device);
  }
  if (!moved || !arrived)
    throw Error(concat("move it to the container's network namespace as ", wanted_name),
                moved.error(), move_remedy(moved.error()));
  add_addresses(container_.get(), device.host_addresses, *link, *arrived);
  set_up(container_.get(), *arrived);
}

void NetDevices::move_back() {
  while (!moved_.empty()) {
    const Moved device = std::move(moved_.back());
    moved_.pop_back();
    const Link now = {.name = device.name, .index = device.index};
    const Link then = {.name = device.host_name, .index = device.host_index};
    move_link(container_.get(), now, host_namespace_.get(), then)
        .or_throw("move the network device ", then.name, " back to the host");
    add_addresses(host_.get(), device.host_addresses, then, then);
    if ((device.host_flags & IFF_UP) != 0) set_up(host_.get(), then);
  }
}

}  // namespace brig::isolate
