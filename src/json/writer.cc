#include "json/writer.h"

#include <charconv>
#include <cmath>

#include "base/concat.h"

namespace brig::json {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

std::string_view indent_text(Indent indent) {
  switch (indent) {
    case Indent::kNone:
      return "";
    case Indent::kTab:
      return "\t";
    case Indent::kTwoSpaces:
      return "  ";
    case Indent::kFourSpaces:
      return "    ";
  }
  return "";
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// The length of the valid UTF-8 sequence of two to four bytes at the start of `text`, or 0.
std::size_t utf8_sequence(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  std::size_t length = 0;
  std::uint32_t code = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
    code = first & 0x1FU;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    code = first & 0x0FU;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    code = first & 0x07U;
  }
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return overlong || surrogate || code > 0x10FFFF ? 0 : length;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
    case '\\':
      out.push_back('\\');
      out.push_back(c);
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  append(out, "\\u00", kHexDigits[byte >> 4U], kHexDigits[byte & 0x0FU]);
}

}  // namespace

void Writer::new_line() {
  if (indent_ == Indent::kNone) return;
  text_.push_back('\n');
  for (int i = 0; i < depth_; ++i) text_.append(indent_text(indent_));
}

// Called before every value and every key: the comma and the place to stand.
void Writer::begin_item() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (has_items_) text_.push_back(',');
  has_items_ = true;
  new_line();
}

void Writer::open(char bracket) {
  begin_item();
  text_.push_back(bracket);
  ++depth_;
  has_items_ = false;
}

void Writer::close(char bracket) {
  --depth_;
  if (has_items_) new_line();
  text_.push_back(bracket);
  has_items_ = true;  // whatever encloses it now holds at least this
}

void Writer::key(std::string_view name) {
  begin_item();
  write_quoted(name);
  text_.append(indent_ == Indent::kNone ? ":" : ": ");
  after_key_ = true;
}

void Writer::value(std::string_view text) {
  begin_item();
  write_quoted(text);
}

void Writer::value(bool truth) {
  begin_item();
  text_.append(truth ? "true" : "false");
}

void Writer::value(double number) {
  if (!std::isfinite(number)) return null();  // JSON has no word for it
  begin_item();
  char digits[32];
  text_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void Writer::value(const std::map<std::string, std::string>& strings) {
  object([&] {
    for (const auto& [name, content] : strings) member(name, content);
  });
}

void Writer::null() {
  begin_item();
  text_.append("null");
}

void Writer::write_signed(std::int64_t number) {
  begin_item();
  append(text_, number);
}

void Writer::write_unsigned(std::uint64_t number) {
  begin_item();
  append(text_, number);
}

void Writer::write_quoted(std::string_view text) {
  text_.push_back('"');
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text[0]);
    std::size_t length = 1;
    if (byte < 0x20 || byte == '"' || byte == '\\') {
      append_escaped(text_, text[0]);
    } else if (byte < 0x80) {
      text_.push_back(text[0]);
    } else if (const std::size_t sequence = utf8_sequence(text); sequence != 0) {
      text_.append(text.substr(0, sequence));
      length = sequence;
    } else {
      text_.append("\xEF\xBF\xBD");  // U+FFFD
    }
    text.remove_prefix(length);
  }
  text_.push_back('"');
}

}  // namespace brig::json
