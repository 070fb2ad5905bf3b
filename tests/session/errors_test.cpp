// What a server may not send: the connection breaks, at 5.0 with the right reason code.
#include <vector>

#include "script.hpp"

namespace mq {

namespace {

struct Fault {
  std::string what;
  const char* hex;
  ReasonCode reason;
};

// On a connection whose exchanges 1 (QoS 1), 2 (QoS 2, published), 3 (QoS 2, released), 4 (SUBSCRIBE of two
// filters) and 5 (UNSUBSCRIBE) are open.
void check_breaks(Version version, const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    CAPTURE(fault.what);
    CAPTURE(static_cast<int>(version));
    Script s(config_of(version));
    s.connect();
    s.publish(QoS::at_least_once);
    s.publish(QoS::exactly_once);
    s.publish(QoS::exactly_once);
    REQUIRE(s.session.subscribe({{.filter = "a"}, {.filter = "b"}}, {}, s.now));
    REQUIRE(s.session.unsubscribe({"c"}, {}, s.now));
    s.take_publishes(3);
    s.take<Subscribe>();
    s.take<Unsubscribe>();
    s.feed(pubrec(3));
    s.no_event();
    s.sent(pubrel(3));
    s.feed(fault.hex);
    const Broken broken = s.event<Broken>();
    CHECK(broken.error.reason == value_of(fault.reason));
    CHECK_FALSE(broken.error.text.empty());
    CHECK(s.session.over());
    CHECK_FALSE(s.session.deadline());
    if (version == Version::v5)
      s.sent(Disconnect{fault.reason, {}});
    else
      s.sent_nothing();
    s.feed("d0 00");
    s.no_event();
    s.session.tick(s.now + 1h);
    s.no_event();
    // The session lives on.
    CHECK(s.session.unacknowledged() == 3);
  }
}

}  // namespace

TEST_CASE(
    "[MQTT311-4.8.0-1][MQTTKIT-5-ACK-1][MQTTKIT-311-ACK-1][MQTTKIT-5-FRAME-1][MQTTKIT-5-FRAME-2][MQTTKIT-311-"
    "FRAME-2][MQTTKIT-5-FRAME-5][MQTTKIT-311-FRAME-1][MQTTKIT-5-ZERO-4][MQTTKIT-311-ZERO-1] packets that "
    "come out of order or twice, or that only a client sends, at any version") {
  for (const Version version : all_versions) {
    check_breaks(version, {
                              {"PUBACK for QoS 2", "40 02 0002", ReasonCode::protocol_error},
                              {"PUBREC for QoS 1", "50 02 0001", ReasonCode::protocol_error},
                              {"PUBCOMP before PUBREC", "70 02 0002", ReasonCode::protocol_error},
                              {"PUBCOMP for QoS 1", "70 02 0001", ReasonCode::protocol_error},
                              {"PUBACK for SUBSCRIBE", "40 02 0004", ReasonCode::protocol_error},
                              {"PUBREL with identifier 0", "62 02 0000", ReasonCode::protocol_error},
                              {"PUBACK with identifier 0", "40 02 0000", ReasonCode::protocol_error},
                              {"PINGREQ", "c0 00", ReasonCode::protocol_error},
                              {"packet type 0", "00 00", ReasonCode::malformed_packet},
                              {"overlong length", "30 80 80 80 80 01", ReasonCode::malformed_packet},
                          });
  }
}

TEST_CASE("[MQTT-2.1.3-1][MQTT311-2.2.2-2][MQTT-3.6.1-1][MQTT311-3.6.1-1] wrong flags in the fixed header") {
  for (const Version version : all_versions) {
    check_breaks(version, {
                              {"CONNACK", "21 02 0000", ReasonCode::malformed_packet},
                              {"PUBACK", "41 02 0001", ReasonCode::malformed_packet},
                              {"PUBREL", "60 02 0001", ReasonCode::malformed_packet},
                              {"SUBACK", "91 03 0004 00", ReasonCode::malformed_packet},
                              {"UNSUBACK", "b2 02 0005", ReasonCode::malformed_packet},
                              {"PINGRESP", "d8 00", ReasonCode::malformed_packet},
                          });
  }
}

