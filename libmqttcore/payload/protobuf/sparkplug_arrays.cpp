// Arrays of numbers are packed little-endian; booleans as a count of 32 bits and then one bit each, the
// highest first; texts end with a NUL each.
#include <bit>
#include <limits>
#include <utility>

#include "payload/protobuf/proto_wire.hpp"
#include "payload/protobuf/scalars.hpp"
#include "payload/protobuf/sparkplug_types.hpp"
#include "payload/protobuf/sparkplug_view.hpp"

namespace mq {
namespace {

using enum SparkplugKind;

Value number_value(const SparkplugType& type, std::uint64_t bits) {
  const unsigned unused = static_cast<unsigned>(64 - 8 * type.size);
  switch (type.kind) {
    case signed_number:
    case SparkplugKind::time:
      return Value::number(static_cast<std::int64_t>(bits << unused) >> unused);
    case real32:
      return Value::number(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
    case real64:
      return Value::number(std::bit_cast<double>(bits));
    default:
      return Value::number(bits);
  }
}

std::optional<Value> booleans(Bytes packed, std::size_t& parts) {
  const auto count = take_fixed(packed, 4);
  if (!count || *count > packed.size() * 8 || packed.size() != (*count + 7) / 8) return std::nullopt;
  Value array = Value::array();
  for (std::size_t i = 0; i < *count && ++parts <= most_parts; ++i)
    array.add(Value::boolean((octet(packed[i / 8]) >> (7 - i % 8) & 1) != 0));
  return array;
}

std::optional<Value> texts(Bytes packed, std::size_t& parts) {
  if (!packed.empty() && packed.back() != '\0') return std::nullopt;
  Value array = Value::array();
  while (!packed.empty() && ++parts <= most_parts) {
    const Bytes one = packed.substr(0, packed.find('\0'));
    array.add(utf8_value(one));
    packed.remove_prefix(one.size() + 1);
  }
  return array;
}

std::optional<std::uint64_t> bits_of(const SparkplugType& type, const Value& value) {
  const unsigned bits = static_cast<unsigned>(8 * type.size);
  if (type.kind == real64) {
    const auto number = real_number(value);
    return number ? std::optional(std::bit_cast<std::uint64_t>(*number)) : std::nullopt;
  }
  if (type.kind == real32) {
    const auto number = real_float(value);
    return number ? std::optional<std::uint64_t>(std::bit_cast<std::uint32_t>(*number)) : std::nullopt;
  }
  if (type.kind == unsigned_number) {
    const auto number = whole_unsigned(value);
    return number && *number <= std::numeric_limits<std::uint64_t>::max() >> (64 - bits) ? number
                                                                                         : std::nullopt;
  }
  const auto number = whole_number(value);
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() >> (64 - bits);
  if (!number || *number > most || *number < -most - 1) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

}  // namespace

std::optional<Value> sparkplug_array(std::uint32_t type, Bytes packed, std::size_t& parts) {
  const SparkplugType& element = *sparkplug_type(type);
  if (element.kind == boolean) return booleans(packed, parts);
  if (element.kind == text) return texts(packed, parts);
  if (packed.size() % element.size != 0) return std::nullopt;
  Value array = Value::array();
  while (!packed.empty() && ++parts <= most_parts)
    array.add(number_value(element, *take_fixed(packed, element.size)));
  return array;
}

std::optional<Buffer> packed_array(std::uint32_t type, const Value& array, std::string& pointer) {
  const SparkplugType& element = *sparkplug_type(type);
  if (array.kind != Value::Kind::array) return std::nullopt;
  Buffer out;
  if (element.kind == boolean) {
    put_fixed(out, array.items.size(), 4);
    out.append((array.items.size() + 7) / 8, '\0');
  }
  for (std::size_t i = 0; i < array.items.size(); ++i) {
    const Value& item = array.items[i];
    const std::string here = pointer_to(pointer, i);
    const auto bits = element.size > 0 ? bits_of(element, item) : std::nullopt;
    if (element.kind == boolean && item.kind == Value::Kind::boolean) {
      if (item.truth) out[4 + i / 8] = static_cast<char>(octet(out[4 + i / 8]) | 0x80U >> i % 8);
    } else if (element.kind == text && item.kind == Value::Kind::text && !item.text.contains('\0')) {
      out += item.text + '\0';
    } else if (bits) {
      put_fixed(out, *bits, element.size);
    } else {
      pointer = here;
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace mq
