// Reads JSON text through typed accessors that know where in the document they are.
//
// A Document owns the parsed text, a Value is a cheap view of one node of it. Parsing code reads as
// a table:
//
//     return Mount{.destination = in.required_string("destination"),
//                  .options = in.strings("options"),
//                  .uid_mappings = in.list("uidMappings", parse_id_mapping)};
//
// Every wrong type, unknown word and number out of range throws a brig::Error that starts with the
// path of the property: `linux.resources.memory.limit: expected an integer, got a string`. The path
// is put together from parent pointers only when there is an error, so a Value must not outlive
// the Value or Document it came from.
//
// The rules follow Go's encoding/json, which most writers of these files use: null counts as
// absent, unknown members are ignored, and of members with the same name the last one wins.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace brig::json {

// One row of a table of fixed words: the spelling in JSON and what it stands for.
template <class T>
struct Word {
  std::string_view name;
  T value;
};

class Value {
 public:
  // Where this value is in the document: `process.rlimits[2].type`; empty for the whole document.
  [[nodiscard]] std::string path() const;

  // Throws Error "path: problem".
  [[noreturn]] void fail(std::string_view problem) const;

  [[nodiscard]] bool is_object() const noexcept;

  // --- This value itself; each throws an Error when the type is another one.

  // The text lives as long as the Document.
  [[nodiscard]] std::string_view as_text() const;
  [[nodiscard]] std::string as_string() const { return std::string(as_text()); }
  [[nodiscard]] bool as_boolean() const;

