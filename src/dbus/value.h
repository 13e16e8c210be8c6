// A value of any D-Bus type, and the types themselves (D-Bus specification, "Type System"). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brig::dbus {

struct Value {
  std::string type;          // one complete type: "s", "t", "as", "(st)"
  std::uint64_t number = 0;  // of y b n q i u x t: two's complement; of d: its bits
  std::string text;          // of s, o, g; of ay: its bytes
  std::vector<Value> items;  // of other arrays, structs, dict entries; of a variant: what is in it
  bool operator==(const Value&) const = default;
};

// Of a type that is a number: y b n q i u x t d.
Value number(char type, std::uint64_t number);
Value boolean(bool value);
Value int32(std::int32_t value);
Value uint32(std::uint32_t value);
Value uint64(std::uint64_t value);
Value string(std::string_view text);
Value bytes(std::string_view data);
// `type`: that of the elements.
Value array(std::string_view type, std::vector<Value> items);
Value structure(std::vector<Value> members);
Value variant(Value value);

// Takes the first complete type off `signature`. Throws Error when there is none.
std::string_view take_type(std::string_view& signature);

// The boundary that values of the type beginning with `code` start at: 1, 2, 4 or 8.
std::size_t alignment(char code);

}  // namespace brig::dbus