TEST_CASE(
    "[MQTT-3.3.1-4][MQTT311-3.3.1-4][MQTT-3.3.1-2][MQTT311-3.3.1-2][MQTT311-1.5.3-1][MQTT311-1.5.3-2]"
    "[MQTT311-3.3.2-2][MQTT311-2.3.1-1] PUBLISH that is none, in 3.x") {
  for (const Version version : versions_3x) {
    check_breaks(version,
                 {
                     {"QoS 3", "36 05 0001 74 0001", ReasonCode::malformed_packet},
                     {"DUP at QoS 0", "38 03 0001 74", ReasonCode::malformed_packet},
                     {"a topic that is not UTF-8", "30 05 0003 eda080", ReasonCode::malformed_packet},
                     {"U+0000 in a topic", "30 05 0003 610062", ReasonCode::malformed_packet},
                     {"an identifier of 0", "32 05 0001 74 0000", ReasonCode::protocol_error},
                 });
    Script s(config_of(version));
    s.connect();
    s.feed("30 05 0003 612f2b");
    s.event<Broken>();
    CHECK(s.session.over());
  }
}

TEST_CASE(
    "[MQTT-3.3.1-4][MQTT-3.3.1-2][MQTT-1.5.4-1][MQTT-1.5.4-2][MQTT-1.5.7-1][MQTT-3.3.2-13][MQTT-3.3.2-19] "
    "PUBLISH that "
    "is none, in 5.0") {
  check_breaks(
      Version::v5,
      {
          {"QoS 3", "36 06 0001 74 0001 00", ReasonCode::malformed_packet},
          {"DUP at QoS 0", "38 04 0001 74 00", ReasonCode::malformed_packet},
          {"a topic that is not UTF-8", "30 06 0003 eda080 00", ReasonCode::malformed_packet},
          {"U+0000 in a topic", "30 06 0003 610062 00", ReasonCode::malformed_packet},
          {"user property that is not UTF-8", "30 0b 0001 74 07 26 0001 61 0001 ff",
           ReasonCode::malformed_packet},
          {"response topic that is not UTF-8", "30 08 0001 74 04 08 0001 ff", ReasonCode::malformed_packet},
          {"content type that is not UTF-8", "30 08 0001 74 04 03 0001 ff", ReasonCode::malformed_packet},
          {"no topic and no alias", "30 03 0000 00", ReasonCode::protocol_error},
          {"two expiry intervals", "30 0e 0001 74 0a 02 00000001 02 00000001", ReasonCode::protocol_error},
          {"a property of CONNECT", "30 07 0001 74 03 21 0005", ReasonCode::malformed_packet},
          {"an unknown property", "30 06 0001 74 02 7f 00", ReasonCode::malformed_packet},
          {"cut in its properties", "30 05 0001 74 05 02", ReasonCode::malformed_packet},
      });
}

TEST_CASE("[MQTTKIT-5-SUB-2] answers to SUBSCRIBE and UNSUBSCRIBE that fit none of ours, in 5.0") {
  check_breaks(Version::v5,
               {
                   {"SUBACK of nothing", "90 04 0009 00 00", ReasonCode::protocol_error},
                   {"SUBACK for UNSUBSCRIBE", "90 04 0005 00 00", ReasonCode::protocol_error},
                   {"SUBACK for PUBLISH", "90 04 0001 00 00", ReasonCode::protocol_error},
                   {"SUBACK with a code too few", "90 04 0004 00 00", ReasonCode::protocol_error},
                   {"SUBACK with a code too many", "90 06 0004 00 000000", ReasonCode::protocol_error},
                   {"UNSUBACK of nothing", "b0 04 0009 00 00", ReasonCode::protocol_error},
                   {"UNSUBACK for SUBSCRIBE", "b0 05 0004 00 0000", ReasonCode::protocol_error},
                   {"UNSUBACK with a code too many", "b0 05 0005 00 0000", ReasonCode::protocol_error},
               });
}

TEST_CASE("[MQTTKIT-311-SUB-1] answers to SUBSCRIBE and UNSUBSCRIBE that fit none of ours, in 3.x") {
  for (const Version version : versions_3x) {
    check_breaks(version, {
                              {"SUBACK of nothing", "90 03 0009 00", ReasonCode::protocol_error},
                              {"SUBACK with a code too few", "90 03 0004 00", ReasonCode::protocol_error},
                              {"UNSUBACK of nothing", "b0 02 0009", ReasonCode::protocol_error},
                          });
  }
}

