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

}  // namespace mq
