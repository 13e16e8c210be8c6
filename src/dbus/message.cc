#include "dbus/message.h"

#include <bit>
#include <cstring>

#include "base/concat.h"
#include "brig/error.h"

namespace brig::dbus {

namespace {

// Both ends are on one machine, so both use its byte order.
constexpr char kByteOrder = std::endian::native == std::endian::little ? 'l' : 'B';
constexpr std::size_t kFixedHeader = 16;  // up to and with the length of the header fields
// A value takes up to fifty times its bytes on the wire, which bounds the memory too.
constexpr std::size_t kLongestMessage = 1U << 20U;
constexpr int kMaxDepth = 64;

enum Field : std::uint8_t {
  kPath = 1,
  kInterface,
  kMember,
  kErrorName,
  kReplySerial,
  kDestination,
  kSender,
  kSignature,
};

[[noreturn]] void malformed(std::string_view what) {
  throw Error(concat("D-Bus: got a malformed message: ", what));
}

// The width of a number on the wire.
std::size_t width(char code) { return code == 'y' ? 1 : alignment(code); }

class Encoder {
 public:
  void put(const Value& value) {
    const char code = value.type.at(0);
    align(alignment(code));
    if (value.type == "ay") {
      put_text(value.text);
    } else if (code == 's' || code == 'o') {
      put_string(value.text);
    } else if (code == 'g') {
      put_signature(value.text);
    } else if (code == 'v') {
      put_signature(value.items.at(0).type);
      put(value.items[0]);
    } else if (code == 'a') {
      put_array(value);
    } else if (code == '(' || code == '{') {
      for (const Value& item : value.items) put(item);
    } else {
      put_number(value.number, width(code));
    }
  }
  void align(std::size_t boundary) {
    while (out_.size() % boundary != 0) out_ += '\0';
  }
  void put_number(std::uint64_t number, std::size_t size) {
    char raw[sizeof number];
    const std::uint8_t byte = static_cast<std::uint8_t>(number);
    const std::uint16_t half = static_cast<std::uint16_t>(number);
    const std::uint32_t word = static_cast<std::uint32_t>(number);
    const void* from = &number;
    if (size == 1) from = &byte;
    if (size == 2) from = &half;
    if (size == 4) from = &word;
    std::memcpy(raw, from, size);
    out_.append(raw, size);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void put_text(std::string_view text) {
    put_number(text.size(), 4);
    out_.append(text);
  }
  void put_string(std::string_view text) {
    check_text(text);
    put_text(text);
    out_ += '\0';
  }
  void put_signature(std::string_view text) {
    check_text(text);
    if (text.size() > 255) throw Error("D-Bus: a type of more than 255 characters");
    put_number(text.size(), 1);
    out_.append(text);
    out_ += '\0';
  }
  void put_array(const Value& value) {
    const std::size_t length_at = out_.size();
    put_number(0, 4);
    align(alignment(value.type.at(1)));  // not counted in the length
    const std::size_t start = out_.size();
    for (const Value& item : value.items) put(item);
    const std::uint32_t length = static_cast<std::uint32_t>(out_.size() - start);
    std::memcpy(out_.data() + length_at, &length, sizeof length);
  }
  static void check_text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos)
      throw Error("D-Bus: a string contains a NUL byte");
  }

