// Arbitrary bytes as the properties of a message that a bridge passes on. What it makes of them is a
// message's again, a hop longer, and says that it was there.
#include <cstdint>

#include "bridge/via.hpp"
#include "wire/packet_type.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mq;
  const Bytes block(reinterpret_cast<const char*>(data), size);
  if (!check_properties(block, bit_of(PacketType::publish), Sender::server)) return 0;
  const Properties properties(block);
  const Way before = way_of(properties, "bridge", "a", "b");
  PropertyList made;
  pass_on(properties, "bridge", "a", made);
  // What another client has put out of range stays so: the session refuses it, which the bridge tells.
  if (!check_properties(made.view().block(), bit_of(PacketType::publish), Sender::server)) __builtin_trap();
  const Way after = way_of(made.view(), "bridge", "a", "b");
  if (after.hops != before.hops + 1 || !after.was_here || after.was_there != before.was_there)
    __builtin_trap();
  return 0;
}
