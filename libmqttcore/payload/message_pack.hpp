// MessagePack to a Value and back. It is ours because Debian's C++ library conflicts with Boost 1.81, the C
// one stops at depth 32 and allocates what a length claims, and nlohmann's refuses keys that are not strings.
// Bytes stay bytes, as do strings that are not UTF-8; timestamps (extension -1) become RFC 3339 text, other
// extensions {"ext": type, "data": bytes}, which is not made an extension again; keys that are not text
// become their JSON text.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/codec.hpp"
#include "payload/value.hpp"

namespace mq {

// The whole of `data`, exactly one object.
Result<Value> read_message_pack(Bytes data);

// The smallest form of each part, appended; nothing on an error. An integer beyond 64 bits has to be a double
// exactly; other numbers become the nearest double. NaN and the infinities are doubles, too.
Result<void> write_message_pack(const Value& value, Buffer& out);

MadeCodec make_message_pack_codec(const CodecOptions& options);

}  // namespace mq
