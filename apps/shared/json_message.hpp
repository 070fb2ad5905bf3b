// A message as one JSON object on one line (RFC 8259): valid for any payload and any properties, nothing
// lost. Bytes that are no text become base64, and a member named for theirs with "-encoding" behind it says
// so.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/packet.hpp"

namespace mq {

// How the payload stands in it.
enum class JsonPayload : std::uint8_t {
  text,           // a string; base64 with "payload-encoding":"base64" when it is not UTF-8
  value,          // its own JSON text, spelt as it came; what is not JSON as above, text with
                  // "payload-encoding":"utf8"
  compact_value,  // the same without blanks between its parts
};

// `timestamp` is RFC 3339. The packet's strings are valid UTF-8, which decoding has made sure of.
void append_json(const Publish& publish, std::string_view timestamp, JsonPayload payload, Buffer& out);

}  // namespace mq
