// What a packet must satisfy before it is encoded: all that its maker alone can break, as errors of kind
// usage. Internal to wire.
#pragma once

#include "base/error.hpp"
#include "wire/packet.hpp"

namespace mq {

// For a CONNECT `version` must be the packet's own.
Result<void> check(const Packet& packet, Version version, Sender sender);
Result<void> check(const Publish& packet, Version version, Sender sender);

}  // namespace mq