  std::string out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  Value take(std::string_view type, int depth = 0) {
    if (depth > kMaxDepth) malformed("nested too deeply");
    Value value;
    value.type = std::string(type);
    const char code = type.at(0);
    align(alignment(code));
    if (type == "ay") {
      value.text = std::string(take_bytes(take_number(4)));
    } else if (code == 's' || code == 'o') {
      value.text = take_string(take_number(4));
    } else if (code == 'g') {
      value.text = take_string(take_number(1));
    } else if (code == 'v') {
      value.items.push_back(take_variant(depth));
    } else if (code == 'a') {
      take_elements(value, type.substr(1), depth);
    } else if (code == '(' || code == '{') {
      for (std::string_view members = type.substr(1, type.size() - 2); !members.empty();)
        value.items.push_back(take(take_type(members), depth + 1));
    } else {
      value.number = take_number(width(code));
      if (code == 'n') value.number = extend<std::int16_t>(value.number);
      if (code == 'i') value.number = extend<std::int32_t>(value.number);
    }
    return value;
  }
  void align(std::size_t boundary) {
    while (at_ % boundary != 0) take_bytes(1);
  }
  std::uint64_t take_number(std::size_t size) {
    const std::string_view raw = take_bytes(size);
    std::uint8_t byte = 0;
    std::uint16_t half = 0;
    std::uint32_t word = 0;
    std::uint64_t number = 0;
    void* to = &number;
    if (size == 1) to = &byte;
    if (size == 2) to = &half;
    if (size == 4) to = &word;
    std::memcpy(to, raw.data(), size);
    return number + byte + half + word;  // one of them was read
  }
  std::string_view take_bytes(std::uint64_t size) {
    if (size > bytes_.size() - at_) malformed("a length beyond its end");
    const std::string_view part = bytes_.substr(at_, size);
    at_ += size;
    return part;
  }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] bool at_end() const noexcept { return at_ == bytes_.size(); }

