// The 15 control packet types (5.0: 2.1.2), who sends them, and the sets of them that the tables of
// properties and reason codes need.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/version.hpp"

namespace mq {

enum class PacketType : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

// "CONNECT", "PUBACK", ...: the specification's spelling.
std::string_view name_of(PacketType type);

// Whether that side sends that packet at all: no AUTH and no DISCONNECT of a server below 5.0.
bool packet_allowed(PacketType type, Version version, Sender sender);

// A set of packet types as bits; bit 0, which no packet type has, stands for the will in CONNECT.
using PacketSet = std::uint16_t;
constexpr PacketSet will_bit = 1;
constexpr PacketSet bit_of(PacketType type) {
  return static_cast<PacketSet>(1U << static_cast<unsigned>(type));
}

}  // namespace mq