TEST_CASE(
    "[MQTT-3.14.1-1][MQTT-3.15.1-1][MQTT-3.15.2-1][MQTT-3.14.2-1][MQTTKIT-5-CONN-2][MQTTKIT-5-AUTH-3]["
    "MQTTKIT-5-REASON-1][MQTTKIT-5-REASON-2][MQTTKIT-5-FRAME-3] packets and reasons of 5.0 that are none") {
  check_breaks(
      Version::v5,
      {
          {"a second CONNACK", "20 03 00 00 00", ReasonCode::protocol_error},
          {"DISCONNECT with flags", "e1 00", ReasonCode::malformed_packet},
          {"DISCONNECT with an unknown reason", "e0 01 03", ReasonCode::malformed_packet},
          {"AUTH with flags", "f1 00", ReasonCode::malformed_packet},
          {"AUTH without a method in CONNECT", "f0 07 18 05 15 0002 6d6d", ReasonCode::protocol_error},
          {"PUBACK with another packet's reason", "40 03 0001 01", ReasonCode::protocol_error},
          {"trailing bytes", "d0 01 00", ReasonCode::malformed_packet},
      });
}

TEST_CASE(
    "[MQTTKIT-311-CONN-1][MQTTKIT-311-FRAME-1] a second CONNACK in 3.x, and AUTH, which 3.x does not have") {
  for (const Version version : versions_3x) {
    check_breaks(version, {
                              {"a second CONNACK", "20 02 00 00", ReasonCode::protocol_error},
                              {"AUTH", "f0 00", ReasonCode::protocol_error},
                          });
  }
}

TEST_CASE(
    "[MQTTKIT-5-SIZE-1] a packet above our maximum packet size breaks the connection as soon as its length "
    "is known") {
  SessionConfig config = config_of(Version::v5);
  config.properties = Props().set(PropertyId::maximum_packet_size, 100);
  Script s(config);
  s.connect();
  const std::string payload(94, 'x');  // 100 bytes in all
  s.feed(message(QoS::at_most_once, "t", payload));
  s.event<Message>();
  s.feed("30 63");
  CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::packet_too_large));
  s.sent("e0 01 95");
}

TEST_CASE(
    "[MQTTKIT-5-PROB-1] problem information that was declined breaks the connection, elsewhere it is "
    "welcome") {
  SessionConfig config = config_of(Version::v5);
  config.properties = Props().set(PropertyId::request_problem_information, 0);
  const Props reason = Props().set(PropertyId::reason_string, "why");
  for (const bool user : {false, true}) {
    Script s(config);
    s.connect(accepted(false, reason));
    s.publish(QoS::at_least_once);
    s.take_publishes(1);
    const Props said = user ? Props().user("a", "b") : reason;
    s.feed(puback(1, ReasonCode::success, said));
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));
  }
  SessionConfig proving = config;
  proving.properties =
      Props().set(PropertyId::request_problem_information, 0).set(PropertyId::authentication_method, "M");
  const Props method = Props().set(PropertyId::authentication_method, "M");
  Script auth(proving);
  auth.up();
  auth.feed(Auth{ReasonCode::continue_authentication, Props(method).user("a", "b")});
  CHECK(auth.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));

  Script s(config);
  s.connect();
  s.feed(message(QoS::at_most_once, "t", "x", Props().user("a", "b")));
  s.event<Message>();
  s.feed(Disconnect{ReasonCode::server_busy, reason});
  s.event<ServerDisconnected>();
}

TEST_CASE(
    "[MQTT311-4.8.0-2] after an error nothing more is read, and what waits of ours waits for the next "
    "connection") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    s.publish(QoS::at_least_once);
    const PacketId id = s.take_publishes(1)[0];
    s.feed("00");
    s.feed(puback(id));
    s.event<Broken>();
    s.no_event();
    s.reconnect(version != Version::v31);
    s.sent(numbered(message(QoS::at_least_once), id, true));
  }
}

}  // namespace mq