 private:
  // The number as Value has it: negative ones are negative in 64 bits too.
  template <class Number>
  static std::uint64_t extend(std::uint64_t number) {
    return static_cast<std::uint64_t>(std::int64_t{static_cast<Number>(number)});
  }
  std::string take_string(std::uint64_t size) {
    std::string text(take_bytes(size));
    if (take_bytes(1)[0] != '\0' || text.find('\0') != std::string::npos)
      malformed("a string that does not end where it says");
    return text;
  }
  Value take_variant(int depth) {
    const std::string signature = take_string(take_number(1));
    std::string_view rest = signature;
    const std::string_view type = take_type(rest);
    if (!rest.empty()) malformed("a variant of more than one type");
    return take(type, depth + 1);
  }
  void take_elements(Value& value, std::string_view type, int depth) {
    const std::uint64_t length = take_number(4);
    align(alignment(type.at(0)));
    if (length > bytes_.size() - at_) malformed("an array beyond its end");
    const std::size_t end = at_ + length;
    // The braces of a dict entry are part of its array's type only.
    std::string_view entry = type;
    if (type[0] != '{') entry = take_type(entry);
    while (at_ < end) value.items.push_back(take(entry, depth + 1));
    if (at_ != end) malformed("an array that does not end where it says");
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

Value field(Field code, Value value) {
  return structure({number('y', code), variant(std::move(value))});
}

Value text_of(char type, std::string_view text) {
  Value value = string(text);
  value.type = std::string(1, type);
  return value;
}

void take_field(Message& message, const Value& entry) {
  const Value& value = entry.items[1].items[0];
  const auto text = [&](std::string_view type) {
    if (value.type != type) malformed("a header field of the wrong type");
    return value.text;
  };
  switch (entry.items[0].number) {
    case kPath:
      message.path = text("o");
      break;
    case kInterface:
      message.interface = text("s");
      break;
    case kMember:
      message.member = text("s");
      break;
    case kErrorName:
      message.error_name = text("s");
      break;
    case kDestination:
      message.destination = text("s");
      break;
    case kSignature:
      message.signature = text("g");
      break;
    case kReplySerial:
      if (value.type != "u") malformed("a header field of the wrong type");
      message.reply_serial = static_cast<std::uint32_t>(value.number);
      break;
    default:
      break;  // unknown fields must be ignored
  }
}

// D-Bus specification, "Message Types": the fields without which the message means nothing.
void check_fields(const Message& message) {
  const bool has_member = !message.path.empty() && !message.member.empty();
  switch (message.type) {
    case MessageType::kCall:
      if (!has_member) malformed("a call without path or member");
      break;
    case MessageType::kReturn:
      if (message.reply_serial == 0) malformed("a return without the serial of its call");
      break;
    case MessageType::kError:
      if (message.reply_serial == 0) malformed("an error without the serial of its call");
      if (message.error_name.empty()) malformed("an error without a name");
      break;
    case MessageType::kSignal:
      if (!has_member || message.interface.empty())
        malformed("a signal without path, interface or member");
      break;
  }
}

std::size_t aligned_to_8(std::size_t size) { return (size + 7) / 8 * 8; }

}  // namespace

void make_body(Message& message, const std::vector<Value>& values) {
  Encoder body;
  message.signature.clear();
  for (const Value& value : values) {
    message.signature += value.type;
    body.put(value);
  }
  message.body = body.take();
}

std::vector<Value> read_body(const Message& message) {
  std::vector<Value> values;
  Decoder body(message.body);
  for (std::string_view rest = message.signature; !rest.empty();)
    values.push_back(body.take(take_type(rest)));
  if (!body.at_end()) malformed("bytes after the last argument");
  return values;
}

std::string encode(const Message& message) {
  std::vector<Value> fields;
  const auto add = [&](Field code, char type, const std::string& text) {
    if (!text.empty()) fields.push_back(field(code, text_of(type, text)));
  };
  add(kPath, 'o', message.path);
  add(kInterface, 's', message.interface);
  add(kMember, 's', message.member);
  add(kErrorName, 's', message.error_name);
  if (message.reply_serial != 0)
    fields.push_back(field(kReplySerial, uint32(message.reply_serial)));
  add(kDestination, 's', message.destination);
  add(kSignature, 'g', message.signature);

  Encoder out;
  out.put_number(static_cast<unsigned char>(kByteOrder), 1);
  out.put_number(static_cast<std::uint8_t>(message.type), 1);
  out.put_number(message.flags, 1);
  out.put_number(1, 1);  // the version of the protocol
  out.put_number(message.body.size(), 4);
  out.put_number(message.serial, 4);
  out.put(array("(yv)", std::move(fields)));
  out.align(8);
  std::string bytes = out.take();
  bytes += message.body;
  if (bytes.size() > kLongestMessage) throw Error("D-Bus: the message is too long");
  return bytes;
}

std::optional<std::size_t> message_size(std::string_view bytes) {
  if (bytes.size() < kFixedHeader) return std::nullopt;
  Decoder header(bytes);
  if (header.take_bytes(1)[0] != kByteOrder) malformed("a foreign byte order");
  header.take_bytes(2);
  if (header.take_number(1) != 1) malformed("an unknown version");
  const std::size_t body = header.take_number(4);
  header.take_bytes(4);
  const std::size_t fields = header.take_number(4);
  if (body > kLongestMessage || fields > kLongestMessage) malformed("more than 1 MiB");
  const std::size_t size = aligned_to_8(kFixedHeader + fields) + body;
  if (size > kLongestMessage) malformed("more than 1 MiB");
  return size;
}

Message decode(std::string_view bytes) {
  const std::optional<std::size_t> size = message_size(bytes);
  if (!size || *size != bytes.size()) malformed("not as long as it says");
  Decoder in(bytes);
  Message message;
  in.take_bytes(1);
  const std::uint64_t type = in.take_number(1);
  if (type == 0) malformed("the type 0");
  message.type = static_cast<MessageType>(type);
  message.flags = static_cast<std::uint8_t>(in.take_number(1));
  in.take_bytes(1);
  const std::uint64_t body = in.take_number(4);
  message.serial = static_cast<std::uint32_t>(in.take_number(4));
  for (const Value& entry : in.take("a(yv)").items) take_field(message, entry);
  check_fields(message);
  in.align(8);
  message.body = std::string(in.take_bytes(body));
  return message;
}

}  // namespace brig::dbus
