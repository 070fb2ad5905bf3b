// Packets to bytes, appended to a buffer. Every rule that the sender alone can break is checked first
// (strings, topic names and filters, identifiers, reason codes and properties that belong to this packet and
// this sender, sizes): an Error of kind usage leaves the buffer as it was. Properties, and reasons that 3.x
// has no room for, are left out below 5.0; a password without a user name, an empty client id without clean
// session and AUTH are refused there. What a packet views must not lie in the buffer that it is appended to.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/error.hpp"
#include "wire/packet.hpp"

namespace mq {

// A CONNECT states its own version; `version` is then not looked at.
Result<void> encode(const Packet& packet, Version version, Sender sender, Buffer& out);

Result<void> encode(const Publish& packet, Version version, Sender sender, Buffer& out);

// PUBACK, PUBREC, PUBREL or PUBCOMP that says success and no more: the same four bytes in every version.
// Can't fail.
void append_plain_ack(PacketType type, PacketId id, Buffer& out);

// Size in bytes of the whole packet as encode would write it; the packet is taken as valid.
std::uint64_t encoded_size(const Publish& packet, Version version);

}  // namespace mq
