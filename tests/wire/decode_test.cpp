// What a meaning in words does not show: where the fields of a decoded packet point, and what they hold
// exactly.
#include "wire/decode.hpp"

#include <doctest/doctest.h>

#include "base/text.hpp"
#include "wire/round_trip.hpp"
#include "wire/testing.hpp"

namespace mq {
namespace {

using testing::decode_whole;
using testing::plain_fault;
using enum Version;

// The reason of the refusal, 0 when it decodes.
int refusal(std::string_view hex, Version version, Sender sender) {
  const auto packet = decode_whole(from_hex(hex).value(), version, sender);
  return packet ? 0 : packet.error().reason;
}

TEST_CASE("[MQTT-1.5.4-3][MQTT311-1.5.3-3] decode: U+FEFF stays where it is") {
  const Buffer bytes = from_hex("300a 0007 efbbbf61efbbbf 00").value();
  const auto packet = decode_whole(bytes, v5, Sender::server);
  REQUIRE(packet);
  CHECK_EQ(std::get<Publish>(*packet).topic,
           "\xef\xbb\xbf"
           "a\xef\xbb\xbf");
  const Buffer older = from_hex("3006 0003 efbbbf 78").value();
  const auto plain = decode_whole(older, v311, Sender::server);
  REQUIRE(plain);
  CHECK_EQ(std::get<Publish>(*plain).topic, "\xef\xbb\xbf");
  CHECK_EQ(std::get<Publish>(*plain).payload, "x");
}

TEST_CASE(
    "[MQTT-1.5.4-1][MQTT-1.5.4-2][MQTT311-1.5.3-1][MQTT311-1.5.3-2] decode: topics that are no strings") {
  CHECK_EQ(refusal("30 06 0003 eda080 00", v5, Sender::server), 0x81);
  CHECK_EQ(refusal("30 06 0003 610062 00", v5, Sender::server), 0x81);
  CHECK_EQ(refusal("30 05 0003 eda080", v311, Sender::server), 0x81);
  CHECK_EQ(refusal("30 05 0003 610062", v311, Sender::server), 0x81);
}

TEST_CASE("decode: a PUBLISH views the bytes that it came in") {
  const Buffer valid = from_hex("3b 0f 0003 612f62 0102 05 26 0000 0000 7879").value();
  const auto frame = next_frame(valid);
  REQUIRE(frame);
  REQUIRE(frame->has_value());
  const auto packet = decode_publish(**frame, v5, Sender::server);
  REQUIRE(packet);
  CHECK(packet->dup);
  CHECK(packet->retain);
  CHECK_EQ(packet->qos, QoS::at_least_once);
  CHECK_EQ(packet->packet_id, 0x0102);
  CHECK_EQ(packet->topic.data(), valid.data() + 4);
  CHECK_EQ(packet->properties.block().data(), valid.data() + 10);
  CHECK_EQ(packet->payload.data(), valid.data() + 15);
  CHECK_EQ(packet->payload, "xy");
}

TEST_CASE("plain: what the short ways take, and what they leave") {
  const auto taken = [](std::string_view hex, Version version) {
    Publish publish;
    const Buffer bytes = from_hex(hex).value();
    CHECK_EQ(plain_fault(bytes, version), "");
    return take_plain_publish(bytes, version, publish);
  };
  CHECK_EQ(taken("30 06 0003 612f62 78", v311), 8);
  CHECK_EQ(taken("3d 09 0003 612f62 0102 00 78 ffff", v5), 11);
  CHECK_EQ(taken("30 0f 0009 612f622f632f642f65 00 7879 7a", v5), 17);  // longer than a word
  CHECK_EQ(taken("30 05 0002 6120 78", v311), 7);                       // a space is no fault
  CHECK_EQ(taken("30 0b 0009 612f62202f632f6465", v311), 13);
  CHECK_EQ(taken("30 8500 0003 612f62", v311), 0);            // overlong length
  CHECK_EQ(taken("30 06 0003 612f2b 78", v311), 0);           // a wildcard
  CHECK_EQ(taken("30 0b 0009 23612f622f632f6465", v311), 0);  // in the first word
  CHECK_EQ(taken("30 0b 0009 612f622f632f642b65", v311), 0);  // in the last
  CHECK_EQ(taken("30 05 0002 c3a9 78", v311), 7);             // not ASCII, and right
  CHECK_EQ(taken("30 05 0002 ffff 78", v311), 0);
  CHECK_EQ(taken("38 06 0003 612f62 78", v311), 0);       // DUP at QoS 0
  CHECK_EQ(taken("36 08 0003 612f62 0001 78", v311), 0);  // QoS 3
  CHECK_EQ(taken("32 08 0003 612f62 0000 78", v311), 0);  // identifier 0
  CHECK_EQ(taken("32 06 0003 612f62 00", v311), 0);       // too short for one
  CHECK_EQ(taken("30 08 0003 612f62 02 0101", v5), 0);    // properties
  CHECK_EQ(taken("30 06 0003 612f62", v311), 0);          // unfinished
  CHECK_EQ(plain_ack(from_hex("62020001").value()).id, 1);
  CHECK_EQ(plain_ack(from_hex("60020001").value()).id, 0);    // PUBREL with wrong flags
  CHECK_EQ(plain_ack(from_hex("4003000100").value()).id, 0);  // with a reason
  CHECK_EQ(plain_ack(from_hex("400200").value()).id, 0);
}

TEST_CASE("decode: every field of a CONNECT") {
  const Buffer bytes = from_hex(
                           "10 28 0004 4d515454 05 f6 000a 05 11 00000e10 0001 63"
                           "05 18 00000007 0002 772f 0001 70 0002 7573 0002 ff00")
                           .value();
  const auto packet = decode_whole(bytes, v311, Sender::client);
  REQUIRE(packet);
  const Connect& connect = std::get<Connect>(*packet);
  CHECK_EQ(connect.version, v5);
  CHECK(connect.clean_start);
  CHECK_EQ(connect.keep_alive, 10);
  CHECK_EQ(connect.properties.number(PropertyId::session_expiry_interval), 3600U);
  CHECK_EQ(connect.client_id, "c");
  REQUIRE(connect.will);
  CHECK_EQ(connect.will->qos, QoS::exactly_once);
  CHECK(connect.will->retain);
  CHECK_EQ(connect.will->properties.number(PropertyId::will_delay_interval), 7U);
  CHECK_EQ(connect.will->topic, "w/");
  CHECK_EQ(connect.will->payload, "p");
  CHECK_EQ(connect.user_name, "us");
  REQUIRE(connect.password);
  CHECK_EQ(to_hex(*connect.password), "ff00");
}

TEST_CASE("decode: every field of SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK") {
  const Buffer subscribe = from_hex("82 0f 0009 02 0b05 0001 61 1d 0003 622f23 02").value();
  const auto packet = decode_whole(subscribe, v5, Sender::client);
  REQUIRE(packet);
  const Subscribe& held = std::get<Subscribe>(*packet);
  CHECK_EQ(held.packet_id, 9);
  CHECK_EQ(held.properties.number(PropertyId::subscription_identifier), 5U);
  REQUIRE_EQ(held.subscriptions.size(), 2);
  CHECK_EQ(held.subscriptions[0], Subscription{.filter = "a",
                                               .qos = QoS::at_least_once,
                                               .no_local = true,
                                               .retain_as_published = true,
                                               .retain_handling = RetainHandling::new_only});
  CHECK_EQ(held.subscriptions[1], Subscription{.filter = "b/#", .qos = QoS::exactly_once});

  const Buffer suback = from_hex("90 05 0009 00 0187").value();
  const auto granted = decode_whole(suback, v5, Sender::server);
  REQUIRE(granted);
  CHECK_EQ(std::get<Suback>(*granted).packet_id, 9);
  CHECK_EQ(to_hex(std::get<Suback>(*granted).codes), "0187");

  const Buffer unsubscribe = from_hex("a2 08 0009 0001 61 0001 62").value();
  const auto ended = decode_whole(unsubscribe, v311, Sender::client);
  REQUIRE(ended);
  CHECK_EQ(std::get<Unsubscribe>(*ended).filters, std::vector<std::string_view>{"a", "b"});

  const Buffer unsuback = from_hex("b0 05 0009 00 0011").value();
  const auto gone = decode_whole(unsuback, v5, Sender::server);
  REQUIRE(gone);
  CHECK_EQ(to_hex(std::get<Unsuback>(*gone).codes), "0011");
}

TEST_CASE("[MQTT-2.1.3-1][MQTT311-2.2.2-2] decode: every other value of the reserved flags is malformed") {
  struct Example {
    PacketType type;
    unsigned flags;
    Sender sender;
    std::string_view body_311, body_5;
  };
  using enum PacketType;
  constexpr Example examples[] = {
      {connect, 0, Sender::client, "00044d5154540402003c0000", "00044d5154540502003c000000"},
      {connack, 0, Sender::server, "0000", "000000"},
      {puback, 0, Sender::server, "0001", "0001"},
      {pubrec, 0, Sender::server, "0001", "0001"},
      {pubrel, 2, Sender::server, "0001", "0001"},
      {pubcomp, 0, Sender::server, "0001", "0001"},
      {subscribe, 2, Sender::client, "000100016100", "00010000016100"},
      {suback, 0, Sender::server, "000100", "00010000"},
      {unsubscribe, 2, Sender::client, "0001000161", "000100000161"},
      {unsuback, 0, Sender::server, "0001", "00010000"},
      {pingreq, 0, Sender::client, "", ""},
      {pingresp, 0, Sender::server, "", ""},
      {disconnect, 0, Sender::client, "", ""},
      {auth, 0, Sender::server, "", ""},
  };
  for (const Example& example : examples) {
    CAPTURE(name_of(example.type));
    for (const Version version : {v311, v5}) {
      if (example.type == auth && version == v311) continue;
      const Buffer body = from_hex(version == v5 ? example.body_5 : example.body_311).value();
      for (unsigned flags = 0; flags < 16; ++flags) {
        const Frame frame{.type = example.type,
                          .flags = static_cast<std::uint8_t>(flags),
                          .body = body,
                          .size = body.size() + 2};
        const auto packet = decode(frame, version, example.sender);
        CHECK_EQ(packet.has_value(), flags == example.flags);
        if (!packet) CHECK_EQ(packet.error().reason, 0x81);
      }
    }
  }
}

TEST_CASE("[MQTT-3.3.1-2][MQTT-3.3.1-4][MQTT311-3.3.1-2][MQTT311-3.3.1-4] decode: the flags of PUBLISH") {
  for (unsigned flags = 0; flags < 16; ++flags) {
    const unsigned qos = flags >> 1U & 3U;
    const bool valid = qos != 3 && !(qos == 0 && (flags & 8U) != 0);
    for (const Version version : {v311, v5}) {
      Buffer body = from_hex(qos == 0 ? "000161" : "0001610007").value();
      if (version == v5) body += '\0';
      const Frame frame{.type = PacketType::publish,
                        .flags = static_cast<std::uint8_t>(flags),
                        .body = body,
                        .size = body.size() + 2};
      const auto packet = decode_publish(frame, version, Sender::server);
      CHECK_EQ(packet.has_value(), valid);
      if (!packet) CHECK_EQ(packet.error().reason, 0x81);
    }
  }
}

TEST_CASE(
    "[MQTT-3.2.2-8][MQTT-3.14.2-1][MQTTKIT-5-REASON-1][MQTTKIT-5-REASON-2] decode: reason codes that no "
    "packet has are never taken "
    "for one") {
  for (unsigned code = 0; code < 256; ++code) {
    CAPTURE(code);
    const bool known = find_reason(static_cast<std::uint8_t>(code)) != nullptr;
    const auto reason = static_cast<ReasonCode>(code);
    const char octets[] = {'\x00', static_cast<char>(code), '\x00'};
    const Frame connack{.type = PacketType::connack, .flags = 0, .body = Bytes(octets, 3), .size = 5};
    const auto accepted = decode(connack, v5, Sender::server);
    CHECK_EQ(accepted.has_value(), reason_allowed(reason, PacketType::connack, Sender::server));
    if (accepted) CHECK_EQ(std::get<Connack>(*accepted).reason, reason);
    if (!accepted) CHECK_EQ(accepted.error().reason, known ? 0x82 : 0x81);
    const Frame disconnect{
        .type = PacketType::disconnect, .flags = 0, .body = Bytes(octets + 1, 1), .size = 3};
    for (const Sender sender : {Sender::client, Sender::server}) {
      CHECK_EQ(decode(disconnect, v5, sender).has_value(),
               reason_allowed(reason, PacketType::disconnect, sender));
    }
  }
}

TEST_CASE("decode: a server of 3.1.1 that refuses the version is understood at every version") {
  for (const Version version : {v31, v311, v5}) {
    const auto packet = decode_whole(from_hex("20020001").value(), version, Sender::server);
    REQUIRE(packet);
    CHECK_EQ(std::get<Connack>(*packet).reason, ReasonCode::unsupported_protocol_version);
    CHECK_FALSE(std::get<Connack>(*packet).session_present);
  }
  CHECK_EQ(refusal("20020005", v5, Sender::server), 0x81);
}

TEST_CASE(
    "[MQTT-3.14.2-2] decode: a server's DISCONNECT with a session expiry interval is a protocol error") {
  CHECK_EQ(refusal("e007 00 05 1100000001", v5, Sender::server), 0x82);
  CHECK_EQ(refusal("e007 00 05 1100000001", v5, Sender::client), 0);
}

TEST_CASE("decode: errors say which packet, and what is wrong with it") {
  const auto text = [](std::string_view hex, Version version, Sender sender) {
    const auto packet = decode_whole(from_hex(hex).value(), version, sender);
    return packet ? std::string() : packet.error().text;
  };
  CHECK_EQ(text("3600", v5, Sender::server), "malformed PUBLISH: QoS is 3");
  CHECK_EQ(text("3003000261", v5, Sender::server), "malformed PUBLISH: it ends too early");
  CHECK_EQ(text("400400010000", v311, Sender::server), "malformed PUBACK: 2 bytes too many");
  CHECK_EQ(text("e000", v311, Sender::server), "DISCONNECT breaks the protocol: a server does not send it");
  CHECK_EQ(text("30 08 000161 03 23 0000 78", v5, Sender::server),
           "PUBLISH breaks the protocol: property topic-alias must be from 1 to 65535, not 0");
  CHECK_EQ(text("4003000192", v5, Sender::server),
           "PUBACK breaks the protocol: reason code 0x92 (packet identifier not found) does not belong here");
  CHECK_EQ(text("30 05 0001 61 8000", v5, Sender::server),
           "malformed PUBLISH: a variable byte integer is overlong");
}

}  // namespace
}  // namespace mq
