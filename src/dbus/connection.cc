#include "dbus/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

#include "base/concat.h"
#include "sys/socket.h"

namespace brig::dbus {

namespace {

// EXTERNAL without naming a user: the peer takes the socket's credentials (D-Bus specification,
// "EXTERNAL mechanism"). A number would have to be the one that the peer sees, which differs in a
// user namespace.
constexpr std::string_view kGreeting("\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n", 29);
constexpr std::size_t kLongestLine = 16384;

}  // namespace

Connection::Connection(const std::string& path, sys::Deadline deadline) : path_(path) {
  using std::chrono::milliseconds;
  const auto left =
      std::chrono::duration_cast<milliseconds>(deadline - sys::Deadline::clock::now());
  socket_ = sys::connect_unix(path, SOCK_STREAM, std::max(left, milliseconds(1)))
                .or_throw("connect to ", path);
  send_bytes(kGreeting, deadline);
}

void Connection::send_bytes(std::string_view bytes, sys::Deadline deadline) {
  while (!bytes.empty()) {
    const sys::Result<std::size_t> sent = sys::send_some(socket_.get(), bytes);
    if (sent) {
      bytes.remove_prefix(*sent);
      continue;
    }
    if (sent.error() != EAGAIN) throw PeerLost(concat("send to ", path_), sent.error());
    if (!sys::wait_for(socket_.get(), POLLOUT, deadline).or_throw("wait for ", path_))
      throw PeerLost(concat(path_, " takes no message in time"));
  }
}

std::uint32_t Connection::send(Message message, sys::Deadline deadline) {
  while (!authenticated_) {
    take_greeting();
    if (!authenticated_) read_more(deadline, -1);
  }
  message.serial = ++last_serial_;
  send_bytes(encode(message), deadline);
  return message.serial;
}

// Takes what is there of the lines before the first message; false: more must be read. The peer may
// answer to each of our lines (DATA, OK) or only to the last.
bool Connection::take_greeting() {
  while (!unread_.empty()) {
    const char first = unread_[0];
    if (authenticated_ && (first == 'l' || first == 'B')) return true;
    const std::size_t end = unread_.find("\r\n");
    if (end == std::string::npos && unread_.size() < kLongestLine) return false;
    const std::string line = unread_.substr(0, end);
    if (line == "OK" || line.starts_with("OK "))
      authenticated_ = true;
    else if (line != "DATA" && !line.starts_with("DATA "))
      throw PeerLost(concat(path_, " does not let us in: ", line.substr(0, 100)));
    unread_.erase(0, end + 2);
  }
  return false;
}

std::optional<Message> Connection::take_message() {
  if (!take_greeting()) return std::nullopt;
  const std::optional<std::size_t> size = message_size(unread_);
  if (!size || *size > unread_.size()) return std::nullopt;
  Message message = decode(std::string_view(unread_).substr(0, *size));
  unread_.erase(0, *size);
  return message;
}

// Reads what there is, waiting for it; false: `other` is ready first.
bool Connection::read_more(sys::Deadline deadline, int other) {
  for (;;) {
    char buffer[4096];
    const sys::Result<std::size_t> got = sys::receive_some(socket_.get(), buffer, sizeof buffer);
    if (got && *got == 0) throw PeerLost(concat(path_, " closed the connection"));
    if (got) {
      unread_.append(buffer, *got);
      return true;
    }
    if (got.error() != EAGAIN) throw PeerLost(concat("receive from ", path_), got.error());
    const sys::Ready ready = sys::wait_for_either(socket_.get(), other, deadline)
                                 .or_throw("wait for an answer from ", path_);
    if (ready == sys::Ready::kSecond) return false;
    if (ready == sys::Ready::kNone) throw PeerLost(concat(path_, " does not answer"));
  }
}

std::optional<Message> Connection::receive(sys::Deadline deadline, int other) {
  for (;;) {
    if (std::optional<Message> message = take_message()) return message;
    if (!read_more(deadline, other)) return std::nullopt;
  }
}

CallError call_error(const Message& message) {
  std::string text;
  if (message.signature.starts_with('s')) text = read_body(message).at(0).text;
  return {message.error_name, text};
}

}  // namespace brig::dbus
