#include "payload/cbor/view.hpp"

#include <fmt/core.h>

#include <utility>

#include "payload/cbor/head.hpp"
#include "payload/cbor/notation.hpp"
#include "payload/cbor/number.hpp"

namespace mq::cbor {
namespace {

constexpr std::uint64_t tag_positive_big = 2;
constexpr std::uint64_t tag_negative_big = 3;
constexpr std::uint64_t tag_decimal_fraction = 4;
constexpr std::uint64_t tag_bigfloat = 5;

Value simple_view(std::uint64_t number) {
  switch (number) {
    case 20:
    case 21:
      return Value::boolean(number == 21);
    case 22:
    case 23:
      return Value::null();
    default:
      return Value::of_text(fmt::format("simple({})", number));
  }
}

Value float_view(const Head& head) {
  if (head.float_size == 2) return Value::number(half_spelling(head.number));
  if (head.float_size == 4) return Value::number(static_cast<float>(head.number));
  return Value::number(head.number);
}

// What a tag makes of its content's view.
Value tagged_view(std::uint64_t tag, Value content) {
  using Kind = Value::Kind;
  if (tag == tag_positive_big || tag == tag_negative_big) {
    if (content.kind != Kind::bytes || content.text.size() > longest_big_integer) return content;
    return Value::number(decimal(content.text, tag == tag_negative_big));
  }
  if (tag == tag_decimal_fraction || tag == tag_bigfloat) {
    if (content.kind != Kind::array || content.items.size() != 2) return content;
    const Value& exponent = content.items[0];
    const Value& mantissa = content.items[1];
    if (exponent.kind != Kind::number || mantissa.kind != Kind::number) return content;
    auto number = scaled(mantissa.text, exponent.text, tag == tag_bigfloat ? 2 : 10);
    return number ? Value::number(std::move(*number)) : content;
  }
  return content;
}

// Recursion ends where check_item() has let it.
class Viewer {
 public:
  explicit Viewer(Bytes data) : heads_(data) {}

  Value item() { return contents(*heads_.next()); }
  bool done() const { return heads_.done(); }

 private:
  using Kind = Head::Kind;

  Value contents(const Head& head) {
    switch (head.kind) {
      case Kind::positive:
      case Kind::negative:
        return Value::number(decimal(head.argument, head.kind == Kind::negative));
      case Kind::bytes:
        return Value::of_bytes(string(head));
      case Kind::text:
        return Value::of_text(string(head));
      case Kind::array:
      case Kind::map:
        return items(head);
      case Kind::tag:
        return tagged_view(head.argument, item());
      case Kind::simple:
        return simple_view(head.argument);
      case Kind::floating:
        return float_view(head);
      case Kind::stop:
        break;
    }
    return Value::null();
  }

  std::string string(const Head& head) {
    if (!head.indefinite) return std::string(head.string);
    std::string whole;
    for (Head chunk = *heads_.next(); chunk.kind != Kind::stop; chunk = *heads_.next()) whole += chunk.string;
    return whole;
  }

  Value items(const Head& whole) {
    Value value = whole.kind == Kind::map ? Value::object() : Value::array();
    for (std::uint64_t i = 0; whole.indefinite || i < whole.argument; ++i) {
      const Head head = *heads_.next();
      if (head.kind == Kind::stop) break;
      if (whole.kind == Kind::map) {
        const std::string name = key(head);
        value.add(name, item());
      } else {
        value.add(contents(head));
      }
    }
    return value;
  }

  std::string key(const Head& head) {
    if (head.kind == Kind::text) return string(head);
    Buffer name;
    Ink ink(name, {});
    heads_ = Heads(heads_.data(), write_item(heads_.data(), head.offset, ink));
    return name;
  }

  Heads heads_;
};

}  // namespace

Value view_of_item(Bytes data) { return Viewer(data).item(); }

Value view_of_sequence(Bytes data) {
  Value items = Value::array();
  for (Viewer viewer(data); !viewer.done();) items.add(viewer.item());
  return items;
}

}  // namespace mq::cbor
