// What we publish, when all goes well or the server says no.
#include "script.hpp"

namespace mq {

TEST_CASE(
    "[MQTT-4.3.1-1][MQTT311-4.3.1-1][MQTT-3.3.1-2][MQTT311-3.3.1-2][MQTT-2.2.1-2][MQTT311-2.3.1-5] "
    "QoS 0 goes out without DUP and without an identifier") {
  Script s(config_of(Version::v311));
  s.connect();
  Publish relayed = numbered(message(QoS::at_most_once), 7, true);  // what a relay may hand over
  CHECK(s.publish(relayed) != 0);
  s.sent("30 04 0001 74 78");
  relayed.retain = true;
  s.publish(relayed);
  s.sent("31 04 0001 74 78");
  CHECK(s.session.unacknowledged() == 0);
  Script modern(config_of(Version::v5));
  modern.connect();
  modern.publish(relayed);
  modern.sent("31 05 0001 74 00 78");
}

TEST_CASE("QoS 0 needs a connection") {
  Script s(config_of(Version::v5));
  CHECK_FALSE(s.session.can_publish(QoS::at_most_once));
  CHECK(s.session.publish(message(QoS::at_most_once), s.now).error().kind == ErrorKind::lost);
  s.connect();
  CHECK(s.session.can_publish(QoS::at_most_once));
  s.down();
  CHECK(s.session.publish(message(QoS::at_most_once), s.now).error().kind == ErrorKind::lost);
}

TEST_CASE(
    "[MQTT-4.3.2-2][MQTT-4.3.2-3][MQTT311-4.3.2-1][MQTT-3.3.1-3][MQTT311-3.3.1-3][MQTTKIT-5-ACK-2] QoS 1 is "
    "open until its PUBACK") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    const Ticket ticket = s.publish(numbered(message(QoS::at_least_once), 4711, true));
    const Publish sent = s.take<Publish>();
    CHECK_FALSE(sent.dup);  // whatever the message had where it comes from
    CHECK(sent.qos == QoS::at_least_once);
    CHECK(sent.packet_id != 0);
    const PacketId id = sent.packet_id;
    CHECK(s.session.unacknowledged() == 1);
    s.advance(10h);
    s.no_event();
    s.sent_nothing();
    s.feed(puback(static_cast<PacketId>(id + 1)));  // somebody else's
    s.no_event();
    CHECK(s.session.unacknowledged() == 1);
    s.feed(puback(id));
    const Published published = s.event<Published>();
    CHECK(published.ticket == ticket);
    CHECK(published.reason == ReasonCode::success);
    CHECK(s.session.unacknowledged() == 0);
  }
}

TEST_CASE(
    "[MQTT-4.3.3-2][MQTT-4.3.3-4][MQTT-4.3.3-5][MQTT-3.6.1-1][MQTT311-3.6.1-1][MQTT311-4.3.3-1]"
    "[MQTT-2.2.1-5][MQTT311-2.3.1-6] QoS 2 is open until its PUBCOMP") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    const Ticket ticket = s.publish(numbered(message(QoS::exactly_once), 0, true));
    const Publish sent = s.take<Publish>();
    CHECK_FALSE(sent.dup);
    CHECK(sent.qos == QoS::exactly_once);
    const PacketId id = sent.packet_id;
    s.feed(pubrec(id));
    s.no_event();
    s.sent(pubrel(id));
    CHECK(s.session.unacknowledged() == 1);
    s.advance(10h);
    s.no_event();
    s.feed(pubcomp(id));
    CHECK(s.event<Published>().ticket == ticket);
    CHECK(s.session.unacknowledged() == 0);
    s.sent_nothing();
  }
}

TEST_CASE("[MQTT-4.4.0-2] a failing PUBACK or PUBREC settles the message") {
  Script s(config_of(Version::v5));
  s.connect();
  const Ticket first = s.publish(QoS::at_least_once);
  const Ticket second = s.publish(QoS::exactly_once);
  const auto ids = s.take_publishes(2);
  s.feed(puback(ids[0], ReasonCode::quota_exceeded));
  Published published = s.event<Published>();
  CHECK(published.ticket == first);
  CHECK(published.reason == ReasonCode::quota_exceeded);
  s.feed(pubrec(ids[1], ReasonCode::not_authorized, Props().set(PropertyId::reason_string, "no")));
  published = s.event<Published>();
  CHECK(published.ticket == second);
  CHECK(published.reason == ReasonCode::not_authorized);
  CHECK(published.properties.bytes(PropertyId::reason_string) == "no");
  s.sent_nothing();  // no PUBREL [MQTT-4.3.3-4]
  CHECK(s.session.unacknowledged() == 0);
  s.reconnect(true);
  s.sent_nothing();
}

TEST_CASE("no matching subscribers is success") {
  Script s(config_of(Version::v5));
  s.connect();
  s.publish(QoS::at_least_once);
  s.publish(QoS::exactly_once);
  const auto ids = s.take_publishes(2);
  s.feed(puback(ids[0], ReasonCode::no_matching_subscribers));
  const Published published = s.event<Published>();
  CHECK(published.reason == ReasonCode::no_matching_subscribers);
  CHECK_FALSE(is_failure(published.reason));
  s.feed(pubrec(ids[1], ReasonCode::no_matching_subscribers));
  s.no_event();
  s.sent(pubrel(ids[1]));
}

