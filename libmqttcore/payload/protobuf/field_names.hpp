// What fields are called in the JSON view: as in the .proto file, "[pkg.extension]", or "#17" when unknown;
// and what they are on the wire.
#pragma once

#include <cstdint>
#include <string>

#include "payload/protobuf/proto_wire.hpp"
#include "payload/protobuf/schema.hpp"
#include "payload/protobuf/tree.hpp"
#include "payload/value.hpp"

namespace mq {

std::string member_name(const pb::FieldDescriptor& field);
std::string unknown_name(std::uint32_t number);

WireType wire_type(const pb::FieldDescriptor& field);  // of one value, not packed

// The unknown fields of `message`, added by number. `parts` counts up to most_parts.
void add_unknown_fields(const ProtoMessage& message, Value& into, std::size_t& parts);

// One more value of the member `there`, which becomes an array with its second.
void add_again(Value& there, bool& is_array, Value value);

}  // namespace mq
