#include "dbus/text.h"

#include <bit>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "base/concat.h"
#include "brig/error.h"

namespace brig::dbus {

namespace {

constexpr int kMaxDepth = 16;

struct NumberType {
  std::string_view word;
  char code;
  std::int64_t least;
  std::uint64_t greatest;
};

template <class Number>
constexpr NumberType range(std::string_view word, char code) {
  return {word, code, static_cast<std::int64_t>(std::numeric_limits<Number>::min()),
          static_cast<std::uint64_t>(std::numeric_limits<Number>::max())};
}

constexpr NumberType kNumberTypes[] = {
    range<std::uint8_t>("byte", 'y'),    range<std::int16_t>("int16", 'n'),
    range<std::uint16_t>("uint16", 'q'), range<std::int32_t>("int32", 'i'),
    range<std::uint32_t>("uint32", 'u'), range<std::int64_t>("int64", 'x'),
    range<std::uint64_t>("uint64", 't'),
};

struct TypeWord {
  std::string_view word;
  std::string_view type;
};
constexpr TypeWord kOtherTypes[] = {
    {"boolean", "b"}, {"double", "d"}, {"string", "s"}, {"objectpath", "o"}, {"signature", "g"}};

bool is_word(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '+' ||
         letter == '.';
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | (code >> 6U));
    put(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    put(0xe0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3fU));
    put(0x80U | (code & 0x3fU));
  } else {
    put(0xf0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3fU));
    put(0x80U | ((code >> 6U) & 0x3fU));
    put(0x80U | (code & 0x3fU));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Value whole() {
    Value value = any({}, 0);
    skip_spaces();
    if (at_ < text_.size()) refuse("nothing more may follow");
    return value;
  }

