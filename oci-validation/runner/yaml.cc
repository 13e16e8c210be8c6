// The only file that includes yaml-cpp.
#include <yaml-cpp/yaml.h>

#include <cstdlib>

#include "value.h"

namespace kit {
namespace {

// true, false, null and decimal numbers; anything else is a text. So 0644 is the text "0644": a
// number with a leading zero is nobody's decimal.
Value plain_scalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null") return {};
  if (text == "true" || text == "false") return {text == "true", {}};
  const bool negative = text[0] == '-';
  const std::string digits = text.substr(negative ? 1 : 0);
  const bool number = !digits.empty() && digits.size() <= 20 &&
                      digits.find_first_not_of("0123456789") == std::string::npos &&
                      (digits == "0" || digits[0] != '0');
  if (!number) return Value::make_text(text);
  if (negative) return {std::int64_t{std::strtoll(text.c_str(), nullptr, 10)}, {}};
  const std::uint64_t magnitude = std::strtoull(text.c_str(), nullptr, 10);
  if (magnitude > INT64_MAX) return {magnitude, {}};
  return {static_cast<std::int64_t>(magnitude), {}};
}

Value convert(const YAML::Node& node) {
  Value value;
  const std::string& tag = node.Tag();
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      // yaml-cpp gives a quoted scalar the tag "!".
      value = tag == "!" ? Value::make_text(node.Scalar()) : plain_scalar(node.Scalar());
      break;
    case YAML::NodeType::Sequence:
      value = Value::make_array();
      for (const YAML::Node& item : node) value.items().push_back(convert(item));
      break;
    case YAML::NodeType::Map:
      value = Value::make_object();
      for (const auto& pair : node) {
        const std::string& name = pair.first.Scalar();
        if (value.find(name) != nullptr) {
          throw KitError("line " + std::to_string(pair.first.Mark().line + 1) + ": `" + name +
                         "' stands there twice");
        }
        value[name] = convert(pair.second);
      }
      break;
    default:
      break;
  }
  if (tag.size() > 1 && tag[0] == '!') value.tag = tag.substr(1);
  return value;
}

}  // namespace

Value load_yaml(const std::string& path) {
  try {
    return convert(YAML::LoadFile(path));
  } catch (const std::exception& error) {
    throw KitError(path + ": " + error.what());
  }
}

}  // namespace kit
