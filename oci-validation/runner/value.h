// A JSON value, as cases, configurations and what a probe saw are held: ordered objects, and a tag
// where the YAML had one (`!has [ro]`), which the matcher reads. json.cc and yaml.cc make them.
#ifndef OCI_VALIDATION_RUNNER_VALUE_H
#define OCI_VALIDATION_RUNNER_VALUE_H

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kit {

// A case, an option or a file of the kit itself is wrong; never the runtime's fault.
struct KitError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Member;

struct Value {
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;
  // Unsigned only above the greatest signed number, so that equal numbers have equal alternatives.
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      data;  // null from the start
  std::string tag;

  static Value make_text(std::string_view text);
  static Value make_number(long long number);
  static Value make_object();
  static Value make_array();

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(data); }
  [[nodiscard]] bool is_text() const { return std::holds_alternative<std::string>(data); }
  [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(data); }
  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(data); }
  [[nodiscard]] bool is_true() const {
    const bool* flag = std::get_if<bool>(&data);
    return flag != nullptr && *flag;
  }

  // Texts as they are, numbers and the like as in JSON.
  [[nodiscard]] std::string as_text() const;
  [[nodiscard]] long long as_number() const;
  // Throw KitError when it is something else.
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const Array& items() const;
  [[nodiscard]] const Object& members() const;
  [[nodiscard]] Array& items();
  [[nodiscard]] Object& members();

  // A member of an object; null pointer when there is none or this is no object.
  [[nodiscard]] const Value* find(std::string_view name) const;
  [[nodiscard]] Value* find(std::string_view name);
  // The member, made when missing; a null becomes an object.
  Value& operator[](std::string_view name);
  void remove(std::string_view name);
  // "/linux/seccomp/actions"; null pointer when there is nothing there.
  [[nodiscard]] const Value* at_pointer(std::string_view pointer) const;
};

struct Member {
  std::string name;
  Value value;
};

// Here, where a Value is complete.
inline Value Value::make_text(std::string_view text) { return {std::string(text), {}}; }
inline Value Value::make_number(long long number) { return {std::int64_t{number}, {}}; }

bool operator==(const Value& a, const Value& b);
bool operator==(const Member& a, const Member& b);

// RFC 7386, with one addition: a member `name+` is appended to the array `name`.
Value merge_patch(Value target, const Value& patch);

// json.cc
Value parse_json(std::string_view text);  // throws KitError
std::string to_json(const Value& value, bool pretty = false);

// yaml.cc
Value load_yaml(const std::string& path);  // throws KitError with file and line

}  // namespace kit

#endif
