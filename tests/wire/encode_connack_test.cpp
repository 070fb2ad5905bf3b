// CONNACK and AUTH.
#include <doctest/doctest.h>

#include <string>

#include "wire/encode.hpp"
#include "wire/testing.hpp"

namespace mq {
namespace {

using testing::encoded;
using testing::properties;
using testing::refused;
using enum Version;

TEST_CASE(
    "[MQTT-3.2.2-1][MQTT-3.2.2-6][MQTT311-3.2.2-4][MQTTKIT-5-CONN-5][MQTTKIT-311-CONN-2][MQTTKIT-311-OLD-1] "
    "CONNACK: session present only with success") {
  Connack packet;
  packet.session_present = true;
  CHECK_EQ(encoded(packet, v5, Sender::server), "2003010000");
  CHECK_EQ(encoded(packet, v311, Sender::server), "20020100");
  CHECK_EQ(encoded(packet, v31, Sender::server), "20020000");
  packet.reason = ReasonCode::not_authorized;
  CHECK(refused(packet, v5, Sender::server));
  CHECK(refused(packet, v311, Sender::server));
}

TEST_CASE("[MQTT-3.2.2-8] CONNACK: codes of its table, and below 5.0 the five that there are") {
  Connack packet;
  for (const ReasonRow& row : reason_rows()) {
    CAPTURE(row.name);
    packet.reason = row.code;
    const bool belongs = (row.by_server & bit_of(PacketType::connack)) != 0;
    CHECK_EQ(refused(packet, v5, Sender::server), !belongs);
  }
  struct Example {
    ReasonCode reason;
    std::string_view hex;
  };
  constexpr Example examples[] = {{ReasonCode::success, "20020000"},
                                  {ReasonCode::unsupported_protocol_version, "20020001"},
                                  {ReasonCode::client_identifier_not_valid, "20020002"},
                                  {ReasonCode::server_unavailable, "20020003"},
                                  {ReasonCode::bad_user_name_or_password, "20020004"},
                                  {ReasonCode::not_authorized, "20020005"}};
  for (const Example& example : examples) {
    packet.reason = example.reason;
    CHECK_EQ(encoded(packet, v311, Sender::server), example.hex);
  }
  packet.reason = ReasonCode::banned;
  CHECK(refused(packet, v311, Sender::server));
}

TEST_CASE(
    "[MQTT-3.15.1-1][MQTT-3.15.2-1][MQTT-4.12.0-3] AUTH: flags, reasons by side, and always the method") {
  const PropertyList method = properties(testing::bytes(PropertyId::authentication_method, "m"));
  Auth packet{.reason = ReasonCode::continue_authentication, .properties = method.view()};
  CHECK_EQ(encoded(packet, v5), "f00618041500016d");
  packet.reason = ReasonCode::reauthenticate;
  CHECK_EQ(encoded(packet, v5), "f00619041500016d");
  CHECK(refused(packet, v5, Sender::server));
  packet.reason = ReasonCode::success;
  CHECK(refused(packet, v5));
  CHECK_EQ(encoded(packet, v5, Sender::server), "f00600041500016d");
  packet.properties = {};
  CHECK_EQ(encoded(packet, v5, Sender::server), "f000");
  packet.reason = ReasonCode::continue_authentication;
  CHECK(refused(packet, v5));
  packet.properties = method.view();
  CHECK(refused(packet, v311));
}

}  // namespace
}  // namespace mq
