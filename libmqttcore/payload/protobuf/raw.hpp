// Protocol Buffers without a schema, as protoc --decode_raw shows them: fields by number, and a guess at what
// bytes are: a message when all of them read as one, else text, else bytes.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/ink.hpp"
#include "payload/protobuf/proto_wire.hpp"
#include "payload/protobuf/text_format.hpp"
#include "payload/value.hpp"

namespace mq {

// How deep groups may nest, and messages be guessed inside messages: what protoc allows.
inline constexpr std::size_t raw_groups = 100;
inline constexpr std::size_t raw_guesses = 10;

// An object whose members are named by number; a field that comes more than once is an array. Numbers are
// unsigned as they are on the wire.
Result<Value> raw_value(Bytes data);

// The value of one field; `parts` counts up to most_parts, at which nullopt is said.
std::optional<Value> raw_field_value(const WireField& field, std::size_t& parts);

// Text format by number. A number of which the sign bit is set, and fixed32 and fixed64, are told in a note
// too as signed and as floating-point number, where there are several lines.
void write_raw(Bytes data, Ink& ink);
void write_raw_field(const WireField& field, TextFormat& text);

}  // namespace mq
