#include "json/reader.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <cctype>
#include <cstring>

#include "base/concat.h"
#include "brig/error.h"

namespace brig::json {

namespace {

using Node = rapidjson::Value;

const Node& node_of(const void* node) { return *static_cast<const Node*>(node); }

std::string_view text_of(const Node& node) { return {node.GetString(), node.GetStringLength()}; }

// The type of `node` as messages name it.
std::string_view type_name(const Node& node) {
  switch (node.GetType()) {
    case rapidjson::kNullType:
      return "null";
    case rapidjson::kFalseType:
    case rapidjson::kTrueType:
      return "a boolean";
    case rapidjson::kObjectType:
      return "an object";
    case rapidjson::kArrayType:
      return "an array";
    case rapidjson::kStringType:
      return "a string";
    case rapidjson::kNumberType:
      return node.IsDouble() ? "a number with a fraction or exponent" : "an integer";
  }
  return "an unknown type";
}

// Names that read well after a dot; others are put in brackets and quotes.
bool is_plain_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') return false;
  return true;
}

// Hands the events of RapidJSON's reader to the document and stops when they nest too deeply.
class DepthLimiter {
 public:
  using Ch = char;

  explicit DepthLimiter(rapidjson::Document& document) : document_(document) {}

  bool Null() { return document_.Null(); }
  bool Bool(bool value) { return document_.Bool(value); }
  bool Int(int value) { return document_.Int(value); }
  bool Uint(unsigned value) { return document_.Uint(value); }
  bool Int64(std::int64_t value) { return document_.Int64(value); }
  bool Uint64(std::uint64_t value) { return document_.Uint64(value); }
  bool Double(double value) { return document_.Double(value); }
  bool RawNumber(const char* text, rapidjson::SizeType length, bool copy) {
    return document_.RawNumber(text, length, copy);
  }
  bool String(const char* text, rapidjson::SizeType length, bool copy) {
    return document_.String(text, length, copy);
  }
  bool Key(const char* text, rapidjson::SizeType length, bool copy) {
    return document_.Key(text, length, copy);
  }
  bool StartObject() { return enter() && document_.StartObject(); }
  bool EndObject(rapidjson::SizeType count) {
    --depth_;
    return document_.EndObject(count);
  }
  bool StartArray() { return enter() && document_.StartArray(); }
  bool EndArray(rapidjson::SizeType count) {
    --depth_;
    return document_.EndArray(count);
  }

 private:
  bool enter() { return ++depth_ <= Document::kMaxDepth; }

  rapidjson::Document& document_;
  int depth_ = 0;
};

// "line L, column C: problem" for the byte at `offset` of `text`.
[[noreturn]] void fail_at(std::string_view text, std::size_t offset, std::string_view problem) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : text.substr(0, offset)) {
    ++column;
    if (c == '\n') {
      ++line;
      column = 1;
    }
  }
  throw Error(concat("line ", line, ", column ", column, ": ", problem));
}

// RapidJSON's words, as one clause: lower case, no full stop.
std::string parse_problem(rapidjson::ParseErrorCode code, std::string_view text,
                          std::size_t offset) {
  if (code == rapidjson::kParseErrorTermination)
    return concat("nested deeper than ", Document::kMaxDepth, " levels");
  std::string problem = rapidjson::GetParseError_En(code);
  if (problem.ends_with('.')) problem.pop_back();
  if (!problem.empty())
    problem[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(problem[0])));
  const std::size_t before = text.substr(0, offset).find_last_not_of(" \t\r\n");
  const bool comma = code == rapidjson::kParseErrorObjectMissName &&
                     before != std::string_view::npos && text[before] == ',';
  const bool mark = offset == 0 && text.starts_with("\xEF\xBB\xBF");
  return concat("invalid JSON: ", problem, comma ? " (a comma too many?)" : "",
                mark ? " (the text starts with a byte order mark: remove it)" : "");
}

}  // namespace

struct Document::Parsed {
  std::string text;  // RapidJSON decodes strings in place, so this must outlive `document`
  rapidjson::Document document;
};

Document::Document(std::string_view text)
    : parsed_(std::make_unique<Parsed>()), root_(nullptr, nullptr, {}, 0) {
  if (text.empty()) throw Error("invalid JSON: the text is empty");
  // A NUL would end the text early for the in-place parser.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos)
    fail_at(text, nul, "invalid JSON: NUL byte");

  // RapidJSON's check of UTF-8 takes up to three bytes behind the end of a text that ends in the
  // middle of a character.
  constexpr std::size_t kTakenBehindEnd = 3;
  parsed_->text.reserve(text.size() + kTakenBehindEnd);
  parsed_->text = text;
  parsed_->text.append(kTakenBehindEnd, '\0');
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseIterativeFlag |
                              rapidjson::kParseValidateEncodingFlag;
  rapidjson::ParseResult result;
  auto generate = [&](rapidjson::Document& document) {
    rapidjson::InsituStringStream stream(parsed_->text.data());
    rapidjson::Reader reader;
    DepthLimiter limiter(document);
    result = reader.Parse<kFlags>(stream, limiter);
    return !result.IsError();
  };
  parsed_->document.Populate(generate);
  if (result.IsError())
    fail_at(text, result.Offset(), parse_problem(result.Code(), text, result.Offset()));
  root_.node_ = static_cast<const Node*>(&parsed_->document);
}

Document::~Document() = default;

namespace {

// Where the string that begins at `at` has its second quote; the end of `text` when there is none.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  while (++at < text.size() && text[at] != '"')
    if (text[at] == '\\') ++at;
  return std::min(at, text.size());
}

}  // namespace

