// Messages for us, acknowledged by the session itself.
#include "script.hpp"

namespace mq {

TEST_CASE(
    "[MQTT-3.3.4-1][MQTT311-3.3.4-1][MQTT-4.3.2-4][MQTT-4.3.3-8][MQTT-4.5.0-2][MQTT311-4.5.0-2]"
    "[MQTT-2.2.1-5][MQTT311-2.3.1-6] each message is answered by its QoS") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    s.feed(message(QoS::at_most_once, "a", "zero"));
    s.feed(numbered(message(QoS::at_least_once, "b", "one"), 0xABCD));
    s.feed(numbered(message(QoS::exactly_once, "c", "two"), 0xABCE));
    s.sent_nothing();  // nothing is taken before it is asked for
    Message arrived = s.event<Message>();
    CHECK(arrived.publish == message(QoS::at_most_once, "a", "zero"));
    CHECK(arrived.ticket == 0);
    s.sent_nothing();
    arrived = s.event<Message>();
    CHECK(arrived.publish.payload == "one");
    s.sent(puback(0xABCD));
    arrived = s.event<Message>();
    CHECK(arrived.publish.payload == "two");
    s.sent(pubrec(0xABCE));
    s.feed(pubrel(0xABCE));
    s.no_event();
    s.sent(pubcomp(0xABCE));
    s.no_event();
    s.sent_nothing();
  }
}

TEST_CASE(
    "[MQTT-4.3.2-5][MQTT311-4.3.2-2] after PUBACK the identifier means a new message, whatever DUP says") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    s.feed(numbered(message(QoS::at_least_once), 7));
    s.feed(numbered(message(QoS::at_least_once), 7, true));
    s.event<Message>();
    CHECK(s.event<Message>().publish.dup);
    s.sent(puback(7));
    s.sent(puback(7));
  }
}

TEST_CASE(
    "[MQTT-4.3.3-10][MQTT-4.3.3-12][MQTT311-4.3.3-2] until PUBREL a repeat is answered and not delivered, "
    "afterwards "
    "the identifier means a new message") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    s.feed(numbered(message(QoS::exactly_once), 7));
    s.event<Message>();
    s.feed(numbered(message(QoS::exactly_once), 7, true));
    s.feed(numbered(message(QoS::exactly_once), 7));
    s.no_event();
    for (int i = 0; i < 3; ++i) s.sent(pubrec(7));
    s.reconnect(version != Version::v31);
    s.feed(numbered(message(QoS::exactly_once), 7, true));
    s.no_event();
    s.sent(pubrec(7));
    s.feed(pubrel(7));
    s.no_event();
    s.sent(pubcomp(7));
    s.feed(numbered(message(QoS::exactly_once), 7));
    s.event<Message>();
    s.sent(pubrec(7));
  }
}

TEST_CASE(
    "[MQTT-4.3.3-11][MQTT-3.7.2-1][MQTT311-4.3.3-2] every PUBREL is answered, an unknown one with a reason") {
  Script s(config_of(Version::v5));
  s.connect();
  s.feed(numbered(message(QoS::exactly_once), 7));
  s.event<Message>();
  s.sent(pubrec(7));
  s.feed(pubrel(7));
  s.feed(pubrel(7));
  s.feed(pubrel(8, ReasonCode::packet_identifier_not_found));
  s.no_event();
  s.sent("70 02 0007  70 03 0007 92  70 03 0008 92");
  Script old(config_of(Version::v311));
  old.connect();
  old.feed(pubrel(7));
  old.no_event();
  old.sent("70 02 0007");
}

TEST_CASE(
    "[MQTT-3.7.2-2][MQTT-3.7.2-3] a PUBCOMP carries neither reason string nor user properties, however small "
    "the "
    "server is") {
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::maximum_packet_size, 20)));
  const Props why = Props().set(PropertyId::reason_string, "why").user("a", "b");
  s.feed(pubrel(7, ReasonCode::packet_identifier_not_found, why));
  s.no_event();
  s.sent(pubcomp(7, ReasonCode::packet_identifier_not_found));
}

