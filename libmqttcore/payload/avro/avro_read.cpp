#include <fmt/core.h>

#include <bit>
#include <utility>

#include "base/utf8.hpp"
#include "payload/avro/avro_binary.hpp"

namespace mq {
namespace {

std::uint64_t little_endian(Bytes bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) bits = bits << 8U | octet(bytes[i - 1]);
  return bits;
}

}  // namespace

std::unexpected<Error> AvroReader::wrong(std::string_view what) const {
  return fail(ErrorKind::payload,
              fmt::format("this does not fit the Avro schema: at byte {}, {}", at(), what));
}

std::unexpected<Error> AvroReader::too_many_parts() const {
  return wrong(fmt::format("it has more than {} parts", most_parts));
}

bool AvroReader::has_room(std::size_t more) {
  parts_ += more;
  return parts_ <= most_parts;
}

Result<std::int64_t> AvroReader::long_number() {
  std::uint64_t bits = 0;
  constexpr std::size_t most_bytes = 10;
  for (std::size_t i = 0; i < most_bytes; ++i) {
    if (i == left_.size()) return wrong("it ends inside a number");
    // The tenth byte has room for one bit more.
    if (i == most_bytes - 1 && octet(left_[i]) > 1) break;
    bits |= (octet(left_[i]) & 0x7FULL) << (7 * i);
    if (octet(left_[i]) >= 0x80) continue;
    left_.remove_prefix(i + 1);
    return static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1U));
  }
  return wrong("a number is longer than 64 bits");
}

Result<Bytes> AvroReader::bytes(std::uint64_t size, std::string_view what) {
  if (size > left_.size())
    return wrong(fmt::format("{} of {} bytes is longer than what is left", what, size));
  const Bytes taken = left_.substr(0, size);
  left_.remove_prefix(size);
  return taken;
}

Result<Bytes> AvroReader::sized(std::string_view what) {
  const auto size = long_number();
  if (!size) return std::unexpected(size.error());
  if (*size < 0) return wrong(fmt::format("{} has a length below 0", what));
  return bytes(static_cast<std::uint64_t>(*size), what);
}

Result<Value> AvroReader::real(bool wide) {
  const auto bits = bytes(wide ? 8 : 4, wide ? "a double" : "a float");
  if (!bits) return std::unexpected(bits.error());
  return wide ? Value::number(std::bit_cast<double>(little_endian(*bits)))
              : Value::number(std::bit_cast<float>(static_cast<std::uint32_t>(little_endian(*bits))));
}

Result<Value> AvroReader::record(const AvroType& type, std::size_t level) {
  Value object = Value::object();
  for (const AvroField& field : type.fields) {
    if (!has_room_for(field.name)) return too_many_parts();
    auto value = datum(*field.type, level + 1);
    if (!value) return value;
    object.add(field.name, std::move(*value));
  }
  return object;
}

// Blocks of a count and so many items; a count below 0 stands for one above it and is followed by the block's
// size in bytes. A count of 0 ends them.
Result<Value> AvroReader::blocks(const AvroType& type, std::size_t level) {
  const bool is_map = type.kind == AvroKind::map;
  Value all = is_map ? Value::object() : Value::array();
  while (true) {
    const auto count = long_number();
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return all;
    std::optional<std::size_t> end;
    if (*count < 0) {
      const auto size = long_number();
      if (!size) return std::unexpected(size.error());
      if (*size < 0 || static_cast<std::uint64_t>(*size) > left_.size())
        return wrong("a block is longer than what is left");
      end = at() + static_cast<std::size_t>(*size);
    }
    const std::uint64_t items =
        *count < 0 ? 0 - static_cast<std::uint64_t>(*count) : static_cast<std::uint64_t>(*count);
    for (std::uint64_t i = 0; i < items; ++i) {
      std::string name;
      if (is_map) {
        const auto key = sized("a key");
        if (!key) return std::unexpected(key.error());
        if (!is_utf8(*key)) return wrong("a key is not UTF-8");
        name = *key;
      }
      auto item = datum(*type.items, level + 1);
      if (!item) return item;
      item->name = std::move(name);
      all.add(std::move(*item));
    }
    if (end && *end != at()) return wrong("a block is not as long as it claims");
  }
}

Result<Value> AvroReader::choice(const AvroType& type, std::size_t level) {
  const auto index = long_number();
  if (!index) return std::unexpected(index.error());
  if (*index < 0 || static_cast<std::uint64_t>(*index) >= type.branches.size())
    return wrong(fmt::format("the union has no branch {}", *index));
  return datum(*type.branches[static_cast<std::size_t>(*index)], level);
}

Result<Value> AvroReader::datum(const AvroType& type, std::size_t level) {
  if (level > deepest_value) return wrong(fmt::format("it is nested deeper than {} levels", deepest_value));
  if (!has_room(1)) return too_many_parts();
  switch (type.kind) {
    case AvroKind::null:
      return Value::null();
    case AvroKind::boolean: {
      const auto byte = bytes(1, "a boolean");
      if (!byte) return std::unexpected(byte.error());
      if (octet(byte->front()) > 1) return wrong("a boolean is neither 0 nor 1");
      return Value::boolean(byte->front() != 0);
    }
    case AvroKind::int_number:
    case AvroKind::long_number:
    case AvroKind::enumeration: {
      const auto number = long_number();
      if (!number) return std::unexpected(number.error());
      if (type.kind == AvroKind::int_number && !std::in_range<std::int32_t>(*number))
        return wrong("a number is longer than 32 bits");
      if (type.kind != AvroKind::enumeration) return Value::number(*number);
      if (*number < 0 || static_cast<std::uint64_t>(*number) >= type.symbols.size())
        return wrong(fmt::format("{} has no symbol {}", type.name, *number));
      const std::string& symbol = type.symbols[static_cast<std::size_t>(*number)];
      if (!has_room_for(symbol)) return too_many_parts();
      return Value::of_text(symbol);
    }
    case AvroKind::float_number:
    case AvroKind::double_number:
      return real(type.kind == AvroKind::double_number);
    case AvroKind::bytes:
    case AvroKind::string: {
      const auto found = sized(type.kind == AvroKind::bytes ? "a value" : "a text");
      if (!found) return std::unexpected(found.error());
      if (type.kind == AvroKind::bytes) return Value::of_bytes(Buffer(*found));
      if (!is_utf8(*found)) return wrong("a text is not UTF-8");
      return Value::of_text(Buffer(*found));
    }
    case AvroKind::fixed: {
      const auto found = bytes(type.size, type.name);
      if (!found) return std::unexpected(found.error());
      return Value::of_bytes(Buffer(*found));
    }
    case AvroKind::record:
      return record(type, level);
    case AvroKind::array:
    case AvroKind::map:
      return blocks(type, level);
    case AvroKind::union_of:
      return choice(type, level);
  }
  return wrong("there is no such type");
}

}  // namespace mq
