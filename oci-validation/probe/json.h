// What the probe prints is one line of JSON. Objects and lists are written in order, straight into
// a string: no tree, no library.
#ifndef OCI_VALIDATION_PROBE_JSON_H
#define OCI_VALIDATION_PROBE_JSON_H

#include <string>
#include <string_view>

namespace probe {

class Json {
 public:
  Json& begin_object() { return open('{'); }
  Json& end_object() { return close('}'); }
  Json& begin_array() { return open('['); }
  Json& end_array() { return close(']'); }
  // The name of the next value of an object.
  Json& key(std::string_view name);
  Json& text(std::string_view value);
  Json& number(long long value);
  Json& number(unsigned long long value);
  Json& boolean(bool value);
  Json& null();

  // A member of an object in one call.
  Json& member(std::string_view name, std::string_view value) { return key(name).text(value); }
  Json& member(std::string_view name, const char* value) { return key(name).text(value); }
  Json& member(std::string_view name, long long value) { return key(name).number(value); }
  Json& member(std::string_view name, bool value) { return key(name).boolean(value); }

  [[nodiscard]] const std::string& line() const { return text_; }

 private:
  Json& open(char bracket);
  Json& close(char bracket);
  void separate();

  std::string text_;
};

}  // namespace probe

#endif