TEST_CASE("[MQTT-4.3.3-13] a QoS 2 exchange is finished however long it takes") {
  Script s(config_of(Version::v5));
  s.connect();
  s.feed(
      numbered(message(QoS::exactly_once, "t", "x", Props().set(PropertyId::message_expiry_interval, 1)), 7));
  s.advance(1h);
  CHECK(s.event<Message>().publish.properties.number(PropertyId::message_expiry_interval) == 1U);
  s.sent(pubrec(7));
  s.advance(1h);
  s.feed(pubrel(7));
  s.no_event();
  s.sent(pubcomp(7));
}

TEST_CASE("messages that overlapping subscriptions bring are all delivered") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    for (const PacketId id : {PacketId{1}, PacketId{2}}) {
      s.feed(numbered(message(QoS::exactly_once, "a", "same"), id));
      s.event<Message>();
      s.sent(pubrec(id));
    }
  }
}

TEST_CASE(
    "[MQTTKIT-5-RECV-1] more than our receive maximum breaks the connection, repeats and finished exchanges "
    "do not count") {
  SessionConfig config = config_of(Version::v5);
  config.properties = Props().set(PropertyId::receive_maximum, 2);
  Script s(config);
  s.connect();
  for (PacketId id = 1; id < 10; ++id) {
    s.feed(numbered(message(QoS::at_least_once), id));
    s.event<Message>();
    s.sent(puback(id));
  }
  s.feed(numbered(message(QoS::exactly_once), 1));
  s.event<Message>();
  s.feed(numbered(message(QoS::exactly_once), 2));
  s.event<Message>();
  s.feed(numbered(message(QoS::exactly_once), 2, true));
  s.no_event();
  s.feed(pubrel(1));
  s.no_event();
  s.feed(numbered(message(QoS::exactly_once), 3));
  s.event<Message>();
  CHECK(s.unasked() == 5);
  SUBCASE("one too many") {
    s.feed(numbered(message(QoS::exactly_once), 4));
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::receive_maximum_exceeded));
  }
  SUBCASE("the server's quota starts anew with the connection, whose old exchanges only their repeats use") {
    s.reconnect(true);
    s.feed(numbered(message(QoS::exactly_once), 4));
    s.event<Message>();
    s.feed(numbered(message(QoS::exactly_once), 3, true));
    s.no_event();
    s.sent(pubrec(4));
    s.sent(pubrec(3));
    s.feed(pubrel(2));
    s.no_event();
    s.sent(pubcomp(2));
    s.feed(numbered(message(QoS::exactly_once), 5));
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::receive_maximum_exceeded));
  }
}

TEST_CASE("messages may come before the answer to SUBSCRIBE") {
  Script s(config_of(Version::v5));
  s.connect();
  s.subscribe("#");
  s.feed(message(QoS::at_most_once));
  s.event<Message>();
}

TEST_CASE("[MQTT-1.5.4-3][MQTT311-1.5.3-3] U+FEFF in a topic stays where it is") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    s.feed(message(QoS::at_most_once, "\xEF\xBB\xBFtopic"));
    CHECK(s.event<Message>().publish.topic == "\xEF\xBB\xBFtopic");
    s.publish(QoS::at_most_once, "\xEF\xBB\xBFtopic");
    CHECK(s.take<Publish>().topic == "\xEF\xBB\xBFtopic");
  }
}

TEST_CASE("messages of a mebibyte, of nothing and of any bytes pass whole") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    std::string large(1U << 20, '\0');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31);
    for (const std::string_view payload :
         {std::string_view(large), std::string_view{}, std::string_view("\0", 1)}) {
      s.feed(numbered(message(QoS::at_least_once, "t", payload), 1));
      CHECK(s.event<Message>().publish.payload == payload);
      s.sent(puback(1));
      s.publish(message(QoS::at_least_once, "t", payload));
      CHECK(s.take<Publish>().payload == payload);
    }
  }
}

}  // namespace mq
