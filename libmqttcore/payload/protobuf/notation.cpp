// The text format of a message, as protoc --decode writes it, with what an Any holds written out.
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <bit>
#include <string>

#include "payload/protobuf/raw.hpp"
#include "payload/protobuf/text_format.hpp"
#include "payload/protobuf/view.hpp"

namespace mq {
namespace {

using pb::FieldDescriptor;

class Writer {
 public:
  explicit Writer(Ink& ink) : text_(ink) {}

  void message(const ProtoMessage& message);

 private:
  void field(const FieldDescriptor& field, const ProtoValue& value);
  void scalar(const FieldDescriptor& field, const ProtoValue& value);
  void entry(const FieldDescriptor& map, const ProtoMessage& entry);

  TextFormat text_;
};

void Writer::scalar(const FieldDescriptor& field, const ProtoValue& value) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return text_.scalar(Part::number, fmt::format_int(static_cast<std::int64_t>(value.bits)).str());
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return text_.scalar(Part::number, fmt::format_int(value.bits).str());
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return text_.number(std::bit_cast<double>(value.bits));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return text_.number(std::bit_cast<float>(static_cast<std::uint32_t>(value.bits)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return text_.scalar(Part::word, value.bits != 0 ? "true" : "false");
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* named = field.enum_type()->FindValueByNumber(static_cast<int>(value.bits));
      if (named != nullptr) return text_.scalar(Part::word, named->name());
      return text_.scalar(Part::number, fmt::format_int(static_cast<std::int64_t>(value.bits)).str());
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return text_.literal(value.bytes);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return;
  }
}

// Key and value are both written, even when they have their defaults.
void Writer::entry(const FieldDescriptor& map, const ProtoMessage& entry) {
  const ProtoValue absent;
  for (int number = 1; number <= 2; ++number) {
    const ProtoValue* value = entry.value(number);
    field(*map.message_type()->FindFieldByNumber(number), value != nullptr ? *value : absent);
  }
  for (const ProtoField& one : entry.fields)
    if (one.known == nullptr) write_raw_field(one.unknown, text_);
}

void Writer::field(const FieldDescriptor& field, const ProtoValue& value) {
  if (field.is_extension()) {
    text_.name(fmt::format("[{}]", field.full_name()));
  } else {
    text_.name(field.type() == FieldDescriptor::TYPE_GROUP ? field.message_type()->name() : field.name());
  }
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return scalar(field, value);
  text_.open();
  if (field.is_map()) {
    entry(field, *value.message);
  } else if (value.message != nullptr) {
    message(*value.message);
  }
  text_.close();
}

void Writer::message(const ProtoMessage& message) {
  if (message.any != nullptr) {
    text_.name(fmt::format("[{}]", message.value(1)->bytes));
    text_.open();
    this->message(*message.any);
    text_.close();
    return;
  }
  for (const ProtoField& one : message.fields) {
    if (one.known == nullptr) {
      write_raw_field(one.unknown, text_);
      continue;
    }
    for (const ProtoValue& value : one.values) field(*one.known, value);
  }
}

}  // namespace

void write_text_format(const ProtoMessage& message, Ink& ink) { Writer(ink).message(message); }

}  // namespace mq
