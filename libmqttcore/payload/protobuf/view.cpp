// The JSON view, by proto3's JSON mapping in spirit: names as in the .proto file, 64-bit numbers as numbers.
#include "payload/protobuf/view.hpp"

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <bit>
#include <optional>
#include <string>
#include <utility>

#include "base/utf8.hpp"
#include "payload/protobuf/field_names.hpp"
#include "payload/protobuf/rfc3339.hpp"
#include "payload/protobuf/scalars.hpp"
#include "payload/protobuf/well_known.hpp"

namespace mq {
namespace {

using pb::Descriptor;
using pb::FieldDescriptor;

// A map without a value has its type's default, which is no wire value at all.
const ProtoValue absent;

class View {
 public:
  Value message(const ProtoMessage& message);
  bool full() const { return parts_ > most_parts; }

 private:
  Value plain(const ProtoMessage& message, Value into);
  Value field(const ProtoField& field);
  Value map(const ProtoField& field);
  Value value(const FieldDescriptor& field, const ProtoValue& value);
  std::optional<Value> well_known(const ProtoMessage& message);
  Value json_value(const ProtoMessage& message);
  Value any(const ProtoMessage& message);

  std::size_t parts_ = 0;
};

Value View::value(const FieldDescriptor& field, const ProtoValue& value) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return Value::number(static_cast<std::int64_t>(value.bits));
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return Value::number(value.bits);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Value::number(std::bit_cast<double>(value.bits));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Value::number(std::bit_cast<float>(static_cast<std::uint32_t>(value.bits)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return Value::boolean(value.bits != 0);
    case FieldDescriptor::CPPTYPE_ENUM: {
      if (field.enum_type()->full_name() == "google.protobuf.NullValue") return Value::null();
      const auto* named = field.enum_type()->FindValueByNumber(static_cast<int>(value.bits));
      return named != nullptr ? Value::of_text(named->name())
                              : Value::number(static_cast<std::int64_t>(value.bits));
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES ? Value::of_bytes(Buffer(value.bytes))
                                                         : utf8_value(value.bytes);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (value.message != nullptr) return message(*value.message);
      const ProtoMessage empty{.type = field.message_type()};
      return message(empty);
    }
  }
  return {};
}

Value View::map(const ProtoField& field) {
  Value object = Value::object();
  const FieldDescriptor& key = *field.known->message_type()->map_key();
  const FieldDescriptor& mapped = *field.known->message_type()->map_value();
  for (const ProtoValue& entry : field.values) {
    const ProtoValue* entry_key = entry.message->value(1);
    const ProtoValue* entry_value = entry.message->value(2);
    Value name = value(key, entry_key != nullptr ? *entry_key : absent);
    if (name.kind == Value::Kind::boolean) name.text = name.truth ? "true" : "false";
    // A key that is no UTF-8 can be no name: what of it is, stands for it.
    if (name.kind == Value::Kind::bytes) name.text.resize(utf8_valid_prefix(name.text));
    Value shown = value(mapped, entry_value != nullptr ? *entry_value : absent);
    if (entry.message->has_unknown()) {
      // There is no place beside a plain value: the entry is shown as the message that it is.
      Value whole = Value::object();
      whole.add("key", value(key, entry_key != nullptr ? *entry_key : absent));
      whole.add("value", std::move(shown));
      add_unknown_fields(*entry.message, whole, parts_);
      shown = std::move(whole);
    }
    object.add(name.text, std::move(shown));
  }
  return object;
}

Value View::field(const ProtoField& field) {
  if (field.known->is_map()) return map(field);
  if (!field.known->is_repeated()) return value(*field.known, field.values.back());
  Value array = Value::array();
  array.items.reserve(field.values.size());
  for (const ProtoValue& one : field.values) array.add(value(*field.known, one));
  return array;
}

Value View::plain(const ProtoMessage& message, Value into) {
  for (const ProtoField& one : message.fields)
    if (one.known != nullptr) into.add(member_name(*one.known), field(one));
  if (message.has_unknown()) add_unknown_fields(message, into, parts_);
  return into;
}

std::int64_t number_in(const ProtoMessage& message, int number) {
  const ProtoValue* found = message.value(number);
  return found != nullptr ? static_cast<std::int64_t>(found->bits) : 0;
}

std::optional<std::string> duration_text(std::int64_t seconds, std::int64_t nanos) {
  constexpr std::int64_t most_seconds = 315'576'000'000;
  constexpr std::int64_t second = 1'000'000'000;
  if (seconds < -most_seconds || seconds > most_seconds || nanos <= -second || nanos >= second ||
      (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0))
    return std::nullopt;
  const bool minus = seconds < 0 || nanos < 0;
  return fmt::format("{}{}{}s", minus ? "-" : "", minus ? -seconds : seconds,
                     fraction_of(static_cast<std::int32_t>(minus ? -nanos : nanos)));
}

// google.protobuf.Value: one of null, number, text, truth, Struct and ListValue.
Value View::json_value(const ProtoMessage& message) {
  if (message.fields.empty()) return Value::null();
  return field(message.fields.front());
}

Value View::any(const ProtoMessage& message) {
  if (message.any == nullptr) return plain(message, Value::object());
  Value object = Value::object();
  object.add("@type", utf8_value(message.value(1)->bytes));
  if (auto value = well_known(*message.any)) {
    object.add("value", std::move(*value));
    return object;
  }
  if (well_known_type(*message.any->type) == Descriptor::WELLKNOWNTYPE_ANY) {
    object.add("value", any(*message.any));
    return object;
  }
  return plain(*message.any, std::move(object));
}

// The types that JSON has better words for; nullopt when this isn't one, or when its words would lose
// something.
std::optional<Value> View::well_known(const ProtoMessage& message) {
  if (message.has_unknown()) return std::nullopt;
  std::optional<std::string> text;
  switch (well_known_type(*message.type)) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      text = rfc3339({number_in(message, 1), static_cast<std::int32_t>(number_in(message, 2))});
      break;
    case Descriptor::WELLKNOWNTYPE_DURATION:
      text = duration_text(number_in(message, 1), number_in(message, 2));
      break;
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return message.fields.empty() ? Value::object() : map(message.fields.front());
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return message.fields.empty() ? Value::array() : field(message.fields.front());
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return json_value(message);
    case Descriptor::WELLKNOWNTYPE_DOUBLEVALUE:
    case Descriptor::WELLKNOWNTYPE_FLOATVALUE:
    case Descriptor::WELLKNOWNTYPE_INT64VALUE:
    case Descriptor::WELLKNOWNTYPE_UINT64VALUE:
    case Descriptor::WELLKNOWNTYPE_INT32VALUE:
    case Descriptor::WELLKNOWNTYPE_UINT32VALUE:
    case Descriptor::WELLKNOWNTYPE_STRINGVALUE:
    case Descriptor::WELLKNOWNTYPE_BYTESVALUE:
    case Descriptor::WELLKNOWNTYPE_BOOLVALUE:
      return value(*message.type->field(0),
                   message.fields.empty() ? absent : message.fields.front().values.back());
    default:
      return std::nullopt;
  }
  if (!text) return std::nullopt;
  return Value::of_text(std::move(*text));
}

Value View::message(const ProtoMessage& message) {
  ++parts_;
  if (well_known_type(*message.type) == Descriptor::WELLKNOWNTYPE_ANY) return any(message);
  if (auto value = well_known(message)) return std::move(*value);
  return plain(message, Value::object());
}

}  // namespace

Result<Value> message_view(const ProtoMessage& message) {
  View view;
  Value value = view.message(message);
  if (view.full()) return fail(ErrorKind::payload, fmt::format("this has more than {} parts", most_parts));
  return value;
}

}  // namespace mq
