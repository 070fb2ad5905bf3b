// Bytes to packets. Views only: what is decoded points into the input. Nothing is read past the input,
// nothing throws, and a PUBLISH allocates nothing. What breaks a rule is an Error of kind malformed or
// protocol with the reason code that a DISCONNECT should carry.
#pragma once

#include "base/error.hpp"
#include "wire/frame.hpp"
#include "wire/packet.hpp"

namespace mq {

// `version` is the connection's; a CONNECT states its own and `version` is then not looked at. A CONNACK of
// the form that a 3.1.1 server answers to a version that it doesn't speak (20 02 00 01) decodes at every
// version as 0x84. `sender` is the side that made the packet: what only the other side may send is refused.
Result<Packet> decode(const Frame& frame, Version version, Sender sender);

// The same for the one packet that comes by the million; `frame` is a PUBLISH.
Result<Publish> decode_publish(const Frame& frame, Version version, Sender sender);
// Straight to where it is going to stay; after an error `packet` means nothing.
Result<void> decode_publish(const Frame& frame, Version version, Sender sender, Publish& packet);

}  // namespace mq
