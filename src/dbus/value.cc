#include "dbus/value.h"

#include "base/concat.h"
#include "brig/error.h"

namespace brig::dbus {

namespace {

constexpr int kMaxDepth = 32;  // as the specification limits arrays and structs each
constexpr std::string_view kBasicTypes = "ybnqiuxtdsogh";

[[noreturn]] void refuse(std::string_view signature) {
  throw Error(concat("D-Bus: \"", signature, "\" is no type"));
}

// The length of the complete type that `signature` begins with.
std::size_t type_length(std::string_view signature, int depth) {
  if (signature.empty() || depth > kMaxDepth) refuse(signature);
  const char code = signature[0];
  if (code == 'v' || kBasicTypes.find(code) != std::string_view::npos) return 1;
  if (code == 'a' && signature.size() > 1 && signature[1] == '{') {
    const std::string_view entry = signature.substr(2);
    if (entry.empty() || kBasicTypes.find(entry[0]) == std::string_view::npos) refuse(signature);
    const std::size_t end = 1 + type_length(entry.substr(1), depth + 1);
    if (end >= entry.size() || entry[end] != '}') refuse(signature);
    return 2 + end + 1;
  }
  if (code == 'a') return 1 + type_length(signature.substr(1), depth + 1);
  if (code != '(') refuse(signature);
  std::size_t at = 1;
  do {
    at += type_length(signature.substr(at), depth + 1);
  } while (at < signature.size() && signature[at] != ')');
  if (at >= signature.size()) refuse(signature);
  return at + 1;
}

}  // namespace

Value number(char type, std::uint64_t number) {
  Value value;
  value.type = std::string(1, type);
  value.number = number;
  return value;
}

Value boolean(bool value) { return number('b', value ? 1 : 0); }
Value int32(std::int32_t value) {
  return number('i', static_cast<std::uint64_t>(static_cast<std::int64_t>(value)));
}
Value uint32(std::uint32_t value) { return number('u', value); }
Value uint64(std::uint64_t value) { return number('t', value); }

Value string(std::string_view text) {
  Value value;
  value.type = "s";
  value.text = std::string(text);
  return value;
}

Value bytes(std::string_view data) {
  Value value;
  value.type = "ay";
  value.text = std::string(data);
  return value;
}

Value array(std::string_view type, std::vector<Value> items) {
  Value value;
  value.type = concat('a', type);
  value.items = std::move(items);
  return value;
}

Value structure(std::vector<Value> members) {
  Value value;
  value.type = "(";
  for (const Value& member : members) value.type += member.type;
  value.type += ')';
  value.items = std::move(members);
  return value;
}

Value variant(Value inner) {
  Value value;
  value.type = "v";
  value.items.push_back(std::move(inner));
  return value;
}

std::string_view take_type(std::string_view& signature) {
  const std::string_view type = signature.substr(0, type_length(signature, 0));
  signature.remove_prefix(type.size());
  return type;
}

std::size_t alignment(char code) {
  switch (code) {
    case 'n':
    case 'q':
      return 2;
    case 'b':
    case 'i':
    case 'u':
    case 's':
    case 'o':
    case 'a':
    case 'h':
      return 4;
    case 'x':
    case 't':
    case 'd':
    case '(':
    case '{':
      return 8;
    default:
      return 1;  // y, g, v
  }
}

}  // namespace brig::dbus