std::optional<std::string_view> Document::text_of(std::string_view key,
                                                  std::string_view text) const {
  const rapidjson::Document& object = parsed_->document;
  if (!object.IsObject()) return std::nullopt;
  // A name has stayed where it was when it was decoded in place.
  const auto place_of = [&](const auto& member) {
    return static_cast<std::size_t>(member->name.GetString() - parsed_->text.data());
  };
  const auto end = object.MemberEnd();
  for (auto member = end; member != object.MemberBegin();) {
    --member;
    if (brig::json::text_of(member->name) != key) continue;
    if (member->value.IsNull()) return std::nullopt;
    const std::size_t colon = text.find(':', end_of_string(text, place_of(member) - 1));
    const auto next = member + 1;
    const std::size_t behind = next == end ? text.rfind('}') : text.rfind(',', place_of(next) - 1);
    return text.substr(colon + 1, behind - colon - 1);
  }
  return std::nullopt;
}

// --- Errors

void Value::append_path(std::string& out) const {
  if (parent_ == nullptr) return;
  parent_->append_path(out);
  if (key_.data() == nullptr) {
    append(out, "[", index_, "]");
  } else if (!is_plain_name(key_)) {
    append(out, "[\"", key_, "\"]");
  } else {
    if (!out.empty()) out.push_back('.');
    out.append(key_);
  }
}

std::string Value::path() const {
  std::string out;
  append_path(out);
  return out;
}

void Value::fail(std::string_view problem) const {
  const std::string where = path();
  throw Error(where.empty() ? std::string(problem) : concat(where, ": ", problem));
}

void Value::fail_type(std::string_view expected) const {
  fail(concat("expected ", expected, ", got ", type_name(node_of(node_))));
}

void Value::fail_unknown_word(const std::string_view* words, std::size_t count) const {
  std::string problem = concat("unknown value \"", as_text(), "\" (expected one of ");
  for (std::size_t i = 0; i < count; ++i) append(problem, i == 0 ? "" : ", ", words[i]);
  problem.push_back(')');
  fail(problem);
}

// --- This value

bool Value::is_object() const noexcept { return node_of(node_).IsObject(); }

std::string_view Value::as_text() const {
  const Node& node = node_of(node_);
  if (!node.IsString()) fail_type("a string");
  const std::string_view text = text_of(node);
  // No property of any OCI document may hold one: they end up in paths and arguments.
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) fail("contains a NUL character");
  return text;
}

bool Value::as_boolean() const {
  const Node& node = node_of(node_);
  if (!node.IsBool()) fail_type("a boolean");
  return node.GetBool();
}

std::uint64_t Value::integer_bits(std::int64_t min, std::uint64_t max) const {
  const Node& node = node_of(node_);
  if (node.IsUint64() && node.GetUint64() <= max) return node.GetUint64();
  if (node.IsInt64() && node.GetInt64() < 0 && node.GetInt64() >= min)
    return static_cast<std::uint64_t>(node.GetInt64());
  // Integers beyond 64 bits come out of the parser as a double without a fraction.
  const bool huge = node.IsDouble() && (node.GetDouble() >= 0x1p64 || node.GetDouble() < -0x1p63);
  if (!node.IsInt64() && !node.IsUint64() && !huge) fail_type("an integer");
  std::string number = "the number";
  if (node.IsInt64())
    number = concat(node.GetInt64());
  else if (node.IsUint64())
    number = concat(node.GetUint64());
  fail(concat(number, " is out of range (expected ", min, " to ", max, ")"));
}

std::size_t Value::array_size() const {
  const Node& node = node_of(node_);
  if (!node.IsArray()) fail_type("an array");
  return node.Size();
}

Value Value::element(std::size_t index) const {
  const auto position = static_cast<rapidjson::SizeType>(index);
  return Value(&node_of(node_)[position], this, {}, index);
}

std::size_t Value::member_count() const {
  const Node& node = node_of(node_);
  if (!node.IsObject()) fail_type("an object");
  return node.MemberCount();
}

Value Value::member(std::size_t index) const {
  const auto member = node_of(node_).MemberBegin() + static_cast<std::ptrdiff_t>(index);
  const std::string_view name = text_of(member->name);
  const Value item(&member->value, this, name, 0);
  if (std::memchr(name.data(), '\0', name.size()) != nullptr)
    fail("a name contains a NUL character");
  return item;
}

// --- Members

std::optional<Value> Value::find(std::string_view key) const& {
  const Node& node = node_of(node_);
  if (!node.IsObject()) fail_type("an object");
  // From the end, because the last of several members with one name counts.
  for (auto member = node.MemberEnd(); member != node.MemberBegin();) {
    --member;
    if (text_of(member->name) != key) continue;
    if (member->value.IsNull()) return std::nullopt;
    return Value(&member->value, this, key, 0);
  }
  return std::nullopt;
}

Value Value::require(std::string_view key) const& {
  const std::optional<Value> member = find(key);
  if (!member) Value(nullptr, this, key, 0).fail("required property is missing");
  return *member;
}

std::string Value::required_string(std::string_view key) const { return require(key).as_string(); }

std::string Value::string(std::string_view key) const {
  const std::optional<Value> member = find(key);
  return member ? member->as_string() : std::string();
}

std::optional<std::string> Value::optional_string(std::string_view key) const {
  return optional(key, [](const Value& value) { return value.as_string(); });
}

bool Value::boolean(std::string_view key) const { return optional_boolean(key).value_or(false); }

std::optional<bool> Value::optional_boolean(std::string_view key) const {
  return optional(key, [](const Value& value) { return value.as_boolean(); });
}

std::vector<std::string> Value::strings(std::string_view key) const {
  return list(key, [](const Value& item) { return item.as_string(); });
}

std::map<std::string, std::string> Value::string_map(std::string_view key) const {
  return map(key, [](const Value& item) { return item.as_string(); });
}

}  // namespace brig::json
