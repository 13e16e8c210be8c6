// D-Bus messages as bytes and back (D-Bus specification, "Message Protocol"). Pure. What comes from
// a peer is not trusted: lengths are checked, and anything that breaks the format throws an Error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dbus/value.h"

namespace brig::dbus {

enum class MessageType : std::uint8_t { kCall = 1, kReturn, kError, kSignal };

inline constexpr std::uint8_t kNoReplyExpected = 1;

struct Message {
  MessageType type = MessageType::kCall;
  std::uint8_t flags = 0;
  std::uint32_t serial = 0;
  std::uint32_t reply_serial = 0;  // of a return or an error
  std::string path;
  std::string interface;
  std::string member;
  std::string error_name;
  std::string destination;
  std::string signature;  // of the body
  std::string body;       // as it is on the wire; make_body() and read_body()
};

// Puts `values` into the body.
void make_body(Message& message, const std::vector<Value>& values);
// The values of the body.
std::vector<Value> read_body(const Message& message);

// The whole message. Its serial must not be 0.
std::string encode(const Message& message);

// Bytes of the message that `bytes` begins with; none when too few are there to tell. Throws for
// what is no message, or one of more than 1 MiB: nothing that systemd says to brig is a hundredth
// of it.
std::optional<std::size_t> message_size(std::string_view bytes);
// `bytes` is exactly one message, with the header fields that its type must have.
Message decode(std::string_view bytes);

}  // namespace brig::dbus
