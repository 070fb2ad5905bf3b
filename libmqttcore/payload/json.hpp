// JSON (RFC 8259) to a Value and back. Nothing of what the text says is lost: numbers keep their spelling,
// members their order, and members of the same name stay.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/codec.hpp"
#include "payload/ink.hpp"
#include "payload/value.hpp"

namespace mq {

// The whole of `text`. Kind payload, with line and column, when it isn't JSON, is nested deeper than
// deepest_value or has more than `parts` parts.
Result<Value> parse_json(Bytes text, std::size_t parts = most_parts);

// Strict JSON for any value: bytes become a base64 text, and NaN and the infinities null.
void write_json(const Value& value, Ink& ink);
void append_json(const Value& value, Buffer& out);  // on one line, without colour

MadeCodec make_json_codec(const CodecOptions& options);

}  // namespace mq
