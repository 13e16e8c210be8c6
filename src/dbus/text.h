// GVariant's text format, in which people write D-Bus values: `uint64 5000000`, `'text'`,
// `['a', 'b']`, `(1, true)` (GLib, "GVariant Text Format"). Pure.
#pragma once

#include <string_view>

#include "dbus/value.h"

namespace brig::dbus {

// The value that `text` stands for. An integer without a type is an int32, a number with a point a
// double; the first element of an array gives the type of those that name none. Throws Error that
// says what is wrong and where. Dictionaries and maybes are refused: no property of systemd is one.
Value parse_text(std::string_view text);

}  // namespace brig::dbus