 private:
  [[noreturn]] void refuse(std::string_view why) const {
    throw Error(concat("not a GVariant text: ", why, " at \"", text_.substr(at_, 20), "\""));
  }
  void skip_spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
  }
  // Takes `letter` if it is next.
  bool take(char letter) {
    skip_spaces();
    if (at_ >= text_.size() || text_[at_] != letter) return false;
    ++at_;
    return true;
  }
  std::string_view take_word() {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  // A value; `type` is what it must be, empty: what it says itself.
  Value any(std::string_view type, int depth) {
    if (depth > kMaxDepth) refuse("nested too deeply");
    skip_spaces();
    if (at_ >= text_.size()) refuse("a value is missing");
    const char first = text_[at_];
    if (first == '@') return annotated(type, depth);
    if (first == '[') return array_of(type, depth);
    if (first == '(') return tuple(type, depth);
    if (first == '<') return boxed(type, depth);
    if (first == '\'' || first == '"') return quoted(type);
    if (text_.substr(at_).starts_with("b'") || text_.substr(at_).starts_with("b\"")) {
      ++at_;
      check(type, "ay");
      return bytes(concat(take_quoted(), '\0'));
    }
    if (first == '{') refuse("a dictionary is no value of a property");
    return word_value(type, depth);
  }

  void check(std::string_view wanted, std::string_view type) const {
    if (!wanted.empty() && wanted != type)
      refuse(concat("a value of type ", type, " where ", wanted, " is wanted"));
  }

  Value annotated(std::string_view wanted, int depth) {
    ++at_;
    std::string_view rest = text_.substr(at_);
    std::string_view type;
    try {
      type = take_type(rest);
    } catch (const Error&) {
      refuse("no type");
    }
    at_ = text_.size() - rest.size();
    check(wanted, type);
    return any(type, depth + 1);
  }

  Value array_of(std::string_view wanted, int depth) {
    ++at_;
    if (!wanted.empty() && wanted[0] != 'a')
      refuse(concat("an array where ", wanted, " is wanted"));
    std::string type(wanted.empty() ? wanted : wanted.substr(1));
    std::vector<Value> items;
    while (!take(']')) {
      if (!items.empty() && !take(',')) refuse("a comma or ] is missing");
      items.push_back(any(type, depth + 1));
      type = items.back().type;
    }
    if (type.empty()) refuse("an empty array must say its type (@as [])");
    if (type != "y") return array(type, std::move(items));
    std::string data;
    for (const Value& item : items) data += static_cast<char>(item.number);
    return bytes(data);
  }

  Value tuple(std::string_view wanted, int depth) {
    ++at_;
    if (!wanted.empty() && wanted[0] != '(') refuse(concat("a tuple where ", wanted, " is wanted"));
    std::string_view types = wanted.empty() ? wanted : wanted.substr(1, wanted.size() - 2);
    std::vector<Value> members;
    while (!take(')')) {
      if (!members.empty() && !take(',')) refuse("a comma or ) is missing");
      if (!members.empty() && take(')')) break;  // as in (1,)
      if (!wanted.empty() && types.empty()) refuse("a tuple with too many values");
      members.push_back(any(wanted.empty() ? wanted : take_type(types), depth + 1));
    }
    if (members.empty() || !types.empty()) refuse("a tuple with too few values");
    return structure(std::move(members));
  }

  Value boxed(std::string_view wanted, int depth) {
    ++at_;
    check(wanted, "v");
    Value value = variant(any({}, depth + 1));
    if (!take('>')) refuse("a > is missing");
    return value;
  }

  Value quoted(std::string_view wanted) {
    Value value = string(take_quoted());
    if (wanted == "o" || wanted == "g")
      value.type = std::string(wanted);
    else
      check(wanted, "s");
    return value;
  }

  std::string take_quoted() {
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size() && text_[at_] != quote) {
      const char letter = text_[at_++];
      if (letter == '\\')
        take_escape(out);
      else
        out += letter;
    }
    if (at_ >= text_.size()) refuse("a string does not end");
    ++at_;
    return out;
  }

  void take_escape(std::string& out) {
    if (at_ >= text_.size()) refuse("a string does not end");
    const char letter = text_[at_++];
    constexpr std::string_view kLetters = "abfnrtv";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v";
    const std::size_t known = kLetters.find(letter);
    if (known != std::string_view::npos) {
      out += kMeanings[known];
    } else if (letter == 'u' || letter == 'U') {
      const std::size_t digits = letter == 'u' ? 4 : 8;
      const std::string_view hex = text_.substr(at_, digits);
      std::uint32_t code = 0;
      const auto [end, problem] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
      if (hex.size() != digits || problem != std::errc() || end != hex.data() + digits ||
          code == 0 || code > 0x10ffff)
        refuse("a bad \\u escape");
      at_ += digits;
      append_utf8(out, code);
    } else {
      out += letter;
    }
  }

  // true, 5, 1.5, or a type's name and a value of it.
  Value word_value(std::string_view wanted, int depth) {
    const std::size_t start = at_;
    const std::string_view word = take_word();
    for (const NumberType& known : kNumberTypes)
      if (word == known.word) return typed(wanted, std::string_view(&known.code, 1), depth);
    for (const TypeWord& known : kOtherTypes)
      if (word == known.word) return typed(wanted, known.type, depth);
    if (word == "true" || word == "false") {
      check(wanted, "b");
      return boolean(word == "true");
    }
    at_ = start;
    return plain_number(wanted);
  }

  Value typed(std::string_view wanted, std::string_view type, int depth) {
    check(wanted, type);
    return any(type, depth + 1);
  }

  Value plain_number(std::string_view wanted) {
    const std::size_t start = at_;
    const std::string word(take_word());
    const bool hexadecimal = word.find("0x") != std::string::npos;
    const bool is_double = wanted == "d" || (wanted.empty() && !hexadecimal &&
                                             word.find_first_of(".eE") != std::string::npos);
    at_ = start;
    if (word.empty() || word.find_first_of("0123456789") == std::string::npos)
      refuse("no value that is known");
    Value value = is_double ? real(word) : integer(word, wanted.empty() ? "i" : wanted);
    at_ = start + word.size();
    return value;
  }

  Value real(const std::string& word) {
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    if (end != word.c_str() + word.size()) refuse("a bad number");
    return number('d', std::bit_cast<std::uint64_t>(value));
  }

  Value integer(std::string_view word, std::string_view wanted) {
    const NumberType* type = nullptr;
    for (const NumberType& known : kNumberTypes)
      if (wanted == std::string_view(&known.code, 1)) type = &known;
    if (type == nullptr) refuse(concat("a number where ", wanted, " is wanted"));
    const bool negative = word.starts_with('-');
    if (negative || word.starts_with('+')) word.remove_prefix(1);
    int base = 10;
    if (word.starts_with("0x") || word.starts_with("0X")) {
      base = 16;
      word.remove_prefix(2);
    } else if (word.size() > 1 && word[0] == '0') {
      base = 8;
    }
    std::uint64_t magnitude = 0;
    const char* const last = word.data() + word.size();
    const auto [end, problem] = std::from_chars(word.data(), last, magnitude, base);
    if (problem == std::errc::invalid_argument || end != last) refuse("a bad number");
    const std::uint64_t limit =
        negative ? std::uint64_t{0} - static_cast<std::uint64_t>(type->least) : type->greatest;
    if (problem != std::errc() || magnitude > limit)
      refuse(concat("a number that does not fit into ", type->word));
    return number(type->code, negative ? std::uint64_t{0} - magnitude : magnitude);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Value parse_text(std::string_view text) { return Parser(text).whole(); }

}  // namespace brig::dbus
