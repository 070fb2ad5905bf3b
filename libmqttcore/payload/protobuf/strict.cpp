// What is wrong with a message that can be shown.
#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/protobuf/field_names.hpp"
#include "payload/protobuf/view.hpp"

namespace mq {
namespace {

using pb::FieldDescriptor;

class Check {
 public:
  void message(const ProtoMessage& message, const std::string& pointer);
  std::vector<Violation> take() && { return std::move(found_); }

 private:
  void required(const ProtoMessage& message, const std::string& pointer);
  void field(const ProtoField& field, const std::string& pointer);
  void value(const FieldDescriptor& field, const ProtoValue& value, const std::string& pointer);
  void entry(const ProtoMessage& entry, const std::string& pointer);
  bool full() const { return found_.size() >= most_violations; }
  void add(const std::string& pointer, std::string rule, std::string expected, std::string found) {
    if (!full()) found_.push_back({pointer, std::move(rule), std::move(expected), std::move(found)});
  }

  std::vector<Violation> found_;
};

void Check::value(const FieldDescriptor& field, const ProtoValue& value, const std::string& pointer) {
  if (field.type() == FieldDescriptor::TYPE_STRING) {
    if (const std::size_t valid = utf8_valid_prefix(value.bytes); valid < value.bytes.size())
      add(pointer, "utf8", "a text in UTF-8",
          fmt::format("no UTF-8 at byte {} of {}", valid, value.bytes.size()));
  } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const int number = static_cast<int>(value.bits);
    if (field.enum_type()->FindValueByNumber(number) == nullptr)
      add(pointer, "enum", "a value of " + field.enum_type()->full_name(), fmt::format("{}", number));
  } else if (value.message != nullptr) {
    message(*value.message, pointer);
  }
}

void Check::entry(const ProtoMessage& entry, const std::string& pointer) {
  const ProtoValue* key = entry.value(1);
  const FieldDescriptor& type = *entry.type->map_key();
  std::string name;
  if (type.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    if (key != nullptr) name = key->bytes.substr(0, utf8_valid_prefix(key->bytes));
  } else if (type.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    name = key != nullptr && key->bits != 0 ? "true" : "false";
  } else if (type.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) {
    name = fmt::format("{}", key != nullptr ? key->bits : 0);
  } else {
    name = fmt::format("{}", key != nullptr ? static_cast<std::int64_t>(key->bits) : 0);
  }
  const std::string at = pointer_to(pointer, name);
  for (const ProtoField& one : entry.fields) {
    if (one.known == nullptr) {
      add(at, "unknown field", "key and value", fmt::format("field {}", one.unknown.number));
    } else {
      value(*one.known, one.values.back(), at);
    }
  }
}

void Check::field(const ProtoField& field, const std::string& pointer) {
  if (field.known->is_map()) {
    for (const ProtoValue& one : field.values) entry(*one.message, pointer);
  } else if (!field.known->is_repeated()) {
    value(*field.known, field.values.back(), pointer);
  } else {
    for (std::size_t i = 0; i < field.values.size() && !full(); ++i)
      value(*field.known, field.values[i], pointer_to(pointer, i));
  }
}

void Check::required(const ProtoMessage& message, const std::string& pointer) {
  for (int i = 0; i < message.type->field_count(); ++i) {
    const FieldDescriptor& one = *message.type->field(i);
    if (one.is_required() && message.field(one.number()) == nullptr)
      add(pointer, "required", fmt::format("{} in {}", one.name(), message.type->full_name()), "nothing");
  }
}

void Check::message(const ProtoMessage& message, const std::string& pointer) {
  if (full()) return;
  if (message.any != nullptr) return this->message(*message.any, pointer);
  required(message, pointer);
  for (const ProtoField& one : message.fields) {
    if (full()) return;
    if (one.known == nullptr) {
      add(pointer_to(pointer, unknown_name(one.unknown.number)), "unknown field",
          "a field of " + message.type->full_name(), fmt::format("field {}", one.unknown.number));
    } else {
      field(one, pointer_to(pointer, member_name(*one.known)));
    }
  }
}

}  // namespace

std::vector<Violation> message_violations(const ProtoMessage& message) {
  Check check;
  check.message(message, {});
  return std::move(check).take();
}

}  // namespace mq
