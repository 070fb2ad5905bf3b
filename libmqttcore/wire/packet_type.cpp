#include "wire/packet_type.hpp"

#include <array>

namespace mq {
namespace {

enum class Side : std::uint8_t { client, server, both, both_since_5, client_and_server_since_5 };

struct Row {
  std::string_view name;
  Side side;
};

constexpr std::array<Row, 16> rows = {{
    {"packet", Side::both},
    {"CONNECT", Side::client},
    {"CONNACK", Side::server},
    {"PUBLISH", Side::both},
    {"PUBACK", Side::both},
    {"PUBREC", Side::both},
    {"PUBREL", Side::both},
    {"PUBCOMP", Side::both},
    {"SUBSCRIBE", Side::client},
    {"SUBACK", Side::server},
    {"UNSUBSCRIBE", Side::client},
    {"UNSUBACK", Side::server},
    {"PINGREQ", Side::client},
    {"PINGRESP", Side::server},
    {"DISCONNECT", Side::client_and_server_since_5},
    {"AUTH", Side::both_since_5},
}};

const Row& row_of(PacketType type) { return rows[static_cast<std::size_t>(type) & 0xFU]; }

}  // namespace

std::string_view name_of(PacketType type) { return row_of(type).name; }

bool packet_allowed(PacketType type, Version version, Sender sender) {
  switch (row_of(type).side) {
    case Side::client:
      return sender == Sender::client;
    case Side::server:
      return sender == Sender::server;
    case Side::both:
      return true;
    case Side::both_since_5:
      return version == Version::v5;
    case Side::client_and_server_since_5:
      return sender == Sender::client || version == Version::v5;
  }
  return false;
}

}  // namespace mq
