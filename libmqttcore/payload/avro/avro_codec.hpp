// The format "avro" (Avro 1.11): one datum by a given schema, plain or in single object encoding, or a whole
// container file, which brings its schema and becomes an array. In the JSON view bytes and fixed are bytes,
// enums their symbols, and a union is the value that it holds. Publishing makes a plain datum.
#pragma once

#include "payload/codec.hpp"

namespace mq {

MadeCodec make_avro_codec(const CodecOptions& options);

}  // namespace mq
