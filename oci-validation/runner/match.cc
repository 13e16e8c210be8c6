#include "match.h"

#include <algorithm>
#include <regex>

#include "machine.h"

namespace kit {
namespace {

using Lines = std::vector<std::string>;

std::string shown(const Value* value) {
  if (value == nullptr) return "nothing";
  std::string text = to_json(*value);
  if (text.size() > 300) text = text.substr(0, 300) + "...";
  return text;
}

std::string wanted(const Value& value) {
  return (value.tag.empty() ? "" : "!" + value.tag + " ") + shown(&value);
}

bool matches(const Value& expected, const Value* seen) {
  return differences(expected, seen, "").empty();
}

Value without_tag(Value value) {
  value.tag.clear();
  return value;
}

// What `!has` and the like list: a list, or the one thing itself.
Value::Array listed(const Value& value) {
  if (value.is_array()) return value.items();
  return {without_tag(value)};
}

bool contains(const Value& seen, const Value& wanted_item) {
  if (seen.is_text()) return seen.text().find(wanted_item.as_text()) != std::string::npos;
  if (!seen.is_array()) return false;
  // YAML does not tell the text 1 from the number in `!has 1`: what is spelt the same is the same.
  const bool scalar =
      !wanted_item.is_array() && !wanted_item.is_object() && wanted_item.tag.empty();
  return std::any_of(seen.items().begin(), seen.items().end(), [&](const Value& item) {
    return matches(wanted_item, &item) || (scalar && item.as_text() == wanted_item.as_text());
  });
}

bool same_set(const Value& expected, const Value& seen) {
  if (!seen.is_array()) return false;
  const auto& items = expected.items();
  return seen.items().size() == items.size() &&
         std::all_of(items.begin(), items.end(),
                     [&](const Value& item) { return contains(seen, item); });
}

bool has_only(const Value& expected, const Value& seen) {
  if (!seen.is_object() || !expected.is_object()) return true;
  return std::all_of(seen.members().begin(), seen.members().end(), [&](const Member& member) {
    const Value* known = expected.find(member.name);
    return known != nullptr && has_only(*known, member.value);
  });
}

bool matches_tag(const Value& expected, const Value* seen) {
  const std::string& tag = expected.tag;
  const Value::Array list = listed(expected);
  const auto holds = [&](const Value& item) { return matches(item, seen); };
  if (tag == "absent") return seen == nullptr;
  if (tag == "not") return !matches(without_tag(expected), seen);
  if (tag == "one-of") return std::any_of(list.begin(), list.end(), holds);
  if (tag == "all-of") return std::all_of(list.begin(), list.end(), holds);
  if (seen == nullptr) return false;
  const auto inside = [&](const Value& item) { return contains(*seen, item); };
  if (tag == "has") return std::all_of(list.begin(), list.end(), inside);
  if (tag == "lacks") {
    return (seen->is_array() || seen->is_text()) && std::none_of(list.begin(), list.end(), inside);
  }
  if (tag == "set") return same_set(expected, *seen);
  if (tag == "above") return seen->as_number() > expected.as_number();
  if (tag == "below") return seen->as_number() < expected.as_number();
  if (tag == "matches") {
    return std::regex_search(seen->as_text(), std::regex(expected.as_text(), std::regex::icase));
  }
  if (tag == "at-least") return version_at_least(seen->as_text(), expected.as_text());
  if (tag == "only") return has_only(expected, *seen);
  throw KitError("an expectation has the unknown tag !" + tag);
}

Lines object_differences(const Value& expected, const Value* seen, const std::string& where) {
  Lines lines;
  for (const Member& member : expected.members()) {
    const std::string place = where.empty() ? member.name : where + "." + member.name;
    const Lines more = differences(member.value, seen->find(member.name), place);
    lines.insert(lines.end(), more.begin(), more.end());
  }
  return lines;
}

}  // namespace

Lines differences(const Value& expected, const Value* seen, const std::string& where) {
  Lines difference = {where + ": expected " + wanted(expected) + ", seen " + shown(seen)};
  if (!expected.tag.empty()) return matches_tag(expected, seen) ? Lines{} : difference;
  if (seen == nullptr) return difference;
  if (expected.is_object()) {
    if (!seen->is_object()) return difference;
    return object_differences(expected, seen, where);
  }
  if (expected.is_array()) {
    if (!seen->is_array() || seen->items().size() != expected.items().size()) return difference;
    for (std::size_t i = 0; i < expected.items().size(); i++) {
      if (!matches(expected.items()[i], &seen->items()[i])) return difference;
    }
    return {};
  }
  return expected == *seen ? Lines{} : difference;
}

}  // namespace kit