  // A whole number that fits T.
  template <std::integral T>
  [[nodiscard]] T as_integer() const {
    return static_cast<T>(
        integer_bits(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }

  // The value that `table` gives for this text; an unknown text is an Error that lists the table.
  template <class T, std::size_t N>
  [[nodiscard]] T as_word(const std::array<Word<T>, N>& table) const {
    const std::string_view text = as_text();
    for (const Word<T>& word : table)
      if (word.name == text) return word.value;
    std::array<std::string_view, N> names;
    for (std::size_t i = 0; i < N; ++i) names[i] = table[i].name;
    fail_unknown_word(names.data(), N);
  }

  // The text, which must be one of `words`.
  template <std::size_t N>
  [[nodiscard]] std::string as_one_of(const std::array<std::string_view, N>& words) const {
    const std::string_view text = as_text();
    for (const std::string_view word : words)
      if (word == text) return std::string(text);
    fail_unknown_word(words.data(), N);
  }

  // --- Members of this object; each throws an Error when this value is no object.

  // The member `key`; nothing when it is absent or null.
  [[nodiscard]] std::optional<Value> find(std::string_view key) const&;
  std::optional<Value> find(std::string_view key) const&& = delete;
  // The same; absent or null is an Error "path.key: required property is missing".
  [[nodiscard]] Value require(std::string_view key) const&;
  Value require(std::string_view key) const&& = delete;

  // Strings. Absent: an Error, the empty string, nothing.
  [[nodiscard]] std::string required_string(std::string_view key) const;
  [[nodiscard]] std::string string(std::string_view key) const;
  [[nodiscard]] std::optional<std::string> optional_string(std::string_view key) const;

  // Booleans. Absent: false, nothing.
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] std::optional<bool> optional_boolean(std::string_view key) const;

  // Whole numbers. Absent: an Error, 0, nothing.
  template <std::integral T>
  [[nodiscard]] T required_integer(std::string_view key) const {
    return require(key).template as_integer<T>();
  }
  template <std::integral T>
  [[nodiscard]] T integer(std::string_view key) const {
    return optional_integer<T>(key).value_or(T{0});
  }
  template <std::integral T>
  [[nodiscard]] std::optional<T> optional_integer(std::string_view key) const {
    const std::optional<Value> member = find(key);
    if (!member) return std::nullopt;
    return member->template as_integer<T>();
  }

  // Fixed words. Absent: an Error, nothing.
  template <class T, std::size_t N>
  [[nodiscard]] T required_word(std::string_view key, const std::array<Word<T>, N>& table) const {
    return require(key).as_word(table);
  }
  template <class T, std::size_t N>
  [[nodiscard]] std::optional<T> optional_word(std::string_view key,
                                               const std::array<Word<T>, N>& table) const {
    const std::optional<Value> member = find(key);
    if (!member) return std::nullopt;
    return member->as_word(table);
  }

  // An array of strings; absent is empty.
  [[nodiscard]] std::vector<std::string> strings(std::string_view key) const;

  // An object whose members are all strings; absent is empty.
  [[nodiscard]] std::map<std::string, std::string> string_map(std::string_view key) const;

  // What `parse(const Value&)` makes of the member `key`; nothing when it is absent.
  template <class Parse>
  [[nodiscard]] auto optional(std::string_view key, Parse&& parse) const
      -> std::optional<std::invoke_result_t<Parse&, const Value&>> {
    const std::optional<Value> member = find(key);
    if (!member) return std::nullopt;
    return parse(*member);
  }

  // What `parse(const Value&)` makes of each element of the array `key`; absent is empty.
  template <class Parse>
  [[nodiscard]] auto list(std::string_view key, Parse&& parse) const
      -> std::vector<std::invoke_result_t<Parse&, const Value&>> {
    std::vector<std::invoke_result_t<Parse&, const Value&>> result;
    const std::optional<Value> array = find(key);
    if (!array) return result;
    result.reserve(array->array_size());
    for (std::size_t i = 0; i < array->array_size(); ++i)
      result.push_back(parse(array->element(i)));
    return result;
  }

  // What `parse(const Value&)` makes of each member of the object `key`, by name; absent is empty.
  template <class Parse>
  [[nodiscard]] auto map(std::string_view key, Parse&& parse) const
      -> std::map<std::string, std::invoke_result_t<Parse&, const Value&>> {
    std::map<std::string, std::invoke_result_t<Parse&, const Value&>> result;
    const std::optional<Value> object = find(key);
    if (!object) return result;
    for (std::size_t i = 0; i < object->member_count(); ++i) {
      const Value item = object->member(i);
      result.insert_or_assign(std::string(item.key_), parse(item));
    }
    return result;
  }

  // Calls `visit(const Value&)` for each element of the array `key`; absent is empty.
  template <class Visit>
  void each(std::string_view key, Visit&& visit) const {
    const std::optional<Value> array = find(key);
    if (!array) return;
    for (std::size_t i = 0; i < array->array_size(); ++i) visit(array->element(i));
  }

 private:
  friend class Document;
  Value(const void* node, const Value* parent, std::string_view key, std::size_t index) noexcept
      : node_(node), parent_(parent), key_(key), index_(index) {}

  void append_path(std::string& out) const;
  [[noreturn]] void fail_type(std::string_view expected) const;
  [[noreturn]] void fail_unknown_word(const std::string_view* words, std::size_t count) const;
  // The two's complement of an integer within [min, max].
  [[nodiscard]] std::uint64_t integer_bits(std::int64_t min, std::uint64_t max) const;
  [[nodiscard]] std::size_t array_size() const;
  [[nodiscard]] Value element(std::size_t index) const;
  [[nodiscard]] std::size_t member_count() const;
  [[nodiscard]] Value member(std::size_t index) const;

  const void* node_;       // the RapidJSON value
  const Value* parent_;    // null for the document itself
  std::string_view key_;   // name within an object; data() is null for an array element
  std::size_t index_ = 0;  // position within an array
};

class Document {
 public:
  // Deeper nesting than this is refused; no OCI document needs more than ten levels.
  static constexpr int kMaxDepth = 64;

  // Parses one JSON text (UTF-8, RFC 8259). Throws Error "line L, column C: what is wrong".
  explicit Document(std::string_view text);
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;
  ~Document();

  // The whole document, as long as this object lives.
  [[nodiscard]] const Value& root() const noexcept { return root_; }

  // The part of `text`, of which this was made, that is the value of root()'s member `key`; nothing
  // when it is absent or null.
  [[nodiscard]] std::optional<std::string_view> text_of(std::string_view key,
                                                        std::string_view text) const;

 private:
  struct Parsed;
  std::unique_ptr<Parsed> parsed_;
  Value root_;
};

}  // namespace brig::json
