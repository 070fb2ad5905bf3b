#include "wire/connack_code.hpp"
#include "wire/decode_family.hpp"

namespace mq {
namespace {

// [MQTT-3.1.2-1] [MQTT-3.1.2-2]
void read_protocol(Reader& in, Connect& packet) {
  const Bytes name = in.binary();
  std::uint8_t level = in.byte();
  packet.bridge = level == 0x83 || level == 0x84;
  if (packet.bridge) level &= 0x7FU;
  if (name == "MQTT" && (level == 4 || level == 5)) {
    in.set_version(static_cast<Version>(level));
  } else if (name == "MQIsdp" && level == 3) {
    in.set_version(Version::v31);
  } else {
    in.breach("protocol name and version are none of ours", ReasonCode::unsupported_protocol_version);
  }
}

// It must come with its method. (5.0: 3.1.2.11.10)
void check_authentication(Reader& in, const Properties& properties) {
  if (properties.contains(PropertyId::authentication_data) &&
      !properties.contains(PropertyId::authentication_method)) {
    in.breach("authentication data without an authentication method");
  }
}

}  // namespace

Connect read_connect(Reader& in) {
  Connect packet;
  read_protocol(in, packet);
  packet.version = in.version();

  const std::uint8_t flags = in.byte();
  const bool has_will = (flags & 0x04U) != 0;
  const bool has_password = (flags & 0x40U) != 0;
  const bool has_user_name = (flags & 0x80U) != 0;
  const auto will_qos = static_cast<QoS>(flags >> 3U & 3U);
  if ((flags & 0x01U) != 0) in.malformed("the reserved flag is set");                     // [MQTT-3.1.2-3]
  if (will_qos > QoS::exactly_once) in.malformed("the will's QoS is 3");                  // [MQTT-3.1.2-12]
  if (!has_will && (flags & 0x38U) != 0) in.malformed("flags of a will without a will");  // [MQTT-3.1.2-11]
  // [MQTT311-3.1.2-22]
  if (has_password && !has_user_name && packet.version != Version::v5) {
    in.malformed("password without a user name");
  }
  packet.clean_start = (flags & 0x02U) != 0;
  packet.keep_alive = in.two_bytes();
  packet.properties = in.properties();
  check_authentication(in, packet.properties);

  packet.client_id = in.text("client id");
  // [MQTT311-3.1.3-7]; MQTT 3.1 has no empty ids at all.
  if (packet.client_id.empty() &&
      (packet.version == Version::v31 || (packet.version == Version::v311 && !packet.clean_start))) {
    in.breach("empty client id", ReasonCode::client_identifier_not_valid);
  }
  if (has_will) {
    Will& will = packet.will.emplace();
    will.qos = will_qos;
    will.retain = (flags & 0x20U) != 0;
    will.properties = in.will_properties();
    will.topic = in.binary();
    in.require_topic_name(will.topic, "will topic");
    will.payload = in.binary();
  }
  if (has_user_name) packet.user_name = in.text("user name");
  if (has_password) packet.password = in.binary();
  return packet;
}

Connack read_connack(Reader& in) {
  Connack packet;
  // A server that speaks only 3.x refuses 5.0 in the form that it knows.
  const bool foreign = in.version() == Version::v5 && in.left() == 2;
  const std::uint8_t flags = in.byte();
  const std::uint8_t code = in.byte();
  // MQTT 3.1 leaves the first byte unused.
  if (in.version() != Version::v31) {
    if (flags > 1) in.malformed("reserved flags are set");  // [MQTT-3.2.2-1]
    packet.session_present = flags != 0;
  }
  if (foreign) {
    if (code != unsupported_version_code) in.malformed("it ends too early");
    packet.reason = ReasonCode::unsupported_protocol_version;
  } else if (in.version() == Version::v5) {
    packet.reason = in.reason(code);  // [MQTT-3.2.2-8]
    packet.properties = in.properties();
    check_authentication(in, packet.properties);
  } else if (const auto reason = reason_of_connack_code(code)) {
    packet.reason = *reason;
  } else {
    in.malformed("return code is unknown");
  }
  // [MQTT-3.2.2-6] [MQTT311-3.2.2-4]
  if (packet.session_present && packet.reason != ReasonCode::success) {
    in.breach("session present in a refusal");
  }
  return packet;
}

}  // namespace mq
