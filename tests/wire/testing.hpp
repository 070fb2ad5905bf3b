// Short forms for tests of the codec: packets from and to hexadecimal text, and why one was refused.
#pragma once

#include <string>
#include <string_view>

#include "base/text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace mq::testing {

// Bytes as hexadecimal text, or "refused: " and why. A refusal must be of kind usage and leave the buffer
// alone.
inline std::string encoded(const Packet& packet, Version version, Sender sender = Sender::client) {
  Buffer out = "before";
  const auto done = encode(packet, version, sender, out);
  if (done) return to_hex(Bytes(out).substr(6));
  if (done.error().kind != ErrorKind::usage) return "refused with another kind than usage";
  if (out != "before") return "refused, but the buffer was changed";
  return std::string("refused: ").append(done.error().text);
}

inline bool refused(const Packet& packet, Version version, Sender sender = Sender::client) {
  return encoded(packet, version, sender).starts_with("refused: ");
}

// The properties of a list that a test fills without looking at each answer.
template <class... Steps>
PropertyList properties(Steps&&... steps) {
  PropertyList list;
  (list.add(steps), ...);
  return list;
}

inline Property number(PropertyId id, std::uint32_t value) {
  return {.id = id, .number = value, .name = {}, .value = {}};
}
inline Property bytes(PropertyId id, Bytes value) {
  return {.id = id, .number = 0, .name = {}, .value = value};
}
inline Property user(std::string_view name, std::string_view value) {
  return {.id = PropertyId::user_property, .number = 0, .name = name, .value = value};
}

}  // namespace mq::testing
