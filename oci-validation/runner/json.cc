// The only file that includes RapidJSON.
#include <rapidjson/error/en.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "value.h"

namespace kit {
namespace {

// Builds a Value from RapidJSON's events.
class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
 public:
  bool Null() { return add({}); }
  bool Bool(bool flag) { return add({flag, {}}); }
  bool Int(int number) { return add({std::int64_t{number}, {}}); }
  bool Uint(unsigned number) { return add({std::int64_t{number}, {}}); }
  bool Int64(std::int64_t number) { return add({number, {}}); }
  bool Uint64(std::uint64_t number) {
    if (number <= INT64_MAX) return add({static_cast<std::int64_t>(number), {}});
    return add({number, {}});
  }
  bool Double(double number) { return add({number, {}}); }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return add(Value::make_text({text, size}));
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    keys_.back() = std::string(text, size);
    return true;
  }
  bool StartObject() { return open(Value::make_object()); }
  bool StartArray() { return open(Value::make_array()); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  [[nodiscard]] Value take() { return std::move(result_); }

 private:
  bool add(Value value) {
    if (open_.empty()) {
      result_ = std::move(value);
    } else if (open_.back().is_array()) {
      open_.back().items().push_back(std::move(value));
    } else {
      open_.back()[keys_.back()] = std::move(value);
    }
    return true;
  }
  bool open(Value value) {
    open_.push_back(std::move(value));
    keys_.emplace_back();
    return true;
  }
  bool close() {
    Value value = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return add(std::move(value));
  }

  std::vector<Value> open_;
  std::vector<std::string> keys_;
  Value result_;
};

template <typename Writer>
struct Printer {
  Writer& out;
  void operator()(std::nullptr_t) const { out.Null(); }
  void operator()(bool flag) const { out.Bool(flag); }
  void operator()(std::int64_t number) const { out.Int64(number); }
  void operator()(std::uint64_t number) const { out.Uint64(number); }
  void operator()(double number) const { out.Double(number); }
  void operator()(const std::string& text) const {
    out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void operator()(const Value::Array& items) const {
    out.StartArray();
    for (const Value& item : items) std::visit(*this, item.data);
    out.EndArray();
  }
  void operator()(const Value::Object& members) const {
    out.StartObject();
    for (const Member& member : members) {
      out.Key(member.name.data(), static_cast<rapidjson::SizeType>(member.name.size()));
      std::visit(*this, member.value.data);
    }
    out.EndObject();
  }
};

}  // namespace

Value parse_json(std::string_view text) {
  const std::string owned(text);
  rapidjson::StringStream stream(owned.c_str());
  rapidjson::Reader reader;
  Builder builder;
  const rapidjson::ParseResult result =
      reader.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag>(stream,
                                                                                        builder);
  if (!result) {
    throw KitError("no JSON (" + std::string(rapidjson::GetParseError_En(result.Code())) +
                   "): " + owned.substr(0, 200));
  }
  return builder.take();
}

std::string to_json(const Value& value, bool pretty) {
  rapidjson::StringBuffer buffer;
  if (pretty) {
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
    writer.SetIndent(' ', 1);
    std::visit(Printer<decltype(writer)>{writer}, value.data);
  } else {
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    std::visit(Printer<decltype(writer)>{writer}, value.data);
  }
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace kit
