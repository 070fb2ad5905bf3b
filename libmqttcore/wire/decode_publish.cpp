#include "wire/decode_family.hpp"
#include "wire/strings.hpp"

namespace mq {

void read_publish(Reader& in, std::uint8_t flags, Publish& packet) {
  packet.dup = (flags & 8U) != 0;
  packet.qos = static_cast<QoS>(flags >> 1U & 3U);
  packet.retain = (flags & 1U) != 0;
  if (packet.qos > QoS::exactly_once) in.malformed("QoS is 3");                            // [MQTT-3.3.1-4]
  if (packet.dup && packet.qos == QoS::at_most_once) in.malformed("DUP is set at QoS 0");  // [MQTT-3.3.1-2]

  packet.topic = in.binary();
  const bool by_alias = packet.topic.empty() && in.version() == Version::v5;
  if (!by_alias) in.require_topic_name(packet.topic, "topic");
  if (packet.qos != QoS::at_most_once) packet.packet_id = in.packet_id();
  packet.properties = in.properties();
  if (by_alias && !packet.properties.contains(PropertyId::topic_alias)) {
    in.breach("topic is empty and there is no topic alias");
  }
  packet.payload = in.rest();
}

bool read_plain_publish(const Frame& frame, Version version, Publish& packet) {
  const unsigned qos = frame.flags >> 1U & 3U;
  const bool dup = (frame.flags & 8U) != 0;
  const Bytes body = frame.body;
  if (qos > 2 || (dup && qos == 0) || body.size() < 2) return false;
  const auto topic_size = static_cast<std::size_t>(octet(body[0]) << 8U | octet(body[1]));
  std::size_t at = 2 + topic_size;
  const std::size_t header = at + (qos > 0 ? 2U : 0U) + (version == Version::v5 ? 1U : 0U);
  if (topic_size == 0 || body.size() < header) return false;
  const std::string_view topic(body.data() + 2, topic_size);
  if (marks_of(topic) != 0) return false;
  unsigned id = 0;
  if (qos > 0) {
    id = static_cast<unsigned>(octet(body[at]) << 8U | octet(body[at + 1]));
    if (id == 0) return false;
    at += 2;
  }
  if (version == Version::v5 && body[at++] != 0) return false;
  packet.dup = dup;
  packet.qos = static_cast<QoS>(qos);
  packet.retain = (frame.flags & 1U) != 0;
  packet.topic = topic;
  packet.packet_id = static_cast<PacketId>(id);
  packet.properties = {};
  packet.payload = Bytes(body.data() + at, body.size() - at);
  return true;
}

}  // namespace mq
