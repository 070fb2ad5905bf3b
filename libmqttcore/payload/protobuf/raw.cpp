#include "payload/protobuf/raw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <utility>

#include "base/utf8.hpp"
#include "payload/protobuf/field_names.hpp"

namespace mq {
namespace {

bool reads_as_message(Bytes data, std::size_t groups) {
  if (data.empty() || groups == 0) return false;
  WireReader reader(data, groups);
  while (!reader.done())
    if (!reader.next()) return false;
  return true;
}

std::size_t one_less(std::size_t guesses) { return guesses == 0 ? 0 : guesses - 1; }

std::optional<Value> value_of(const WireField& field, std::size_t guesses, std::size_t& parts);

// Fields of the same number become an array where the first of them stands. `data` is known to read.
std::optional<Value> message_value(Bytes data, std::size_t guesses, std::size_t& parts) {
  Value message = Value::object();
  // The sender chooses the numbers, and could choose ones that a hash table has in one place.
  std::map<std::uint32_t, std::pair<std::size_t, bool>> seen;  // index, whether an array by now
  WireReader reader(data, raw_groups);
  while (!reader.done()) {
    const auto field = reader.next();
    if (!field) return std::nullopt;
    auto value = value_of(*field, guesses, parts);
    if (!value) return std::nullopt;
    const auto [place, fresh] = seen.try_emplace(field->number, message.items.size(), false);
    if (fresh) {
      message.add(fmt::format_int(field->number).str(), std::move(*value));
      continue;
    }
    add_again(message.items[place->second.first], place->second.second, std::move(*value));
  }
  return message;
}

std::optional<Value> value_of(const WireField& field, std::size_t guesses, std::size_t& parts) {
  if (++parts > most_parts) return std::nullopt;
  if (field.type == WireType::group) return message_value(field.bytes, one_less(guesses), parts);
  if (field.type != WireType::bytes) return Value::number(field.bits);
  if (reads_as_message(field.bytes, guesses)) return message_value(field.bytes, guesses - 1, parts);
  Buffer text(field.bytes);
  return is_utf8(text) ? Value::of_text(std::move(text)) : Value::of_bytes(std::move(text));
}

// A fixed field as the number that a person would look for; tiny and huge ones are more likely integers.
template <class Float>
std::string as_float(Float number) {
  const Float size = std::abs(number);
  const bool likely = size == 0 || (size > Float(1e-9) && size < Float(1e15));
  return likely ? Value::number(number).text : std::string();
}

void write_number(const WireField& field, TextFormat& text) {
  if (field.type == WireType::varint) {
    text.scalar(Part::number, fmt::format_int(field.bits).str());
    if (field.bits >> 63U != 0) text.note(fmt::format_int(static_cast<std::int64_t>(field.bits)).str());
    return;
  }
  const bool wide = field.type == WireType::fixed64;
  text.scalar(Part::number,
              wide ? fmt::format("0x{:016x}", field.bits) : fmt::format("0x{:08x}", field.bits));
  const std::string other = wide ? as_float(std::bit_cast<double>(field.bits))
                                 : as_float(std::bit_cast<float>(static_cast<std::uint32_t>(field.bits)));
  if (!other.empty()) text.note(other);
}

void write_message(Bytes data, std::size_t guesses, TextFormat& text);

void write_field(const WireField& field, std::size_t guesses, TextFormat& text) {
  text.name(fmt::format_int(field.number).str());
  const bool group = field.type == WireType::group;
  if (group || (field.type == WireType::bytes && reads_as_message(field.bytes, guesses))) {
    text.open();
    write_message(field.bytes, one_less(guesses), text);
    text.close();
  } else if (field.type == WireType::bytes) {
    text.literal(field.bytes);
  } else {
    write_number(field, text);
  }
}

void write_message(Bytes data, std::size_t guesses, TextFormat& text) {
  WireReader reader(data, raw_groups);
  while (!reader.done()) {
    const auto field = reader.next();
    if (!field) return;
    write_field(*field, guesses, text);
  }
}

}  // namespace

Result<Value> raw_value(Bytes data) {
  WireReader reader(data, raw_groups);
  while (!reader.done()) {
    if (const auto field = reader.next(); !field)
      return fail(ErrorKind::payload, fmt::format("this is no Protocol Buffers message: at byte {}, {}",
                                                  reader.at(), describe(field.error())));
  }
  std::size_t parts = 0;
  auto value = message_value(data, raw_guesses, parts);
  if (!value) return fail(ErrorKind::payload, fmt::format("this has more than {} parts", most_parts));
  return std::move(*value);
}

std::optional<Value> raw_field_value(const WireField& field, std::size_t& parts) {
  return value_of(field, raw_guesses, parts);
}

void write_raw(Bytes data, Ink& ink) {
  TextFormat text(ink);
  write_message(data, raw_guesses, text);
}

void write_raw_field(const WireField& field, TextFormat& text) { write_field(field, raw_guesses, text); }

}  // namespace mq
