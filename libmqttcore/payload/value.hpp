// What a payload says, whatever its format: the one type that every codec converts to and from. It keeps what
// a JSON text says and trees of numbers lose: the order of members, members of the same name, and the
// spelling of each number. Owns all its text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mq {

// No codec makes a value deeper or of more parts than this, whatever the wire claims.
inline constexpr std::size_t deepest_value = 512;
inline constexpr std::size_t most_parts = 1'000'000;

struct Value {
  enum class Kind : std::uint8_t { null, boolean, number, text, bytes, array, object };

  Kind kind = Kind::null;
  bool truth = false;  // of a boolean
  std::string name{};  // of a member of an object; UTF-8
  // A number as JSON spells it (RFC 8259, 6), or NaN, Infinity, -Infinity, which JSON lacks; a text, UTF-8;
  // or bytes as they are.
  std::string text{};
  std::vector<Value> items{};  // elements of an array, members of an object in their order

  static Value null() { return {}; }
  static Value boolean(bool truth) { return {.kind = Kind::boolean, .truth = truth}; }
  static Value number(std::string spelling) { return {.kind = Kind::number, .text = std::move(spelling)}; }
  static Value number(std::int64_t number);
  static Value number(std::uint64_t number);
  // The shortest spelling that reads back as the same number; "1.0", not "1", for a whole one.
  static Value number(double number);
  static Value number(float number);
  static Value of_text(std::string text) { return {.kind = Kind::text, .text = std::move(text)}; }
  static Value of_bytes(std::string bytes) { return {.kind = Kind::bytes, .text = std::move(bytes)}; }
  static Value array() { return {.kind = Kind::array}; }
  static Value object() { return {.kind = Kind::object}; }

  // Appends to an array or an object; the reference holds until the next call.
  Value& add(Value item);
  Value& add(std::string_view member, Value item);

  // The last member of that name, as readers of JSON have it; nullptr when there is none.
  const Value* member(std::string_view wanted) const;

  friend bool operator==(const Value&, const Value&) = default;
};

// What RFC 6901's pointer ("/a/0/b~1c") leads to, nullptr when it leads nowhere; empty means `value` itself.
const Value* at_pointer(const Value& value, std::string_view pointer);

}  // namespace mq
