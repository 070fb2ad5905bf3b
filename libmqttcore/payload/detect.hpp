// What format bytes are in when nobody says so. Cautious: bytes that could be several things are what is more
// likely by far, and a short random payload is text or hexadecimal.
#pragma once

#include <string_view>

#include "base/bytes.hpp"

namespace mq {

// Whether it is worth trying to read `data` as JSON.
bool may_be_json(Bytes data);

// The name of a row of codecs.hpp for bytes that aren't JSON: text (UTF-8 without the control characters that
// no text has), cbor and msgpack (a map whose keys are names, and nothing behind it; or CBOR that says what
// it is), avro (a container file), else hex. Protocol Buffers can't be told from other bytes.
std::string_view detect_format(Bytes data);

}  // namespace mq
