#include "wire/encode_check.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "wire/connack_code.hpp"
#include "wire/strings.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

std::unexpected<Error> refuse(std::string_view text, ReasonCode reason = ReasonCode::success) {
  return fail(ErrorKind::usage, std::string(text), value_of(reason));
}

Result<void> check_text(std::string_view field, std::string_view text) {
  if (text.size() > max_string_bytes) return refuse(fmt::format("{} is longer than 65535 bytes", field));
  const std::string_view fault = string_fault(text);
  if (!fault.empty()) return refuse(fmt::format("{} {}", field, fault));
  return {};
}

Result<void> check_block(const Properties& properties, PacketSet in, Version version, Sender sender) {
  if (properties.empty() || version != Version::v5) return {};
  auto checked = check_properties(properties.block(), in, sender);
  if (!checked) checked.error().kind = ErrorKind::usage;
  return checked;
}

Result<void> check_packet_id(PacketId id) {
  if (id == 0) return refuse("packet identifier is 0");  // [MQTT-2.2.1-3]
  return {};
}

Result<void> check_reason(ReasonCode reason, PacketType in, Sender sender) {
  if (reason_allowed(reason, in, sender)) return {};
  return refuse(fmt::format("reason code 0x{:02X} ({}) does not belong into {}", value_of(reason),
                            name_of(reason, in), name_of(in)));
}

// Authentication data needs its method. (5.0: 3.1.2.11.10)
Result<void> check_authentication(const Properties& properties, Version version) {
  if (version == Version::v5 && properties.contains(PropertyId::authentication_data) &&
      !properties.contains(PropertyId::authentication_method)) {
    return refuse("authentication data without an authentication method");
  }
  return {};
}

// The rules of one packet each, on top of those for its properties.
struct Rules {
  Version version;
  Sender sender;

  Result<void> operator()(const Connect& packet) const {
    if (auto checked = check_text("client id", packet.client_id); !checked) return checked;
    if (packet.client_id.empty() && version == Version::v31) {
      return refuse("MQTT 3.1 needs a client id", ReasonCode::client_identifier_not_valid);
    }
    // [MQTT311-3.1.3-7]
    if (packet.client_id.empty() && version == Version::v311 && !packet.clean_start) {
      return refuse("an empty client id needs a clean session", ReasonCode::client_identifier_not_valid);
    }
    if (packet.will) {
      if (auto checked = check_will(*packet.will); !checked) return checked;
    }
    if (packet.user_name) {
      if (auto checked = check_text("user name", *packet.user_name); !checked) return checked;
    }
    if (packet.password) {
      if (packet.password->size() > max_string_bytes) return refuse("password is longer than 65535 bytes");
      // [MQTT311-3.1.2-22]
      if (!packet.user_name && version != Version::v5)
        return refuse("a password without a user name needs MQTT 5.0");
    }
    return check_authentication(packet.properties, version);
  }

  Result<void> operator()(const Connack& packet) const {
    if (packet.session_present && packet.reason != ReasonCode::success) {
      return refuse("session present in a refusal");  // [MQTT-3.2.2-6]
    }
    if (version != Version::v5 && !connack_code_of(packet.reason)) {
      return refuse(
          fmt::format("MQTT 3.x has no return code for '{}'", name_of(packet.reason, PacketType::connack)));
    }
    if (auto checked = check_reason(packet.reason, PacketType::connack, sender); !checked) return checked;
    return check_authentication(packet.properties, version);
  }

  Result<void> operator()(const Publish& packet) const {
    if (packet.qos > QoS::exactly_once) return refuse("QoS must be 0, 1 or 2");  // [MQTT-3.3.1-4]
    const bool acknowledged = packet.qos != QoS::at_most_once;
    if (packet.dup && !acknowledged) return refuse("DUP at QoS 0");  // [MQTT-3.3.1-2]
    // [MQTT-2.2.1-2]
    if (acknowledged != (packet.packet_id != 0)) {
      return refuse(acknowledged ? "packet identifier is 0" : "packet identifier at QoS 0");
    }
    if (packet.topic.empty() && version == Version::v5 &&
        packet.properties.contains(PropertyId::topic_alias)) {
      return {};
    }
    return check_topic_name(packet.topic);
  }

  template <class Acknowledgement>
    requires std::derived_from<Acknowledgement, Ack>
  Result<void> operator()(const Acknowledgement& packet) const {
    if (auto checked = check_packet_id(packet.packet_id); !checked) return checked;
    if (version != Version::v5) return {};
    return check_reason(packet.reason, type_of(packet), sender);
  }

