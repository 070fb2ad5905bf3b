// What a person wrote, as a message's bytes: JSON, as the view shows it or by proto3's mapping, and the text
// format.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/protobuf/schema.hpp"
#include "payload/value.hpp"

namespace mq {

// Appends; errors name the place by a JSON pointer. Members may have the .proto file's names or JSON's
// (lowerCamel), 64-bit numbers may be texts, bytes are base64, null means unset.
Result<void> encode_json_view(ProtoSchema& schema, const Value& value, Buffer& out);

// The same of any message of the schema; `at` is the JSON pointer of `value`.
Result<void> encode_json_message(ProtoSchema& schema, const pb::Descriptor& type, const Value& value,
                                 const std::string& at, Buffer& out);

// Errors have line and column.
Result<void> encode_text_format(ProtoSchema& schema, std::string_view text, Buffer& out);

}  // namespace mq
