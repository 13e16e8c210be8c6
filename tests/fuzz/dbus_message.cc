// What a D-Bus peer sends: the message is read as from a stream, and what is understood must be the
// same after it was written and read again.
#include "dbus/message.h"

#include "dbus/connection.h"
#include "target.h"

namespace brig::fuzz {

void fuzz_dbus_message(std::string_view input) {
  std::optional<std::size_t> size;
  if (!accepts([&] { size = dbus::message_size(input); }) || !size || *size > input.size()) return;
  dbus::Message message;
  if (!accepts([&] { message = dbus::decode(input.substr(0, *size)); })) return;
  if (message.type == dbus::MessageType::kError)
    accepts([&] { require(*dbus::call_error(message).what() != '\0', "an error has a text"); });
  std::vector<dbus::Value> values;
  if (!accepts([&] { values = dbus::read_body(message); })) return;
  dbus::Message again = message;
  accepts([&] {
    dbus::make_body(again, values);
    require(dbus::read_body(again) == values, "a body is written as it was read");
    const dbus::Message copy = dbus::decode(dbus::encode(again));
    require(copy.body == again.body && copy.member == message.member && copy.path == message.path &&
                copy.reply_serial == message.reply_serial,
            "a message is written as it was read");
  });
}

}  // namespace brig::fuzz
