// A packet as one line for a person: "PUBLISH q1 m7 r0 d0 'a/b' 12 bytes {content-type 'text/plain'}".
// Control characters are escaped and nothing secret is shown: a password, a will's payload and authentication
// data appear as their length alone.
#pragma once

#include <string>

#include "wire/packet.hpp"

namespace mq {

// `version` is the connection's: reasons that it doesn't have are left out.
std::string describe(const Packet& packet, Version version);

}  // namespace mq
