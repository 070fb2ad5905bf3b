#include "payload/protobuf/field_names.hpp"

#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <map>
#include <utility>

#include "payload/protobuf/raw.hpp"

namespace mq {

std::string member_name(const pb::FieldDescriptor& field) {
  return field.is_extension() ? fmt::format("[{}]", field.full_name()) : field.name();
}

std::string unknown_name(std::uint32_t number) { return fmt::format("#{}", number); }

WireType wire_type(const pb::FieldDescriptor& field) {
  switch (field.type()) {
    case pb::FieldDescriptor::TYPE_DOUBLE:
    case pb::FieldDescriptor::TYPE_FIXED64:
    case pb::FieldDescriptor::TYPE_SFIXED64:
      return WireType::fixed64;
    case pb::FieldDescriptor::TYPE_FLOAT:
    case pb::FieldDescriptor::TYPE_FIXED32:
    case pb::FieldDescriptor::TYPE_SFIXED32:
      return WireType::fixed32;
    case pb::FieldDescriptor::TYPE_STRING:
    case pb::FieldDescriptor::TYPE_BYTES:
    case pb::FieldDescriptor::TYPE_MESSAGE:
      return WireType::bytes;
    case pb::FieldDescriptor::TYPE_GROUP:
      return WireType::group;
    default:
      return WireType::varint;
  }
}

void add_unknown_fields(const ProtoMessage& message, Value& into, std::size_t& parts) {
  std::map<std::uint32_t, std::pair<std::size_t, bool>> seen;
  for (const ProtoField& one : message.fields) {
    if (one.known != nullptr) continue;
    auto value = raw_field_value(one.unknown, parts);
    if (!value) return;
    const auto [place, fresh] = seen.try_emplace(one.unknown.number, into.items.size(), false);
    if (fresh) {
      into.add(unknown_name(one.unknown.number), std::move(*value));
      continue;
    }
    add_again(into.items[place->second.first], place->second.second, std::move(*value));
  }
}

void add_again(Value& there, bool& is_array, Value value) {
  if (!is_array) {
    Value many = Value::array();
    many.name = std::exchange(there.name, {});
    many.add(std::move(there));
    there = std::move(many);
    is_array = true;
  }
  there.add(std::move(value));
}

}  // namespace mq
