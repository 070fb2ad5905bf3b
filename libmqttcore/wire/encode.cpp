#include "wire/encode.hpp"

#include <fmt/core.h>

#include <concepts>

#include "wire/connack_code.hpp"
#include "wire/encode_check.hpp"
#include "wire/frame.hpp"
#include "wire/writer.hpp"

namespace mq {
namespace {

void put_properties(auto& to, const Properties& properties, Version version) {
  if (version != Version::v5) return;
  to.variable(properties.block().size());  // [MQTT-2.2.2-1]
  to.raw(properties.block());
}

// Bodies, each a list of fields in the order of the wire, and the flags of the fixed header. [MQTT-2.1.3-1]

std::uint8_t flags_of(const auto&) { return 0; }
std::uint8_t flags_of(const Pubrel&) { return 2; }       // [MQTT-3.6.1-1]
std::uint8_t flags_of(const Subscribe&) { return 2; }    // [MQTT-3.8.1-1]
std::uint8_t flags_of(const Unsubscribe&) { return 2; }  // [MQTT-3.10.1-1]
std::uint8_t flags_of(const Publish& packet) {
  return static_cast<std::uint8_t>((packet.dup ? 8U : 0U) | static_cast<unsigned>(packet.qos) << 1U |
                                   (packet.retain ? 1U : 0U));
}

std::uint8_t connect_flags(const Connect& packet) {
  unsigned flags = packet.clean_start ? 0x02U : 0U;
  if (packet.will) {
    flags |= 0x04U | static_cast<unsigned>(packet.will->qos) << 3U | (packet.will->retain ? 0x20U : 0U);
  }
  if (packet.password) flags |= 0x40U;
  if (packet.user_name) flags |= 0x80U;
  return static_cast<std::uint8_t>(flags);
}

// [MQTT-3.1.3-1]
void put_body(auto& to, const Connect& packet, Version version) {
  to.prefixed(version == Version::v31 ? "MQIsdp" : "MQTT");  // [MQTT-3.1.2-1]
  const unsigned bridge = packet.bridge && version != Version::v5 ? 0x80U : 0U;
  to.byte(static_cast<std::uint8_t>(static_cast<unsigned>(version) | bridge));  // [MQTT-3.1.2-2]
  to.byte(connect_flags(packet));
  to.two_bytes(packet.keep_alive);
  put_properties(to, packet.properties, version);
  to.prefixed(packet.client_id);
  if (packet.will) {
    put_properties(to, packet.will->properties, version);
    to.prefixed(packet.will->topic);
    to.prefixed(packet.will->payload);
  }
  if (packet.user_name) to.prefixed(*packet.user_name);
  if (packet.password) to.prefixed(*packet.password);
}

void put_body(auto& to, const Connack& packet, Version version) {
  to.byte(packet.session_present && version != Version::v31 ? 1 : 0);
  to.byte(version == Version::v5 ? value_of(packet.reason) : connack_code_of(packet.reason).value_or(0));
  put_properties(to, packet.properties, version);
}

void put_body(auto& to, const Publish& packet, Version version) {
  to.prefixed(packet.topic);
  if (packet.qos != QoS::at_most_once) to.two_bytes(packet.packet_id);
  put_properties(to, packet.properties, version);
  to.raw(packet.payload);
}

// What every packet that ends with a reason and properties may leave out.
void put_reason(auto& to, ReasonCode reason, const Properties& properties, Version version) {
  if (version != Version::v5 || (reason == ReasonCode::success && properties.empty())) return;
  to.byte(value_of(reason));
  if (!properties.empty()) put_properties(to, properties, version);
}

template <class Acknowledgement>
  requires std::derived_from<Acknowledgement, Ack>
void put_body(auto& to, const Acknowledgement& packet, Version version) {
  to.two_bytes(packet.packet_id);
  put_reason(to, packet.reason, packet.properties, version);
}

void put_body(auto& to, const Subscribe& packet, Version version) {
  to.two_bytes(packet.packet_id);
  put_properties(to, packet.properties, version);
  for (const Subscription& subscription : packet.subscriptions) {
    to.prefixed(subscription.filter);
    unsigned options = static_cast<unsigned>(subscription.qos);
    if (version == Version::v5) {
      options |= (subscription.no_local ? 4U : 0U) | (subscription.retain_as_published ? 8U : 0U) |
                 static_cast<unsigned>(subscription.retain_handling) << 4U;
    }
    to.byte(static_cast<std::uint8_t>(options));
  }
}

void put_body(auto& to, const Suback& packet, Version version) {
  to.two_bytes(packet.packet_id);
  put_properties(to, packet.properties, version);
  to.raw(packet.codes);
}

void put_body(auto& to, const Unsubscribe& packet, Version version) {
  to.two_bytes(packet.packet_id);
  put_properties(to, packet.properties, version);
  for (const std::string_view filter : packet.filters) to.prefixed(filter);
}

void put_body(auto& to, const Unsuback& packet, Version version) {
  to.two_bytes(packet.packet_id);
  put_properties(to, packet.properties, version);
  if (version == Version::v5) to.raw(packet.codes);
}

void put_body(auto&, const Pingreq&, Version) {}
void put_body(auto&, const Pingresp&, Version) {}

void put_body(auto& to, const Disconnect& packet, Version version) {
  put_reason(to, packet.reason, packet.properties, version);
}

// The only one whose reason does not stand alone: without properties comes their length 0.
void put_body(auto& to, const Auth& packet, Version version) {
  if (packet.reason == ReasonCode::success && packet.properties.empty()) return;
  to.byte(value_of(packet.reason));
  put_properties(to, packet.properties, version);
}

template <class Held>
std::uint64_t body_size(const Held& packet, Version version) {
  Counter counter;
  put_body(counter, packet, version);
  return counter.size();
}

template <class Held>
Result<void> append(PacketType type, const Held& packet, Version version, Buffer& out) {
  const std::uint64_t body = body_size(packet, version);
  if (body > max_variable_integer) {
    return fail(ErrorKind::usage,
                fmt::format("{} of {} bytes is larger than MQTT allows", name_of(type), body),
                value_of(ReasonCode::packet_too_large));
  }
  const std::size_t begin = out.size();
  const std::size_t end =
      begin + 1 + variable_integer_size(static_cast<std::uint32_t>(body)) + static_cast<std::size_t>(body);
  // libstdc++ 12 hands over the capacity that it made, not the size that was asked for.
  out.resize_and_overwrite(end, [&](char* data, std::size_t) {
    Writer writer(data + begin);
    writer.byte(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4U | flags_of(packet)));
    writer.variable(static_cast<std::size_t>(body));
    put_body(writer, packet, version);
    return end;
  });
  return {};
}

}  // namespace

Result<void> encode(const Packet& packet, Version version, Sender sender, Buffer& out) {
  if (const auto* connect = std::get_if<Connect>(&packet)) version = connect->version;
  if (auto checked = check(packet, version, sender); !checked) return checked;
  return std::visit([&](const auto& held) { return append(type_of(packet), held, version, out); }, packet);
}

Result<void> encode(const Publish& packet, Version version, Sender sender, Buffer& out) {
  if (auto checked = check(packet, version, sender); !checked) return checked;
  return append(PacketType::publish, packet, version, out);
}

void append_plain_ack(PacketType type, PacketId id, Buffer& out) {
  const unsigned flags = type == PacketType::pubrel ? flags_of(Pubrel{}) : 0U;
  const char bytes[] = {static_cast<char>(static_cast<unsigned>(type) << 4U | flags), 2,
                        static_cast<char>(id >> 8U), static_cast<char>(id & 0xFFU)};
  out.append(bytes, sizeof bytes);
}

std::uint64_t encoded_size(const Publish& packet, Version version) {
  const std::uint64_t body = body_size(packet, version);
  return 1 + variable_integer_size(static_cast<std::uint32_t>(body)) + body;
}

}  // namespace mq
