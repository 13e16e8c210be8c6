// rtnetlink(7): requests to the kernel about network devices and addresses, and their answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// A NETLINK_ROUTE socket, close-on-exec, for the network namespace `network_namespace` (-1: the
// calling thread's). The thread enters it for the moment in which the socket is made, which needs
// CAP_SYS_ADMIN there; the socket stays with it.
Result<OwnFd> open_route_socket(int network_namespace = -1);

// Without the struct nlmsghdr: a RTM_* type, and the fixed structure of that type with the
// attributes behind it.
struct NetlinkMessage {
  std::uint16_t type = 0;
  std::string body;
};

// Sends a request and waits for all that the kernel answers. `flags` are NLM_F_* besides REQUEST
// and ACK. The kernel's errno; EINTR when what a NLM_F_DUMP showed changed meanwhile.
Result<std::vector<NetlinkMessage>> netlink_request(int socket, const NetlinkMessage& request,
                                                    unsigned flags = 0);

// The bytes of a kernel structure, as the beginning of a body or the value of an attribute.
template <class T>
[[nodiscard]] std::string_view bytes_of(const T& structure) noexcept {
  return {reinterpret_cast<const char*>(&structure), sizeof structure};
}

// One struct rtattr.
struct NetlinkAttribute {
  std::uint16_t type = 0;
  std::string_view value;
};

void append_attribute(std::string& body, const NetlinkAttribute& attribute);

// The attributes of `body` behind a structure of `header_size` bytes; ends at the first that is cut
// short. They point into `body`.
[[nodiscard]] std::vector<NetlinkAttribute> attributes_of(std::string_view body,
                                                          std::size_t header_size);

}  // namespace brig::sys
