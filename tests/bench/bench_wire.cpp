// Nanoseconds of CPU time that the codec takes for one packet, in memory: PUBLISH of 64 bytes and its
// acknowledgement, encoded into a buffer of 64 KiB and decoded from one.
//   bench_wire [MILLIONS]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace {

using namespace mq;

constexpr std::size_t batch_bytes = 64 * 1024;
std::uint64_t checksum = 0;

template <class Work>
void measure(const char* what, long packets, Work&& work) {
  const std::clock_t start = std::clock();
  long done = 0;
  while (done < packets) done += work();
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("%-34s %6.1f ns\n", what, 1e9 * seconds / static_cast<double>(done));
}

// Fills the buffer once; the number of packets in it, 0 when one can't be encoded.
template <class Held>
long fill(const Held& packet, Buffer& out) {
  out.clear();
  long packets = 0;
  while (out.size() < batch_bytes) {
    if (!encode(packet, Version::v5, Sender::client, out)) return 0;
    ++packets;
  }
  checksum += out.size();
  return packets;
}

template <class Decode>
long walk(Bytes input, Decode&& decode_one) {
  long packets = 0;
  while (true) {
    const auto frame = next_frame(input);
    if (!frame || !*frame) return packets;
    checksum += decode_one(**frame);
    input.remove_prefix((*frame)->size);
    ++packets;
  }
}

template <class Held, class Decode>
void both_ways(const std::string& name, long packets, const Held& packet, Decode&& decode_one) {
  Buffer buffer;
  buffer.reserve(2 * batch_bytes);
  if (fill(packet, buffer) == 0) std::abort();
  measure(("encode " + name).c_str(), packets, [&] { return fill(packet, buffer); });
  measure(("decode " + name).c_str(), packets, [&] { return walk(buffer, decode_one); });
}

}  // namespace

int main(int argc, char** argv) {
  const long packets = 1'000'000 * (argc > 1 ? std::atol(argv[1]) : 20);
  const auto read_publish = [](const Frame& frame) -> std::size_t {
    const auto publish = decode_publish(frame, Version::v5, Sender::client);
    return publish ? publish->payload.size() + publish->topic.size() : 0;
  };
  const auto read_any = [](const Frame& frame) -> std::size_t {
    const auto packet = decode(frame, Version::v5, Sender::client);
    return packet ? packet->index() : 0;
  };

  const std::string payload(64, 'x');
  Publish publish;
  publish.topic = "plant/line/7/temperature";
  publish.payload = payload;
  both_ways("PUBLISH QoS 0", packets, publish, read_publish);
  both_ways("PUBLISH QoS 0, any packet", packets, Packet(publish), read_any);

  Publish acknowledged = publish;
  acknowledged.qos = QoS::at_least_once;
  acknowledged.packet_id = 7;
  both_ways("PUBLISH QoS 1", packets, acknowledged, read_publish);

  PropertyList properties;
  if (!properties.add(PropertyId::message_expiry_interval, 60) || !properties.add_user("unit", "kelvin"))
    return 1;
  acknowledged.properties = properties.view();
  both_ways("PUBLISH QoS 1, properties", packets, acknowledged, read_publish);

  Publish named = publish;
  named.topic = "anlage/straße/größe/温度";
  both_ways("PUBLISH QoS 0, not ASCII", packets, named, read_publish);

  both_ways("PUBACK", packets, Packet(Puback{{.packet_id = 7, .reason = {}, .properties = {}}}), read_any);
  std::printf("checksum %zu\n", static_cast<std::size_t>(checksum));
  return 0;
}
