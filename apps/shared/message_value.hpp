// A message as one value: what --jq programs get and what JSON lines are made of. Its JSON Schema is
// docs/message.schema.json.
#pragma once

#include <string_view>

#include "payload/payload_reader.hpp"
#include "payload/value.hpp"
#include "wire/packet.hpp"

namespace mq {

// What a PayloadReader wants to know of it; views of `publish`.
Received received_of(const Publish& publish);

// `timestamp` is RFC 3339. The payload stands in it as `reading` has it; "encoding" says how its bytes can be
// had back: "json" (the payload's compact JSON text is the bytes), "utf8" (the text is), or "base64" (the
// member "raw" holds them, or the payload itself when nothing could read it).
Value message_value(const Publish& publish, std::string_view timestamp, const Reading& reading);

}  // namespace mq