TEST_CASE("a PUBREC that comes again gets its PUBREL again") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    s.publish(QoS::exactly_once);
    const PacketId id = s.take_publishes(1)[0];
    s.feed(pubrec(id));
    s.feed(pubrec(id));
    s.no_event();
    s.sent(pubrel(id));
    s.sent(pubrel(id));
    s.feed(pubcomp(id));
    s.event<Published>();
    s.feed(pubcomp(id));  // of the second PUBREL
    s.no_event();
    CHECK(s.session.connected());
  }
}

TEST_CASE("[MQTT-3.6.2-1][MQTTKIT-5-ACK-2] a PUBREC of nothing is answered by PUBREL, which says so") {
  Script s(config_of(Version::v5));
  s.connect();
  s.feed(pubrec(9));
  s.no_event();
  s.sent("62 03 0009 92");
  s.feed(pubrec(9, ReasonCode::unspecified_error));
  s.no_event();
  s.sent_nothing();
  Script old(config_of(Version::v311));
  old.connect();
  old.feed(pubrec(9));
  old.no_event();
  old.sent("62 02 0009");
}

TEST_CASE(
    "[MQTT-3.6.2-2][MQTT-3.6.2-3] a PUBREL carries neither reason string nor user properties, however small "
    "the "
    "server is") {
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::maximum_packet_size, 20)));
  const Props why = Props().set(PropertyId::reason_string, "why").user("a", "b");
  s.publish(QoS::exactly_once);
  const PacketId id = s.take_publishes(1)[0];
  s.feed(pubrec(id, ReasonCode::success, why));
  s.no_event();
  s.sent(pubrel(id));
  s.feed(pubrec(77, ReasonCode::success, why));
  s.no_event();
  s.sent(pubrel(77, ReasonCode::packet_identifier_not_found));
}

TEST_CASE("PUBCOMP with an unknown identifier still ends the message well") {
  Script s(config_of(Version::v5));
  s.connect();
  const Ticket ticket = s.publish(QoS::exactly_once);
  const PacketId id = s.take_publishes(1)[0];
  s.feed(pubrec(id));
  s.feed(pubcomp(id, ReasonCode::packet_identifier_not_found));
  const Published published = s.event<Published>();
  CHECK(published.ticket == ticket);
  CHECK(published.reason == ReasonCode::success);
}

TEST_CASE("[MQTT-4.6.0-4][MQTT311-4.6.0-4] PUBRELs leave in the order in which PUBRECs came") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    for (int i = 0; i < 3; ++i) s.publish(QoS::exactly_once);
    const auto ids = s.take_publishes(3);
    const std::array order = {ids[2], ids[0], ids[1]};
    for (const PacketId id : order) s.feed(pubrec(id));
    s.no_event();
    for (const PacketId id : order) s.sent(pubrel(id));
    // Also when they go out again.
    if (version == Version::v31)
      s.reconnect(false);
    else
      s.reconnect(true);
    for (const PacketId id : order) s.sent(pubrel(id));
    s.sent_nothing();
  }
}

TEST_CASE(
    "[MQTT-3.3.2-2][MQTT311-3.3.2-2][MQTT-4.7.0-1][MQTT311-4.7.1-1][MQTT-3.3.1-4][MQTT311-3.3.1-4]"
    "[MQTT-4.7.3-1][MQTT311-4.7.3-1][MQTT-4.7.3-2][MQTT311-4.7.3-2][MQTT-1.5.4-2][MQTT311-1.5.3-2]"
    "[MQTT-3.3.2-1][MQTT311-3.3.2-1] what no PUBLISH may be is refused before a byte is sent") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    using namespace std::string_view_literals;
    const std::string too_long(65536, 't');
    for (const QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once, static_cast<QoS>(3)}) {
      for (const std::string_view topic :
           {"a/+"sv, "a/#"sv, ""sv, "a\0b"sv, "\xED\xA0\x80"sv, std::string_view(too_long)}) {
        const auto refused = s.session.publish(message(qos, topic), s.now);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
      }
    }
    CHECK_FALSE(s.session.publish(message(static_cast<QoS>(3)), s.now));
    s.sent_nothing();
    CHECK(s.session.unacknowledged() == 0);
    s.publish(QoS::at_least_once, std::string_view(too_long).substr(1));  // [MQTT-4.7.3-3]
    CHECK(s.take<Publish>().topic.size() == 65535);
  }
}

TEST_CASE("[MQTT-3.3.4-6][MQTT-3.3.2-14] properties that a client's PUBLISH cannot have are refused") {
  Script s(config_of(Version::v5));
  s.connect();
  for (const QoS qos : {QoS::at_most_once, QoS::at_least_once}) {
    CHECK_FALSE(s.session.publish(message(qos, "t", "x", Props().set(PropertyId::subscription_identifier, 1)),
                                  s.now));
    CHECK_FALSE(
        s.session.publish(message(qos, "t", "x", Props().set(PropertyId::receive_maximum, 1)), s.now));
  }
  s.sent_nothing();
  CHECK(s.session.unacknowledged() == 0);
}

}  // namespace mq
