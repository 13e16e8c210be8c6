#include "sys/netlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "sys/ns.h"

namespace brig::sys {

namespace {

using Messages = std::vector<NetlinkMessage>;

// The kernel fills at most 32 KiB of a dump at once; one link with many functions can need more.
constexpr std::size_t kBufferSize = 128U << 10U;

Result<OwnFd> make_socket() {
  OwnFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket) return Result<OwnFd>::last_error();
  return socket;
}

Result<void> send_request(int socket, const NetlinkMessage& request, unsigned flags) {
  nlmsghdr header = {};
  header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_HDRLEN + request.body.size());
  header.nlmsg_type = request.type;
  header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  std::string bytes(bytes_of(header));
  bytes.append(request.body);
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  return Result<void>::of(::sendto(socket, bytes.data(), bytes.size(), 0,
                                   reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel));
}

// What one datagram says of the request.
struct Progress {
  bool complete = false;
  bool disturbed = false;
  int error_number = 0;
};

int error_in(std::string_view body) {
  int error = 0;
  if (body.size() < sizeof error) return EPROTO;
  std::memcpy(&error, body.data(), sizeof error);
  return -error;
}

void read_datagram(std::string_view datagram, Messages& answers, Progress& progress) {
  while (datagram.size() >= sizeof(nlmsghdr)) {
    nlmsghdr header;
    std::memcpy(&header, datagram.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) break;
    const std::string_view body =
        datagram.substr(NLMSG_HDRLEN, header.nlmsg_len - std::size_t{NLMSG_HDRLEN});
    if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) progress.disturbed = true;
    if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
      progress.complete = true;
      progress.error_number = error_in(body);
    } else {
      answers.push_back({header.nlmsg_type, std::string(body)});
    }
    datagram.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  }
}

}  // namespace

Result<OwnFd> open_route_socket(int network_namespace) {
  if (network_namespace < 0) return make_socket();
  Result<OwnFd> own = open_own_namespace("net");
  if (!own) return own;
  if (const Result<void> entered = enter_namespaces(network_namespace, CLONE_NEWNET); !entered)
    return Result<OwnFd>::failure(entered.error());
  Result<OwnFd> socket = make_socket();
  const Result<void> returned = enter_namespaces((*own).get(), CLONE_NEWNET);
  return returned ? std::move(socket) : Result<OwnFd>::failure(returned.error());
}

Result<Messages> netlink_request(int socket, const NetlinkMessage& request, unsigned flags) {
  if (const Result<void> sent = send_request(socket, request, flags); !sent)
    return Result<Messages>::failure(sent.error());
  Messages answers;
  Progress progress;
  std::string buffer(kBufferSize, '\0');
  while (!progress.complete) {
    sockaddr_nl sender = {};
    socklen_t sender_size = sizeof sender;
    const ssize_t got = ::recvfrom(socket, buffer.data(), buffer.size(), MSG_TRUNC,
                                   reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Result<Messages>::last_error();
    if (static_cast<std::size_t>(got) > buffer.size()) return Result<Messages>::failure(EMSGSIZE);
    // Any process may send to the socket; only the kernel has port 0.
    if (sender.nl_pid != 0) continue;
    read_datagram(std::string_view(buffer).substr(0, static_cast<std::size_t>(got)), answers,
                  progress);
  }
  if (progress.error_number != 0) return Result<Messages>::failure(progress.error_number);
  if (progress.disturbed) return Result<Messages>::failure(EINTR);
  return answers;
}

void append_attribute(std::string& body, const NetlinkAttribute& attribute) {
  body.resize(RTA_ALIGN(body.size()));
  rtattr header = {};
  header.rta_len = static_cast<unsigned short>(RTA_LENGTH(attribute.value.size()));
  header.rta_type = attribute.type;
  body.append(bytes_of(header));
  body.append(attribute.value);
  body.resize(RTA_ALIGN(body.size()));
}

std::vector<NetlinkAttribute> attributes_of(std::string_view body, std::size_t header_size) {
  std::vector<NetlinkAttribute> attributes;
  body.remove_prefix(std::min<std::size_t>(NLMSG_ALIGN(header_size), body.size()));
  while (body.size() >= sizeof(rtattr)) {
    rtattr header;
    std::memcpy(&header, body.data(), sizeof header);
    if (header.rta_len < sizeof header || header.rta_len > body.size()) break;
    attributes.push_back({static_cast<std::uint16_t>(header.rta_type & NLA_TYPE_MASK),
                          body.substr(RTA_LENGTH(0), header.rta_len - std::size_t{RTA_LENGTH(0)})});
    body.remove_prefix(std::min<std::size_t>(RTA_ALIGN(header.rta_len), body.size()));
  }
  return attributes;
}

}  // namespace brig::sys
