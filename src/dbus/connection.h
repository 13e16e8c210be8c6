// A connection to a D-Bus peer over a Unix socket: a message bus, or a service that listens itself.
// Runs on the host side, with the caller's privileges. Nothing here waits longer than the deadline
// it is given. The authentication is sent with the connection and its answer awaited before the
// first message only, so that the caller can do other things meanwhile. (sd-bus never looks at a
// message that it reads together with the end of the authentication until another one comes.)
#pragma once

#include <optional>
#include <string>

#include "brig/error.h"
#include "dbus/message.h"
#include "sys/fd.h"
#include "sys/poll.h"

namespace brig::dbus {

// The peer answered a call with an error.
class CallError : public Error {
 public:
  CallError(std::string name, const std::string& text)
      : Error(text.empty() ? name : text), name_(std::move(name)) {}
  // "org.freedesktop.DBus.Error.UnknownMethod"
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
};

// The peer said nothing in time, closed the connection, or speaks something else.
class PeerLost : public Error {
 public:
  using Error::Error;
};

class Connection {
 public:
  // Connects to the socket `path` and sends the authentication: as the user that the kernel says we
  // are, which holds also in a user namespace. Throws Error with the errno of connect(2).
  Connection(const std::string& path, sys::Deadline deadline);

  // Sends a message and returns the serial it got.
  std::uint32_t send(Message message, sys::Deadline deadline);

  // The next message of the peer. None when `other`, a descriptor, can be read or has ended before
  // one is there. Throws PeerLost.
  std::optional<Message> receive(sys::Deadline deadline, int other = -1);

 private:
  void send_bytes(std::string_view bytes, sys::Deadline deadline);
  bool take_greeting();
  std::optional<Message> take_message();
  bool read_more(sys::Deadline deadline, int other);

  std::string path_;
  sys::OwnFd socket_;
  std::string unread_;
  std::uint32_t last_serial_ = 0;
  bool authenticated_ = false;
};

// The error that `message`, of type kError, stands for.
CallError call_error(const Message& message);

}  // namespace brig::dbus
