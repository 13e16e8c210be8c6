#include "value.h"

#include <algorithm>
#include <utility>

namespace kit {
namespace {

[[noreturn]] void wrong_type(const Value& value, const char* wanted) {
  throw KitError("expected " + std::string(wanted) + ", found " + to_json(value));
}

}  // namespace

Value Value::make_object() { return {Object{}, {}}; }
Value Value::make_array() { return {Array{}, {}}; }

std::string Value::as_text() const { return is_text() ? text() : to_json(*this); }

long long Value::as_number() const {
  if (const auto* number = std::get_if<std::int64_t>(&data)) return *number;
  if (const auto* number = std::get_if<std::uint64_t>(&data))
    return static_cast<long long>(*number);
  if (is_text()) {
    try {
      return std::stoll(text());
    } catch (const std::exception&) {
      wrong_type(*this, "a number");
    }
  }
  wrong_type(*this, "a number");
}

const std::string& Value::text() const {
  if (const auto* found = std::get_if<std::string>(&data)) return *found;
  wrong_type(*this, "a text");
}

const Value::Array& Value::items() const {
  if (const auto* found = std::get_if<Array>(&data)) return *found;
  wrong_type(*this, "a list");
}

const Value::Object& Value::members() const {
  if (const auto* found = std::get_if<Object>(&data)) return *found;
  wrong_type(*this, "a map");
}

Value::Array& Value::items() { return const_cast<Array&>(std::as_const(*this).items()); }
Value::Object& Value::members() { return const_cast<Object&>(std::as_const(*this).members()); }

const Value* Value::find(std::string_view name) const {
  const auto* object = std::get_if<Object>(&data);
  if (object == nullptr) return nullptr;
  const auto found = std::find_if(object->begin(), object->end(),
                                  [&](const Member& member) { return member.name == name; });
  return found == object->end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Value::operator[](std::string_view name) {
  if (is_null()) data = Object{};
  if (Value* found = find(name)) return *found;
  members().push_back({std::string(name), {}});
  return members().back().value;
}

void Value::remove(std::string_view name) {
  std::erase_if(members(), [&](const Member& member) { return member.name == name; });
}

const Value* Value::at_pointer(std::string_view pointer) const {
  const Value* at = this;
  while (at != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    at = at->find(pointer.substr(0, end));
    pointer.remove_prefix(end);
  }
  return at;
}

bool operator==(const Value& a, const Value& b) { return a.data == b.data; }
bool operator==(const Member& a, const Member& b) { return a.name == b.name && a.value == b.value; }

Value merge_patch(Value target, const Value& patch) {
  if (!patch.is_object()) return patch;
  if (!target.is_object()) target = Value::make_object();
  for (const Member& member : patch.members()) {
    if (member.name.ends_with('+')) {
      Value& list = target[member.name.substr(0, member.name.size() - 1)];
      if (list.is_null()) list = Value::make_array();
      for (const Value& item : member.value.items()) list.items().push_back(item);
    } else if (member.value.is_null()) {
      target.remove(member.name);
    } else {
      Value& old = target[member.name];
      old = merge_patch(old, member.value);
    }
  }
  return target;
}

}  // namespace kit
