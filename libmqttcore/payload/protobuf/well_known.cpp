#include "payload/protobuf/well_known.hpp"

#include <google/protobuf/descriptor.h>

#include <array>
#include <cstddef>

namespace mq {
namespace {

using pb::Descriptor;
using pb::FieldDescriptor;

// As libprotobuf itself was built with them, by their numbers.
using Originals = std::array<const Descriptor*, Descriptor::WELLKNOWNTYPE_STRUCT + 1>;

Originals originals() {
  Originals found{};
  for (const char* name : {"DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value",
                           "UInt32Value", "StringValue", "BytesValue", "BoolValue", "Any", "FieldMask",
                           "Duration", "Timestamp", "Value", "ListValue", "Struct"}) {
    const Descriptor* type =
        pb::DescriptorPool::generated_pool()->FindMessageTypeByName(std::string("google.protobuf.") + name);
    if (type != nullptr) found.at(static_cast<std::size_t>(type->well_known_type())) = type;
  }
  return found;
}

bool alike(const FieldDescriptor& a, const FieldDescriptor& b) {
  if (a.number() != b.number() || a.type() != b.type() || a.label() != b.label() || a.is_map() != b.is_map())
    return false;
  if ((a.real_containing_oneof() == nullptr) != (b.real_containing_oneof() == nullptr)) return false;
  if (a.cpp_type() == FieldDescriptor::CPPTYPE_ENUM)
    return a.enum_type()->full_name() == b.enum_type()->full_name();
  // What is inside is looked at when it is come to.
  return a.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
         a.message_type()->full_name() == b.message_type()->full_name();
}

}  // namespace

// None has more than six fields: comparing them is no more work than remembering would be.
int well_known_type(const Descriptor& type) {
  static const Originals all = originals();
  const auto number = type.well_known_type();
  if (number <= Descriptor::WELLKNOWNTYPE_UNSPECIFIED || number > Descriptor::WELLKNOWNTYPE_STRUCT)
    return Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  const Descriptor* original = all.at(static_cast<std::size_t>(number));
  if (original == nullptr || type.field_count() != original->field_count() ||
      type.extension_range_count() != 0 || type.real_oneof_decl_count() != original->real_oneof_decl_count())
    return Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  for (int i = 0; i < type.field_count(); ++i)
    if (!alike(*type.field(i), *original->field(i))) return Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  return number;
}

}  // namespace mq
