// Unix sockets: message pairs between brig's own processes, descriptors in messages (SCM_RIGHTS),
// and the sockets of engines and service managers, whose paths may be longer than sun_path holds.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "sys/fd.h"
#include "sys/result.h"

namespace brig::sys {

// The longest message of send_message() and receive_message(), in bytes.
inline constexpr std::size_t kMessageLimit = 32U << 10U;

// A connected pair of SOCK_SEQPACKET sockets, close-on-exec: messages keep their bounds and the
// death of the peer shows as end of stream. socketpair(2).
Result<std::pair<OwnFd, OwnFd>> make_seqpacket_pair();

// The bytes of one message, which must outlive it, and at most one descriptor, as sendmsg(2) takes
// them.
class OutgoingMessage {
 public:
  explicit OutgoingMessage(std::string_view bytes);
  OutgoingMessage(const OutgoingMessage&) = delete;
  OutgoingMessage& operator=(const OutgoingMessage&) = delete;

  void attach(int fd) noexcept;
  [[nodiscard]] const msghdr* header() const noexcept { return &header_; }

 private:
  msghdr header_ = {};
  iovec body_;
  alignas(cmsghdr) char control_[CMSG_SPACE(sizeof(int))] = {};
};
inline constexpr int kSendFlags = MSG_NOSIGNAL;

// Sends `bytes` as one message, with a duplicate of `fd` when that is >= 0. sendmsg(2) with
// MSG_NOSIGNAL; EPIPE when the peer is gone, EINVAL for no bytes at all (the peer would take that
// for the end), EMSGSIZE above kMessageLimit. Retries EINTR. On a stream socket the bytes must fit
// its buffer: a part sent is EIO.
Result<void> send_message(int socket, std::string_view bytes, int fd = -1);

struct Received {
  std::string bytes;
  OwnFd fd;  // close-on-exec; none when the message brought none
  bool end_of_stream = false;
};

// Receives one message with at most one descriptor. A message that is longer than kMessageLimit or
// brings more descriptors is EPROTO; its descriptors are closed. The peer's end is the end of
// stream also when it left messages unread. recvmsg(2) with MSG_CMSG_CLOEXEC; retries EINTR.
Result<Received> receive_message(int socket);

// Streams: sends or receives as much as is possible without waiting; EAGAIN: nothing is. 0 bytes
// received: the end of the stream. send(2), recv(2); EPIPE instead of a signal.
Result<std::size_t> send_some(int socket, std::string_view bytes);
Result<std::size_t> receive_some(int socket, char* buffer, std::size_t size);

// A close-on-exec socket of `type` (SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET) connected to the Unix
// socket at `path`, of any length ('@' first: the abstract namespace). With a `timeout` above 0 a
// listener that does not accept, and later each send to a peer that does not read, fail with EAGAIN
// after that time. ENAMETOOLONG for an abstract name that does not fit. unix(7).
Result<OwnFd> connect_unix(const std::string& path, int type,
                           std::chrono::milliseconds timeout = {});

// The time after which a send to a peer that does not read fails with EAGAIN. SO_SNDTIMEO,
// socket(7).
Result<void> set_send_timeout(int socket, std::chrono::milliseconds timeout);

// A close-on-exec SOCK_DGRAM socket bound to `path`, of any length: the file is made there, with
// the umask's mode. EADDRINUSE when a file exists there. unix(7).
Result<OwnFd> bind_datagram(const std::string& path);

}  // namespace brig::sys
