// Where one packet ends and the next begins: the fixed header (5.0: 2.1), and the variable byte integer that
// it and the property block are measured with (1.5.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/packet_type.hpp"

namespace mq {

constexpr std::uint32_t max_variable_integer = 268'435'455;
constexpr std::uint64_t max_packet_bytes = 5ULL + max_variable_integer;

constexpr std::size_t variable_integer_size(std::uint32_t value) {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4;
}
// `value` at most max_variable_integer. [MQTT-1.5.5-1]
void append_variable_integer(std::uint32_t value, Buffer& out);

struct Frame {
  PacketType type{};
  std::uint8_t flags = 0;
  Bytes body;            // views the input
  std::size_t size = 0;  // of the whole packet, fixed header included
};

// The first packet of `input`; nullopt when more bytes are needed, for which it never waits longer than it
// must: a bad type, an overlong length or a packet above `max_size` (whole packet, in bytes) is refused as
// soon as its header shows it (malformed 0x81, packet too large 0x95).
Result<std::optional<Frame>> next_frame(Bytes input, std::uint64_t max_size = max_packet_bytes);

}  // namespace mq
