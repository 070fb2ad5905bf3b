#include "wire/packet.hpp"

namespace mq {

static_assert(std::variant_size_v<Packet> == static_cast<std::size_t>(PacketType::auth));

PacketType type_of(const Packet& packet) { return static_cast<PacketType>(packet.index() + 1); }

}  // namespace mq