  Result<void> operator()(const Subscribe& packet) const {
    if (auto checked = check_packet_id(packet.packet_id); !checked) return checked;
    if (packet.subscriptions.empty()) return refuse("no topic filter to subscribe to");  // [MQTT-3.8.3-2]
    for (const Subscription& subscription : packet.subscriptions) {
      if (auto checked = check_topic_filter(subscription.filter); !checked) return checked;
      if (subscription.qos > QoS::exactly_once) return refuse("QoS must be 0, 1 or 2");
      if (subscription.retain_handling > RetainHandling::never)
        return refuse("retain handling must be 0, 1 or 2");
      // [MQTT-3.8.3-4]
      if (version == Version::v5 && subscription.no_local && is_shared(subscription.filter)) {
        return refuse("no local on a shared subscription", ReasonCode::protocol_error);
      }
    }
    return {};
  }

  Result<void> operator()(const Suback& packet) const {
    if (auto checked = check_packet_id(packet.packet_id); !checked) return checked;
    return check_codes(packet.codes, PacketType::suback);
  }

  Result<void> operator()(const Unsubscribe& packet) const {
    if (auto checked = check_packet_id(packet.packet_id); !checked) return checked;
    if (packet.filters.empty()) return refuse("no topic filter to unsubscribe from");  // [MQTT-3.10.3-2]
    for (const std::string_view filter : packet.filters) {
      if (auto checked = check_topic_filter(filter); !checked) return checked;
    }
    return {};
  }

  Result<void> operator()(const Unsuback& packet) const {
    if (auto checked = check_packet_id(packet.packet_id); !checked) return checked;
    if (version != Version::v5) return {};
    return check_codes(packet.codes, PacketType::unsuback);
  }

  Result<void> operator()(const Pingreq&) const { return {}; }
  Result<void> operator()(const Pingresp&) const { return {}; }

  Result<void> operator()(const Disconnect& packet) const {
    if (version != Version::v5) return {};
    return check_reason(packet.reason, PacketType::disconnect, sender);  // [MQTT-3.14.2-1]
  }

  Result<void> operator()(const Auth& packet) const {
    // [MQTT-3.15.2-1]
    if (auto checked = check_reason(packet.reason, PacketType::auth, sender); !checked) return checked;
    const bool short_form = packet.reason == ReasonCode::success && packet.properties.empty();
    if (!short_form && !packet.properties.contains(PropertyId::authentication_method)) {
      return refuse("AUTH without an authentication method");
    }
    return {};
  }

 private:
  static PacketType type_of(const Puback&) { return PacketType::puback; }
  static PacketType type_of(const Pubrec&) { return PacketType::pubrec; }
  static PacketType type_of(const Pubrel&) { return PacketType::pubrel; }
  static PacketType type_of(const Pubcomp&) { return PacketType::pubcomp; }

  Result<void> check_will(const Will& will) const {
    if (will.qos > QoS::exactly_once) return refuse("the will's QoS must be 0, 1 or 2");  // [MQTT-3.1.2-12]
    if (will.payload.size() > max_string_bytes)
      return refuse("the will's payload is longer than 65535 bytes");
    if (auto checked = check_topic_name(will.topic); !checked) return checked;
    return check_block(will.properties, will_bit, version, sender);
  }

  Result<void> check_codes(Bytes codes, PacketType in) const {
    if (codes.empty()) return refuse(fmt::format("{} without a code", name_of(in)));
    for (const char octet_of : codes) {
      const auto code = static_cast<ReasonCode>(octet(octet_of));
      if (auto checked = check_reason(code, in, sender); !checked) return checked;
      if (version != Version::v5 && is_failure(code) && code != ReasonCode::unspecified_error) {
        return refuse("MQTT 3.x has no other failure than 0x80");  // [MQTT311-3.9.3-2]
      }
    }
    return {};
  }
};

const Properties& properties_of(const Packet& packet) {
  static const Properties none;
  return std::visit(
      [](const auto& held) -> const Properties& {
        if constexpr (requires { held.properties; }) {
          return held.properties;
        } else {
          return none;
        }
      },
      packet);
}

}  // namespace

Result<void> check(const Packet& packet, Version version, Sender sender) {
  const PacketType type = type_of(packet);
  if (!packet_allowed(type, version, sender)) {
    return refuse(fmt::format("a {} of this version does not send {}",
                              sender == Sender::client ? "client" : "server", name_of(type)));
  }
  if (auto checked = std::visit(Rules{version, sender}, packet); !checked) return checked;
  return check_block(properties_of(packet), bit_of(type), version, sender);
}

Result<void> check(const Publish& packet, Version version, Sender sender) {
  if (auto checked = Rules{version, sender}(packet); !checked) return checked;
  return check_block(packet.properties, bit_of(PacketType::publish), version, sender);
}

}  // namespace mq
