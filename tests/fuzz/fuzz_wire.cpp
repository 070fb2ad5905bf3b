// Arbitrary bytes as a stream of packets. The first byte chooses the connection's version and the side that
// sends; the rest is taken frame by frame until an error. Whatever decodes must be describable, encodable and
// the same when decoded again.
#include <cstdint>

#include "wire/round_trip.hpp"

namespace {

using namespace mq;

void walk(Bytes input, Version version, Sender sender) {
  while (true) {
    if (!testing::plain_fault(input, version).empty()) __builtin_trap();
    const auto frame = next_frame(input);
    if (!frame || !*frame) return;
    if ((*frame)->size > input.size() || (*frame)->size < 2) __builtin_trap();
    const auto packet = decode(**frame, version, sender);
    if ((*frame)->type == PacketType::publish) {
      const auto publish = decode_publish(**frame, version, sender);
      if (publish.has_value() != packet.has_value()) __builtin_trap();
      if (publish && Packet(*publish) != *packet) __builtin_trap();
    }
    if (!packet) {
      const Error& error = packet.error();
      if (error.reason < 0x80 || error.text.empty()) __builtin_trap();
      return;
    }
    if (!testing::round_trip_fault(*packet, version, sender).empty()) __builtin_trap();
    input.remove_prefix((*frame)->size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr Version versions[] = {Version::v31, Version::v311, Version::v5, Version::v5};
  const Version version = versions[data[0] & 3U];
  const Sender sender = (data[0] & 4U) != 0 ? Sender::server : Sender::client;
  walk({reinterpret_cast<const char*>(data + 1), size - 1}, version, sender);
  return 0;
}
