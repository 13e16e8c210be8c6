// Writes JSON text, compact or indented, the way Go's encoding/json lays it out, but without
// escaping `/`, `<`, `>` and `&`.
//
//     Writer out(Indent::kTwoSpaces);
//     out.object([&] {
//       out.member("id", id);
//       out.array("hooks", [&] { out.value("prestart"); });
//     });
//     return std::move(out).take();
//
// The caller is responsible for the structure (a member only inside an object). Text that is not
// UTF-8 becomes U+FFFD, so the result is always valid JSON.
#pragma once

#include <concepts>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace brig::json {

enum class Indent { kNone, kTab, kTwoSpaces, kFourSpaces };

class Writer {
 public:
  explicit Writer(Indent indent = Indent::kNone) noexcept : indent_(indent) {}

  // --- Values: array elements, or the document itself.
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool truth);
  void value(double number);
  void value(std::signed_integral auto number) { write_signed(number); }
  void value(std::unsigned_integral auto number) { write_unsigned(number); }
  void value(const std::map<std::string, std::string>& strings);
  // An array of strings (std::string or std::string_view).
  template <class Text>
  void value(const std::vector<Text>& texts) {
    array([&] {
      for (const auto& text : texts) value(std::string_view(text));
    });
  }
  void null();

  template <class Body>
  void object(Body&& body) {
    open('{');
    body();
    close('}');
  }
  template <class Body>
  void array(Body&& body) {
    open('[');
    body();
    close(']');
  }

  // --- Members of an object.
  void key(std::string_view name);
  template <class T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }
  // Like member(), but leaves it out when the content is empty, as Go's omitempty does.
  template <class T>
  void member_unless_empty(std::string_view name, const T& content) {
    if (!std::empty(content)) member(name, content);
  }
  template <class Body>
  void object(std::string_view name, Body&& body) {
    key(name);
    object(body);
  }
  template <class Body>
  void array(std::string_view name, Body&& body) {
    key(name);
    array(body);
  }

  // The text written so far, without a final newline.
  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  void open(char bracket);
  void close(char bracket);
  void begin_item();
  void new_line();
  void write_signed(std::int64_t number);
  void write_unsigned(std::uint64_t number);
  void write_quoted(std::string_view text);

  std::string text_;
  Indent indent_;
  int depth_ = 0;
  bool has_items_ = false;  // the innermost open object or array has an item already
  bool after_key_ = false;
};

}  // namespace brig::json
