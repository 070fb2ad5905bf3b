// Which messages are the well-known types of google/protobuf, by what they are made of: anybody may describe
// another message by the same name, and it would not have the fields that those types have.
#pragma once

#include "payload/protobuf/schema.hpp"

namespace mq {

// A pb::Descriptor::WellKnownType; WELLKNOWNTYPE_UNSPECIFIED, which is 0, when `type` is none.
int well_known_type(const pb::Descriptor& type);

}  // namespace mq
