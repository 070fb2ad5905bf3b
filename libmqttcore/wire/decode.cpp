#include "wire/decode.hpp"

#include <utility>

#include "wire/decode_family.hpp"
#include "wire/reader.hpp"

namespace mq {
namespace {

// [MQTT-2.1.3-1] [MQTT-3.6.1-1] [MQTT-3.8.1-1] [MQTT-3.10.1-1] [MQTT-3.14.1-1] [MQTT-3.15.1-1]
bool flags_allowed(PacketType type, std::uint8_t flags, Version version) {
  constexpr std::uint8_t dup = 8;
  switch (type) {
    case PacketType::publish:
      return true;  // read_publish looks at them
    case PacketType::pubrel:
    case PacketType::subscribe:
    case PacketType::unsubscribe:
      // MQTT 3.1 gives these three a DUP flag.
      return (version == Version::v31 ? flags & ~dup : flags) == 2;
    default:
      return flags == 0;
  }
}

void check_header(Reader& in, const Frame& frame) {
  if (!packet_allowed(frame.type, in.version(), in.sender())) {
    in.breach(in.sender() == Sender::client ? "a client does not send it" : "a server does not send it");
  }
  if (!flags_allowed(frame.type, frame.flags, in.version())) in.malformed("wrong flags in the fixed header");
}

Packet read_body(Reader& in, const Frame& frame) {
  switch (frame.type) {
    case PacketType::connect:
      return read_connect(in);
    case PacketType::connack:
      return read_connack(in);
    case PacketType::publish: {
      Packet packet(std::in_place_type<Publish>);
      read_publish(in, frame.flags, std::get<Publish>(packet));
      return packet;
    }
    case PacketType::puback:
      return Puback{read_ack(in)};
    case PacketType::pubrec:
      return Pubrec{read_ack(in)};
    case PacketType::pubrel:
      return Pubrel{read_ack(in)};
    case PacketType::pubcomp:
      return Pubcomp{read_ack(in)};
    case PacketType::subscribe:
      return read_subscribe(in);
    case PacketType::suback:
      return read_suback(in);
    case PacketType::unsubscribe:
      return read_unsubscribe(in);
    case PacketType::unsuback:
      return read_unsuback(in);
    case PacketType::pingreq:
      return Pingreq{};
    case PacketType::pingresp:
      return Pingresp{};
    case PacketType::disconnect:
      return read_disconnect(in);
    case PacketType::auth:
      return read_auth(in);
  }
  in.malformed("there is no such packet type");
  return Pingreq{};
}

}  // namespace

Result<Packet> decode(const Frame& frame, Version version, Sender sender) {
  Reader in(frame, version, sender);
  check_header(in, frame);
  Packet packet = read_body(in, frame);
  if (!in.finished()) return std::unexpected(in.take_error());
  return packet;
}

Result<void> decode_publish(const Frame& frame, Version version, Sender sender, Publish& packet) {
  Reader in(frame, version, sender);
  packet = {};
  read_publish(in, frame.flags, packet);
  if (!in.finished()) return std::unexpected(in.take_error());
  return {};
}

Result<Publish> decode_publish(const Frame& frame, Version version, Sender sender) {
  Result<Publish> packet;
  auto decoded = decode_publish(frame, version, sender, *packet);
  if (!decoded) packet = std::unexpected(std::move(decoded.error()));
  return packet;
}

}  // namespace mq
