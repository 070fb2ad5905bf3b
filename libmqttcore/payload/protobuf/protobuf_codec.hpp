// The format "protobuf": by a schema (.proto files or descriptor sets) or, without one, as raw fields. In the
// JSON view members have the names that the .proto file gives them, 64-bit numbers are numbers, enums are
// names, and what isn't set isn't there; nor is a proto3 scalar that has its default. Fields that the schema
// doesn't know are members named "#17".
#pragma once

#include "payload/codec.hpp"

namespace mq {

MadeCodec make_protobuf_codec(const CodecOptions& options);

}  // namespace mq
