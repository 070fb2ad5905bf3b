#include "wire/reason_code.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace mq {
namespace {

using Codes = std::set<int>;

Codes allowed(PacketType type, Sender sender) {
  Codes codes;
  for (int code = 0; code < 256; ++code) {
    if (reason_allowed(static_cast<ReasonCode>(code), type, sender)) codes.insert(code);
  }
  return codes;
}

// The tables of 5.0 as they stand in the sections of the packets.
const Codes received_by_server = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
const Codes received_by_client = {0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
const Codes finished = {0x00, 0x92};

TEST_CASE("[MQTT-3.2.2-8] CONNACK has the codes of its table") {
  CHECK_EQ(allowed(PacketType::connack, Sender::server),
           Codes{0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
                 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F});
  CHECK_EQ(allowed(PacketType::connack, Sender::client), Codes{});
}

TEST_CASE("[MQTT-3.4.2-1][MQTT-3.5.2-1] PUBACK and PUBREC have the codes of their tables") {
  for (const PacketType type : {PacketType::puback, PacketType::pubrec}) {
    CHECK_EQ(allowed(type, Sender::server), received_by_server);
    CHECK_EQ(allowed(type, Sender::client), received_by_client);
  }
}

TEST_CASE("[MQTT-3.6.2-1][MQTT-3.7.2-1] PUBREL and PUBCOMP have two codes") {
  for (const PacketType type : {PacketType::pubrel, PacketType::pubcomp}) {
    CHECK_EQ(allowed(type, Sender::server), finished);
    CHECK_EQ(allowed(type, Sender::client), finished);
  }
}

TEST_CASE("[MQTT-3.9.3-2][MQTT-3.8.4-7] SUBACK has the codes of its table") {
  CHECK_EQ(allowed(PacketType::suback, Sender::server),
           Codes{0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2});
}

TEST_CASE("[MQTT-3.11.3-2] UNSUBACK has the codes of its table") {
  CHECK_EQ(allowed(PacketType::unsuback, Sender::server), Codes{0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91});
}

TEST_CASE("[MQTT-3.14.2-1] DISCONNECT has the codes of its table, by sender") {
  CHECK_EQ(allowed(PacketType::disconnect, Sender::client),
           Codes{0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99});
  CHECK_EQ(allowed(PacketType::disconnect, Sender::server),
           Codes{0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8C, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94,
                 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2});
}

TEST_CASE("[MQTT-3.15.2-1] AUTH has three codes, each from its side") {
  CHECK_EQ(allowed(PacketType::auth, Sender::client), Codes{0x18, 0x19});
  CHECK_EQ(allowed(PacketType::auth, Sender::server), Codes{0x00, 0x18});
}

TEST_CASE("reason codes: 43 rows, ascending, each used and explained") {
  CHECK_EQ(reason_rows().size(), 43);
  int before = -1;
  std::set<std::string_view> names;
  for (const ReasonRow& row : reason_rows()) {
    CAPTURE(row.name);
    CHECK_GT(value_of(row.code), before);
    before = value_of(row.code);
    CHECK_NE(row.by_client | row.by_server, 0);
    CHECK_FALSE(row.meaning.empty());
    CHECK(names.insert(row.name).second);
    CHECK_EQ(find_reason(value_of(row.code)), &row);
  }
  CHECK_EQ(find_reason(0x03), nullptr);
  CHECK_EQ(find_reason(0xFF), nullptr);
}

TEST_CASE("reason codes: names, of which the first depends on the packet") {
  CHECK_EQ(name_of(ReasonCode::success, PacketType::puback), "success");
  CHECK_EQ(name_of(ReasonCode::success, PacketType::suback), "granted QoS 0");
  CHECK_EQ(name_of(ReasonCode::success, PacketType::disconnect), "normal disconnection");
  CHECK_EQ(name_of(ReasonCode::not_authorized, PacketType::connack), "not authorized");
  CHECK_EQ(name_of(static_cast<ReasonCode>(0x55), PacketType::connack), "unknown reason");
  CHECK(is_failure(ReasonCode::unspecified_error));
  CHECK_FALSE(is_failure(ReasonCode::no_matching_subscribers));
}

}  // namespace
}  // namespace mq
