// The three protocol versions that the kit speaks, as the byte that CONNECT carries (5.0: 3.1.2.2).
#pragma once

#include <cstdint>

namespace mq {

enum class Version : std::uint8_t { v31 = 3, v311 = 4, v5 = 5 };

enum class QoS : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

// Which side made a packet: some packets, properties and reason codes belong to one side alone.
enum class Sender : std::uint8_t { client, server };

}  // namespace mq
