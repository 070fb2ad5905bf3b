#include "wire/decode_family.hpp"

namespace mq {

Ack read_ack(Reader& in) {
  Ack packet;
  packet.packet_id = in.packet_id();
  if (in.version() != Version::v5 || in.empty()) return packet;  // success, no properties
  packet.reason = in.reason();
  if (!in.empty()) packet.properties = in.properties();
  return packet;
}

Disconnect read_disconnect(Reader& in) {
  Disconnect packet;
  if (in.version() != Version::v5 || in.empty()) return packet;  // normal, no properties
  packet.reason = in.reason();                                   // [MQTT-3.14.2-1]
  if (!in.empty()) packet.properties = in.properties();
  return packet;
}

Auth read_auth(Reader& in) {
  Auth packet;
  if (in.empty()) {
    in.reason(value_of(packet.reason));  // success is not a client's to send
    return packet;
  }
  packet.reason = in.reason();  // [MQTT-3.15.2-1]
  packet.properties = in.properties();
  const bool has_method = packet.properties.contains(PropertyId::authentication_method);
  const bool short_form = packet.reason == ReasonCode::success && packet.properties.empty();
  if (!has_method && !short_form) in.breach("there is no authentication method");
  return packet;
}

}  // namespace mq
