#include <doctest/doctest.h>

#include <string>

#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"
#include "wire/testing.hpp"

namespace mq {
namespace {

using namespace std::string_view_literals;
using testing::encoded;
using testing::properties;
using testing::refused;
using enum Version;

constexpr std::size_t flags_at = 2 * 9;  // in the hexadecimal text of a short CONNECT

std::string flags_of(const Connect& packet) { return encoded(packet, packet.version).substr(flags_at, 2); }

Connect connect(Version version) {
  Connect packet;
  packet.version = version;
  packet.client_id = "a";
  return packet;
}

Will will(QoS qos = QoS::at_most_once, bool retain = false) {
  Will made;
  made.topic = "w";
  made.qos = qos;
  made.retain = retain;
  return made;
}

TEST_CASE("[MQTT-3.1.2-1][MQTT-3.1.2-2][MQTT311-3.1.2-1][MQTT311-3.1.2-2] protocol name and version") {
  CHECK_EQ(encoded(connect(v5), v311).substr(4, 14), "00044d51545405");
  CHECK_EQ(encoded(connect(v311), v5).substr(4, 14), "00044d51545404");
  CHECK_EQ(encoded(connect(v31), v5).substr(4, 18), "00064d514973647003");
}

TEST_CASE("[MQTT-3.1.2-3][MQTT311-3.1.2-3] bit 0 of the connect flags stays 0, whatever is chosen") {
  for (const Version version : {v311, v5}) {
    for (unsigned choice = 0; choice < 64; ++choice) {
      Connect packet = connect(version);
      packet.clean_start = (choice & 1U) != 0;
      if ((choice & 2U) != 0) packet.user_name = "u";
      if ((choice & 4U) != 0 && packet.user_name) packet.password = "p";
      if ((choice & 8U) != 0) packet.will = will(static_cast<QoS>(choice >> 4U & 1U), (choice & 32U) != 0);
      const auto flags = from_hex(flags_of(packet));
      REQUIRE(flags);
      CHECK_EQ(octet((*flags)[0]) & 1, 0);
    }
  }
}

TEST_CASE(
    "[MQTT-3.1.2-11][MQTT-3.1.2-13][MQTT311-3.1.2-11][MQTT311-3.1.2-13][MQTT311-3.1.2-15] no will, no flags "
    "of a will") {
  CHECK_EQ(flags_of(connect(v5)), "02");
  CHECK_EQ(flags_of(connect(v311)), "02");
}

TEST_CASE("[MQTT-3.1.2-9][MQTT311-3.1.2-9] a will brings all its fields, empty or not") {
  Connect packet = connect(v5);
  packet.will = will(QoS::exactly_once, true);
  CHECK_EQ(encoded(packet, v5), "101400044d5154540536003c00000161000001770000");
  packet.version = v311;
  CHECK_EQ(encoded(packet, v311), "101200044d5154540436003c0001610001770000");
}

TEST_CASE("[MQTT-3.1.2-12][MQTT311-3.1.2-14] a will of QoS 3 is refused") {
  for (const Version version : {v31, v311, v5}) {
    Connect packet = connect(version);
    packet.will = will(static_cast<QoS>(3));
    CHECK(refused(packet, version));
  }
}

TEST_CASE(
    "[MQTT-3.1.2-16][MQTT-3.1.2-17][MQTT311-3.1.2-18][MQTT311-3.1.2-19] the user name stands there when its "
    "flag says so") {
  for (const Version version : {v311, v5}) {
    Connect packet = connect(version);
    const std::string without = encoded(packet, version);
    CHECK(without.ends_with("000161"));
    CHECK_EQ(flags_of(packet), "02");
    packet.user_name = "";
    CHECK(encoded(packet, version).ends_with("0001610000"));
    CHECK_EQ(flags_of(packet), "82");
  }
}

TEST_CASE(
    "[MQTT-3.1.2-18][MQTT-3.1.2-19][MQTT311-3.1.2-20][MQTT311-3.1.2-21] the password stands there when its "
    "flag says so") {
  for (const Version version : {v311, v5}) {
    Connect without = connect(version);
    without.user_name = "u";
    CHECK_EQ(flags_of(without), "82");
    CHECK(encoded(without, version).ends_with("000161000175"));
  }
  Connect packet = connect(v5);
  packet.password = "\xff\xfe";
  CHECK_EQ(flags_of(packet), "42");
  CHECK(encoded(packet, v5).ends_with("0001610002fffe"));
  packet.version = v311;
  packet.user_name = "u";
  packet.password = "";
  CHECK_EQ(flags_of(packet), "c2");
  CHECK(encoded(packet, v311).ends_with("0001610001750000"));
}

TEST_CASE("[MQTT311-3.1.2-22] a password without a user name is refused below 5.0") {
  for (const Version version : {v31, v311}) {
    Connect packet = connect(version);
    packet.password = "p";
    CHECK(refused(packet, version));
  }
}

TEST_CASE("[MQTT-3.1.3-1][MQTT311-3.1.3-1] the fields of the payload in their order") {
  Connect packet = connect(v5);
  packet.will = will(QoS::at_least_once);
  packet.will->payload = "p";
  const PropertyList delay = properties(testing::number(PropertyId::will_delay_interval, 5));
  packet.will->properties = delay.view();
  packet.user_name = "u";
  packet.password = "s";
  CHECK_EQ(encoded(packet, v5), "102000044d51545405ce003c00000161051800000005000177000170000175000173");
  packet.version = v311;
  CHECK_EQ(encoded(packet, v311), "101900044d51545404ce003c000161000177000170000175000173");
}

TEST_CASE("[MQTT-3.1.3-3][MQTT311-3.1.3-3] the client id comes first, even when it is empty") {
  Connect packet;
  CHECK_EQ(encoded(packet, v5), "100d00044d5154540502003c000000");
  packet.version = v311;
  CHECK_EQ(encoded(packet, v311), "100c00044d5154540402003c0000");
}

TEST_CASE(
    "[MQTT311-3.1.3-7][MQTTKIT-311-OLD-1] an empty client id goes only with a clean session, and never in "
    "3.1") {
  Connect packet;
  packet.clean_start = false;
  CHECK_FALSE(refused(packet, v5));
  packet.version = v311;
  CHECK(refused(packet, v311));
  packet.version = v31;
  packet.clean_start = true;
  CHECK(refused(packet, v31));
}

TEST_CASE(
    "[MQTT-3.1.3-4][MQTT311-3.1.3-4][MQTT-3.1.3-12][MQTT311-3.1.3-11] client id and user name are UTF-8") {
  for (const Version version : {v31, v311, v5}) {
    for (const std::string_view text : {"\xc0\x80"sv, "\xff\xfe"sv, "a\0"sv, "\xed\xbf\xbf"sv}) {
      Connect packet = connect(version);
      packet.client_id = text;
      CHECK(refused(packet, version));
      packet = connect(version);
      packet.user_name = text;
      CHECK(refused(packet, version));
      packet.user_name = "u";
      packet.password = text;
      CHECK_FALSE(refused(packet, version));
    }
  }
}

TEST_CASE("[MQTT-3.1.3-11][MQTT311-3.1.3-10][MQTTKIT-5-TOPIC-5] a will's topic is a topic name") {
  for (const Version version : {v311, v5}) {
    for (const std::string_view topic : {"\xff"sv, "a/#"sv, "+"sv, ""sv, "\0"sv}) {
      Connect packet = connect(version);
      packet.will = will();
      packet.will->topic = topic;
      CHECK(refused(packet, version));
    }
  }
}

TEST_CASE("[MQTTKIT-5-PROP-7] connect: nothing longer than a field can be") {
  const std::string longer(65'536, 'x');
  Connect packet = connect(v5);
  packet.client_id = longer;
  CHECK(refused(packet, v5));
  packet = connect(v5);
  packet.user_name = longer;
  CHECK(refused(packet, v5));
  packet = connect(v5);
  packet.password = longer;
  CHECK(refused(packet, v5));
  packet = connect(v5);
  packet.will = will();
  packet.will->payload = longer;
  CHECK(refused(packet, v5));
  packet.will->payload = std::string_view(longer).substr(1);
  CHECK_FALSE(refused(packet, v5));
}

TEST_CASE("connect: properties that belong, and none below 5.0") {
  Connect packet = connect(v5);
  const PropertyList delay = properties(testing::number(PropertyId::will_delay_interval, 5));
  packet.properties = delay.view();
  CHECK(refused(packet, v5));
  const PropertyList expiry = properties(testing::number(PropertyId::session_expiry_interval, 5));
  packet.properties = expiry.view();
  CHECK_EQ(encoded(packet, v5), "101300044d5154540502003c051100000005000161");
  packet.version = v311;
  CHECK_EQ(encoded(packet, v311), "100d00044d5154540402003c000161");
  packet.version = v5;
  packet.will = will();
  packet.will->properties = expiry.view();
  CHECK(refused(packet, v5));
}

TEST_CASE("[MQTTKIT-5-AUTH-2] connect: authentication data needs its method") {
  Connect packet = connect(v5);
  const PropertyList data = properties(testing::bytes(PropertyId::authentication_data, "x"));
  packet.properties = data.view();
  CHECK(refused(packet, v5));
  const PropertyList both = properties(testing::bytes(PropertyId::authentication_data, "x"),
                                       testing::bytes(PropertyId::authentication_method, "m"));
  packet.properties = both.view();
  CHECK_FALSE(refused(packet, v5));
}

TEST_CASE("a bridge of 3.x sets the high bit of the protocol level, one of 5.0 does not") {
  for (const Version version : {Version::v31, Version::v311, Version::v5}) {
    Connect bridge = connect(version);
    bridge.bridge = true;
    Buffer out;
    REQUIRE(encode(Packet(bridge), version, Sender::client, out));
    const std::size_t level = version == Version::v31 ? 10 : 8;
    const unsigned wanted = static_cast<unsigned>(version) | (version == Version::v5 ? 0U : 0x80U);
    CHECK(octet(out[level]) == wanted);
    const auto frame = next_frame(out);
    REQUIRE((frame && *frame));
    const auto packet = decode(**frame, version, Sender::client);
    REQUIRE(packet);
    CHECK(std::get<Connect>(*packet).bridge == (version != Version::v5));
    CHECK(std::get<Connect>(*packet).version == version);
  }
}

}  // namespace

}  // namespace mq
