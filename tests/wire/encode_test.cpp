#include "wire/encode.hpp"

#include <doctest/doctest.h>

#include <string>

#include "wire/round_trip.hpp"
#include "wire/testing.hpp"

namespace mq {
namespace {

using namespace std::string_view_literals;
using testing::encoded;
using testing::properties;
using testing::refused;
using enum Version;
using enum QoS;

Publish publish(QoS qos = at_most_once, PacketId id = 0) {
  Publish packet;
  packet.topic = "a";
  packet.qos = qos;
  packet.packet_id = id;
  packet.payload = "x";
  return packet;
}

TEST_CASE(
    "[MQTT-2.2.1-2][MQTT-3.3.1-2][MQTT-4.3.1-1][MQTT311-2.3.1-5][MQTT311-3.3.1-2][MQTT311-4.3.1-1] "
    "PUBLISH at QoS 0: no identifier, no DUP") {
  CHECK_EQ(encoded(publish(), v5), "30050001610078");
  CHECK_EQ(encoded(publish(), v311), "300400016178");
  Publish packet = publish();
  packet.retain = true;
  CHECK_EQ(encoded(packet, v311), "310400016178");
  packet.dup = true;
  CHECK(refused(packet, v5));
  CHECK(refused(packet, v311));
  CHECK(refused(publish(at_most_once, 7), v5));
}

TEST_CASE(
    "[MQTT-4.3.2-2][MQTT-4.3.3-2][MQTT311-2.3.1-1] PUBLISH at QoS 1 and 2: identifier, and DUP as told") {
  CHECK_EQ(encoded(publish(at_least_once, 0xABCD), v5), "3207000161abcd0078");
  CHECK_EQ(encoded(publish(exactly_once, 1), v5), "340700016100010078");
  CHECK_EQ(encoded(publish(exactly_once, 1), v311), "3406000161000178");
  Publish packet = publish(at_least_once, 1);
  packet.dup = true;
  packet.retain = true;
  CHECK_EQ(encoded(packet, v311), "3b06000161000178");
  CHECK(refused(publish(at_least_once, 0), v5));
  CHECK(refused(publish(exactly_once, 0), v311));
}

TEST_CASE("PUBLISH: the short way takes the ordinary and leaves all else") {
  const auto ordinary = [](const Publish& packet, Version version, std::size_t most) {
    Buffer out;
    return append_plain_publish(packet, version, most, out);
  };
  for (const Version version : {v31, v311, v5}) {
    for (const QoS qos : {at_most_once, at_least_once, exactly_once}) {
      for (const std::size_t size : {0U, 1U, 120U, 121U, 122U, 123U, 124U, 125U, 16'360U, 16'384U}) {
        CAPTURE(size);
        const std::string payload(size, 'p');
        Publish packet = publish(qos, qos == at_most_once ? 0 : 0xABCD);
        packet.payload = payload;
        for (const std::string_view topic : {"a", "a/b", "plant/line/4", "!", "gr\xc3\xbc\xc3\x9f"}) {
          packet.topic = topic;
          CHECK_EQ(testing::round_trip_fault(Packet(packet), version, Sender::client), "");
        }
        CHECK_EQ(ordinary(packet, version, 100'000), size < 16'384);
        for (const std::string_view topic : {""sv, "+"sv, "a/#"sv, "long enough/+"sv, "\xff"sv, "a\0b"sv}) {
          packet.topic = topic;
          CHECK_FALSE(ordinary(packet, version, 100'000));
        }
      }
    }
    CHECK(ordinary(publish(), version, 8));
    CHECK_FALSE(ordinary(publish(), version, 6));
    CHECK_FALSE(ordinary(publish(at_most_once, 7), version, 100));
    CHECK_FALSE(ordinary(publish(exactly_once), version, 100));
    CHECK_FALSE(ordinary(publish(static_cast<QoS>(3), 1), version, 100));
  }
}

TEST_CASE("[MQTT-3.3.1-4][MQTT311-3.3.1-4] PUBLISH at QoS 3 is refused") {
  CHECK(refused(publish(static_cast<QoS>(3), 1), v5));
  CHECK(refused(publish(static_cast<QoS>(3), 1), v311));
}

TEST_CASE(
    "[MQTT-3.3.2-1][MQTT311-3.3.2-1][MQTTKIT-5-TOPIC-1] PUBLISH begins with its topic, empty only with an "
    "alias") {
  const PropertyList alias = properties(testing::number(PropertyId::topic_alias, 1));
  Publish packet = publish();
  packet.topic = "";
  CHECK(refused(packet, v5));
  packet.properties = alias.view();
  CHECK_EQ(encoded(packet, v5), "300700000323000178");
  CHECK(refused(packet, v311));
  for (const std::string_view topic : {"\xff"sv, "a\0"sv, "\xed\xa0\x80"sv}) {
    packet.topic = topic;
    CHECK(refused(packet, v5));
    CHECK(refused(packet, v311));
  }
}

TEST_CASE("[MQTT-3.3.2-2][MQTT311-3.3.2-2] PUBLISH to a topic with wildcards is refused") {
  for (const std::string_view topic : {"a/+", "a/#", "#"}) {
    Publish packet = publish();
    packet.topic = topic;
    CHECK(refused(packet, v5));
    CHECK(refused(packet, v311));
  }
}

TEST_CASE(
    "[MQTT-3.3.4-6][MQTT-3.3.2-8][MQTT-3.3.2-14] PUBLISH: properties that a client may not send are "
    "refused") {
  Publish packet = publish();
  const PropertyList identifier = properties(testing::number(PropertyId::subscription_identifier, 1));
  packet.properties = identifier.view();
  CHECK(refused(packet, v5));
  CHECK_EQ(encoded(packet, v5, Sender::server), "3007000161020b0178");
  CHECK_EQ(encoded(packet, v311), "300400016178");  // left out
  const PropertyList no_alias = properties(testing::number(PropertyId::topic_alias, 0));
  packet.properties = no_alias.view();
  CHECK(refused(packet, v5));
  const PropertyList wildcard = properties(testing::bytes(PropertyId::response_topic, "a/#"));
  packet.properties = wildcard.view();
  CHECK(refused(packet, v5));
}

TEST_CASE("[MQTT-2.2.2-1] without properties their length 0 is written") {
  CHECK_EQ(encoded(Connect{}, v5).substr(24, 2), "00");
  CHECK_EQ(encoded(publish(), v5).substr(10, 2), "00");
  Subscribe subscribe{.packet_id = 1, .properties = {}, .subscriptions = {Subscription{.filter = "a"}}};
  CHECK_EQ(encoded(subscribe, v5), "820700010000016100");
  Unsubscribe unsubscribe{.packet_id = 1, .properties = {}, .filters = {"a"}};
  CHECK_EQ(encoded(unsubscribe, v5), "a206000100000161");
}

TEST_CASE("publish: encoded_size is what encode writes, over every size of the length") {
  for (const std::size_t size : {0U, 1U, 123U, 124U, 125U, 16'379U, 16'380U, 16'381U, 2'097'150U}) {
    const std::string payload(size, 'x');
    for (const Version version : {v311, v5}) {
      Publish packet = publish(at_least_once, 9);
      packet.payload = payload;
      Buffer out;
      REQUIRE(encode(packet, version, Sender::client, out));
      CHECK_EQ(encoded_size(packet, version), out.size());
      const auto frame = next_frame(out);
      REQUIRE(frame);
      REQUIRE(frame->has_value());
      const auto again = decode_publish(**frame, version, Sender::client);
      REQUIRE(again);
      CHECK_EQ(again->payload, payload);
    }
  }
}

TEST_CASE("publish: more than a packet can hold is refused") {
  // Never read: only its length counts.
  static const char byte = 'x';
  Publish packet = publish();
  packet.payload = Bytes(&byte, max_variable_integer);
  CHECK(refused(packet, v5));
  CHECK_EQ(encoded_size(packet, v5), 1 + 4 + 4 + std::uint64_t{max_variable_integer});
}

TEST_CASE("[MQTT-3.6.1-1][MQTT311-3.6.1-1] acknowledgements: flags, short forms, reasons") {
  const Ack plain{.packet_id = 0xABCD, .reason = ReasonCode::success, .properties = {}};
  for (const Version version : {v31, v311, v5}) {
    CHECK_EQ(encoded(Puback{plain}, version), "4002abcd");
    CHECK_EQ(encoded(Pubrec{plain}, version), "5002abcd");
    CHECK_EQ(encoded(Pubrel{plain}, version), "6202abcd");
    CHECK_EQ(encoded(Pubcomp{plain}, version), "7002abcd");
  }
  Ack refusal = plain;
  refusal.reason = ReasonCode::quota_exceeded;
  CHECK_EQ(encoded(Puback{refusal}, v5), "4003abcd97");
  CHECK_EQ(encoded(Puback{refusal}, v311), "4002abcd");
  const PropertyList why = properties(testing::bytes(PropertyId::reason_string, "no"));
  refusal.properties = why.view();
  CHECK_EQ(encoded(Pubrec{refusal}, v5), "5009abcd97051f00026e6f");
  const Ack nameless{};
  CHECK(refused(Puback{nameless}, v5));
  CHECK(refused(Pubrel{nameless}, v311));
}

TEST_CASE(
    "[MQTT-3.4.2-1][MQTT-3.5.2-1][MQTT-3.6.2-1][MQTT-3.7.2-1] acknowledgements: only the codes of their "
    "tables") {
  for (int code = 0; code < 256; ++code) {
    const Ack ack{.packet_id = 1, .reason = static_cast<ReasonCode>(code), .properties = {}};
    for (const Sender sender : {Sender::client, Sender::server}) {
      CHECK_EQ(refused(Puback{ack}, v5, sender), !reason_allowed(ack.reason, PacketType::puback, sender));
      CHECK_EQ(refused(Pubrec{ack}, v5, sender), !reason_allowed(ack.reason, PacketType::pubrec, sender));
      CHECK_EQ(refused(Pubrel{ack}, v5, sender), code != 0 && code != 0x92);
      CHECK_EQ(refused(Pubcomp{ack}, v5, sender), code != 0 && code != 0x92);
    }
  }
}

TEST_CASE(
    "[MQTT-3.8.1-1][MQTT311-3.8.1-1][MQTT-3.8.3-5][MQTT311-3.8.3-4][MQTTKIT-5-SUB-1][MQTTKIT-311-SUB-2] "
    "SUBSCRIBE: flags, and every set of options") {
  for (unsigned choice = 0; choice < 64; ++choice) {
    Subscription subscription{.filter = "a"};
    subscription.qos = static_cast<QoS>(choice & 3U);
    subscription.no_local = (choice & 4U) != 0;
    subscription.retain_as_published = (choice & 8U) != 0;
    subscription.retain_handling = static_cast<RetainHandling>(choice >> 4U);
    const Subscribe packet{.packet_id = 1, .properties = {}, .subscriptions = {subscription}};
    const bool valid = (choice & 3U) != 3 && choice >> 4U != 3;
    const char options = static_cast<char>(choice);
    const char qos = static_cast<char>(choice & 3U);
    CHECK_EQ(refused(packet, v5), !valid);
    CHECK_EQ(refused(packet, v311), !valid);
    if (!valid) continue;
    CHECK_EQ(encoded(packet, v5), std::string("8207000100000161").append(to_hex(Bytes(&options, 1))));
    CHECK_EQ(encoded(packet, v311), std::string("82060001000161").append(to_hex(Bytes(&qos, 1))));
  }
}

TEST_CASE(
    "[MQTT-3.8.3-1][MQTT-3.8.3-2][MQTT311-3.8.3-1][MQTT311-3.8.3-3] SUBSCRIBE: at least one filter, all "
    "valid") {
  for (const Version version : {v31, v311, v5}) {
    Subscribe packet{.packet_id = 1, .properties = {}, .subscriptions = {}};
    CHECK(refused(packet, version));
    packet.subscriptions = {Subscription{.filter = "a"}, Subscription{.filter = "\xc3\x28"}};
    CHECK(refused(packet, version));
    packet.subscriptions[1].filter = "a#";
    CHECK(refused(packet, version));
    packet.subscriptions[1].filter = "b/#";
    CHECK_FALSE(refused(packet, version));
    packet.packet_id = 0;
    CHECK(refused(packet, version));
  }
}

TEST_CASE("[MQTT-3.8.3-4] SUBSCRIBE: no local on a shared subscription is refused") {
  Subscribe packet{.packet_id = 1, .properties = {}, .subscriptions = {Subscription{.filter = "$share/g/t"}}};
  CHECK_FALSE(refused(packet, v5));
  packet.subscriptions[0].no_local = true;
  CHECK(refused(packet, v5));
}

TEST_CASE(
    "[MQTT-3.10.1-1][MQTT311-3.10.1-1][MQTT-3.10.3-1][MQTT-3.10.3-2][MQTT311-3.10.3-1][MQTT311-3.10.3-2] "
    "UNSUBSCRIBE") {
  for (const Version version : {v31, v311, v5}) {
    Unsubscribe packet{.packet_id = 1, .properties = {}, .filters = {"a", "b/+"}};
    CHECK_EQ(encoded(packet, version),
             version == v5 ? "a20b0001000001610003622f2b" : "a20a00010001610003622f2b");
    packet.filters[1] = "\xc3\x28";
    CHECK(refused(packet, version));
    packet.filters.clear();
    CHECK(refused(packet, version));
  }
}

TEST_CASE(
    "[MQTT-3.9.3-2][MQTT311-3.9.3-2][MQTT311-3.8.4-5][MQTT-3.11.3-2] SUBACK and UNSUBACK: codes of their "
    "tables") {
  Suback packet{.packet_id = 1, .properties = {}, .codes = "\x02\x80"};
  CHECK_EQ(encoded(packet, v5, Sender::server), "90050001000280");
  CHECK_EQ(encoded(packet, v311, Sender::server), "900400010280");
  packet.codes = "\x87";
  CHECK_FALSE(refused(packet, v5, Sender::server));
  CHECK(refused(packet, v311, Sender::server));
  packet.codes = "\x03";
  CHECK(refused(packet, v5, Sender::server));
  packet.codes = "";
  CHECK(refused(packet, v5, Sender::server));
  Unsuback ended{.packet_id = 1, .properties = {}, .codes = "\x11"};
  CHECK_EQ(encoded(ended, v5, Sender::server), "b00400010011");
  CHECK_EQ(encoded(ended, v311, Sender::server), "b0020001");
  ended.codes = "\x01";
  CHECK(refused(ended, v5, Sender::server));
}

TEST_CASE("[MQTT-3.14.1-1][MQTT311-3.14.1-1][MQTT-3.14.2-1][MQTT-3.14.2-2] DISCONNECT") {
  Disconnect packet;
  CHECK_EQ(encoded(packet, v311), "e000");
  CHECK_EQ(encoded(packet, v5), "e000");
  CHECK(refused(packet, v311, Sender::server));
  packet.reason = ReasonCode::disconnect_with_will;
  CHECK_EQ(encoded(packet, v5), "e00104");
  CHECK_EQ(encoded(packet, v311), "e000");
  CHECK(refused(packet, v5, Sender::server));
  packet.reason = ReasonCode::keep_alive_timeout;
  CHECK(refused(packet, v5));
  CHECK_EQ(encoded(packet, v5, Sender::server), "e0018d");
  const PropertyList expiry = properties(testing::number(PropertyId::session_expiry_interval, 5));
  packet = {.reason = ReasonCode::success, .properties = expiry.view()};
  CHECK_EQ(encoded(packet, v5), "e00700051100000005");
  CHECK(refused(packet, v5, Sender::server));
}

TEST_CASE("[MQTTKIT-5-FRAME-5] encode: no side sends what is the other's") {
  CHECK_EQ(encoded(Pingreq{}, v5), "c000");
  CHECK_EQ(encoded(Pingresp{}, v311, Sender::server), "d000");
  CHECK(refused(Pingreq{}, v5, Sender::server));
  CHECK(refused(Pingresp{}, v5));
  CHECK(refused(Connect{}, v5, Sender::server));
  CHECK(refused(Connack{}, v5));
}

}  // namespace
}  // namespace mq
