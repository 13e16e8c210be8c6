// linux.netDevices: moves network devices of the host into the container's network namespace.
//
// Host side, in brig's own process, which needs CAP_NET_ADMIN over both namespaces: so it is for
// root only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "brig/config.h"
#include "sys/fd.h"

namespace brig::isolate {

// The body of the RTM_NEWADDR that gives a device the address that `body`, of an RTM_NEWADDR the
// kernel reported, describes; empty for an address that does not move along: one that is not
// permanent or not of global scope. `old_name` and `new_name` are the device's.
std::string moved_address(std::string_view body, std::uint32_t new_index, std::string_view old_name,
                          std::string_view new_name);

class NetDevices {
 public:
  // `container_namespace` is the container's network namespace.
  explicit NetDevices(sys::OwnFd container_namespace);

  // Moves each device, gives it its new name, restores its permanent global addresses, which the
  // kernel drops on the way, and sets it up. An Error names the device; those before it have moved.
  void move(const std::map<std::string, NetDevice>& devices);

  // Moves all of them back, as they were: only for a container that could not be made. The devices
  // of one that existed stay where they are; the kernel decides when the namespace ends.
  void move_back();

 private:
  // A device as it was on the host, and what it is in the container.
  struct Moved {
    std::string host_name;
    std::uint32_t host_index = 0;
    unsigned host_flags = 0;
    std::vector<std::string> host_addresses;  // bodies of RTM_NEWADDR
    std::string name;
    std::uint32_t index = 0;
  };

  void move_one(const std::string& host_name, const std::string& wanted_name);

  sys::OwnFd host_namespace_;
  sys::OwnFd container_namespace_;
  sys::OwnFd host_;  // netlink sockets
  sys::OwnFd container_;
  std::vector<Moved> moved_;
};

}  // namespace brig::isolate
