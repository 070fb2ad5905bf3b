// Messages that the caller acknowledges, in its own order.
#include "script.hpp"

namespace mq {

namespace {

SessionConfig manual(Version version) {
  SessionConfig config = config_of(version);
  config.manual_acknowledgement = true;
  return config;
}

Ticket arrive(Script& s, QoS qos, PacketId id, bool dup = false) {
  s.feed(numbered(message(qos), id, dup));
  return s.event<Message>().ticket;
}

void acknowledge(Script& s, Ticket ticket, ReasonCode reason = ReasonCode::success) {
  REQUIRE(s.session.acknowledge(ticket, s.now, reason));
}

}  // namespace

TEST_CASE("[MQTT-4.6.0-2][MQTT311-4.6.0-2] PUBACKs leave in the order of arrival") {
  for (const Version version : all_versions) {
    Script s(manual(version));
    s.connect();
    const Ticket first = arrive(s, QoS::at_least_once, 5);
    const Ticket second = arrive(s, QoS::at_least_once, 3);
    const Ticket third = arrive(s, QoS::at_least_once, 4);
    s.sent_nothing();
    acknowledge(s, third);
    acknowledge(s, second);
    s.sent_nothing();
    acknowledge(s, first);
    for (const PacketId id : {PacketId{5}, PacketId{3}, PacketId{4}}) s.sent(puback(id));
    acknowledge(s, first);  // done long ago
    s.sent_nothing();
  }
}

TEST_CASE("[MQTT-4.6.0-3][MQTT311-4.6.0-3] PUBRECs leave in the order of arrival") {
  for (const Version version : all_versions) {
    Script s(manual(version));
    s.connect();
    const Ticket first = arrive(s, QoS::exactly_once, 9);
    const Ticket between = arrive(s, QoS::at_least_once, 9);
    const Ticket second = arrive(s, QoS::exactly_once, 8);
    CHECK(arrive(s, QoS::at_most_once, 0) == 0);
    acknowledge(s, second);
    acknowledge(s, between);
    s.sent_nothing();
    acknowledge(s, first);
    s.sent(pubrec(9));
    s.sent(puback(9));
    s.sent(pubrec(8));
  }
}

TEST_CASE("[MQTT-4.3.2-4][MQTT311-4.3.2-2] nothing is acknowledged that the caller has not taken") {
  Script s(manual(Version::v5));
  s.connect();
  arrive(s, QoS::at_least_once, 1);
  arrive(s, QoS::exactly_once, 2);
  s.advance(1h);
  s.no_event();
  s.sent_nothing();
}

TEST_CASE("[MQTT-4.3.3-9] after a failing PUBREC the identifier means a new message") {
  Script s(manual(Version::v5));
  s.connect();
  acknowledge(s, arrive(s, QoS::exactly_once, 7), ReasonCode::quota_exceeded);
  s.sent(pubrec(7, ReasonCode::quota_exceeded));
  acknowledge(s, arrive(s, QoS::exactly_once, 7));
  s.sent(pubrec(7));
}

TEST_CASE("[MQTT-3.4.2-1][MQTT-3.5.2-1] only reasons of PUBACK and PUBREC can be given") {
  for (const QoS qos : {QoS::at_least_once, QoS::exactly_once}) {
    Script s(manual(Version::v5));
    s.connect();
    const Ticket ticket = arrive(s, qos, 7);
    for (const ReasonCode reason : {ReasonCode::packet_identifier_not_found, ReasonCode::malformed_packet,
                                    ReasonCode::no_matching_subscribers, static_cast<ReasonCode>(0x03)}) {
      const auto refused = s.session.acknowledge(ticket, s.now, reason);
      REQUIRE_FALSE(refused);
      CHECK(refused.error().kind == ErrorKind::usage);
    }
    s.sent_nothing();
    acknowledge(s, ticket, ReasonCode::not_authorized);
    s.sent(qos == QoS::at_least_once ? Packet(puback(7, ReasonCode::not_authorized))
                                     : Packet(pubrec(7, ReasonCode::not_authorized)));
  }
}

TEST_CASE("properties that an acknowledgement cannot have are refused") {
  Script s(manual(Version::v5));
  s.connect();
  const Ticket ticket = arrive(s, QoS::at_least_once, 7);
  CHECK_FALSE(
      s.session.acknowledge(ticket, s.now, ReasonCode::success, Props().set(PropertyId::content_type, "x")));
  s.sent_nothing();
}

TEST_CASE(
    "[MQTT-3.4.2-2][MQTT-3.4.2-3][MQTT-3.5.2-2][MQTT-3.5.2-3] what would make the answer too large for the "
    "server is "
    "left out") {
  const std::string text(30, 'r');
  const Props both = Props().set(PropertyId::reason_string, text).user("name", text);
  const Props reason = Props().set(PropertyId::reason_string, text);
  for (const QoS qos : {QoS::at_least_once, QoS::exactly_once}) {
    for (const std::uint32_t limit : {100U, 60U, 20U}) {
      CAPTURE(limit);
      Script s(manual(Version::v5));
      s.connect(accepted(false, Props().set(PropertyId::maximum_packet_size, limit)));
      REQUIRE(s.session.acknowledge(arrive(s, qos, 7), s.now, ReasonCode::not_authorized, both));
      const Properties left = limit == 100  ? Properties(both)
                              : limit == 60 ? Properties(reason)
                                            : Properties{};
      s.sent(qos == QoS::at_least_once ? Packet(puback(7, ReasonCode::not_authorized, left))
                                       : Packet(pubrec(7, ReasonCode::not_authorized, left)));
    }
  }
}

TEST_CASE("3.x has no way to refuse a message: it is acknowledged, and stays delivered") {
  for (const Version version : versions_3x) {
    Script s(manual(version));
    s.connect();
    acknowledge(s, arrive(s, QoS::exactly_once, 7), ReasonCode::quota_exceeded);
    s.sent(pubrec(7));
    s.feed(numbered(message(QoS::exactly_once), 7, true));
    s.no_event();
    s.sent(pubrec(7));
  }
}

TEST_CASE("QoS 1 messages that were not answered keep their tickets over a lost connection") {
  for (const bool acknowledged_between : {false, true}) {
    Script s(manual(Version::v5));
    s.connect();
    const Ticket first = arrive(s, QoS::at_least_once, 7);
    const Ticket second = arrive(s, QoS::at_least_once, 8);
    s.down();
    if (acknowledged_between) acknowledge(s, first);
    s.reconnect(true);
    s.sent_nothing();  // the server has to ask again
    s.feed(numbered(message(QoS::at_least_once), 7, true));
    s.feed(numbered(message(QoS::at_least_once), 8, true));
    s.no_event();
    if (!acknowledged_between) acknowledge(s, first);
    s.sent(puback(7));
    acknowledge(s, second);
    s.sent(puback(8));
    CHECK(arrive(s, QoS::at_least_once, 7, true) > second);  // answered: new, whatever it says [MQTT-4.3.2-5]
  }
}

TEST_CASE(
    "a QoS 1 message under the identifier of an unanswered one is new without DUP, or in a new session") {
  for (const Version version : all_versions) {
    for (const bool kept : {false, true}) {
      if (kept && version == Version::v31) continue;
      Script s(manual(version));
      s.connect();
      const Ticket old = arrive(s, QoS::at_least_once, 7);
      s.reconnect(kept);
      if (version == Version::v31) continue;
      const Ticket anew = arrive(s, QoS::at_least_once, 7, !kept);
      CHECK(anew != old);
      acknowledge(s, old);
      s.sent_nothing();
      acknowledge(s, anew);
      s.sent(puback(7));
    }
  }
}

TEST_CASE("QoS 2 messages of a lost connection keep their tickets and are not delivered again") {
  for (const Version version : all_versions) {
    for (const bool acknowledged_between : {false, true}) {
      Script s(manual(version));
      s.connect();
      const Ticket first = arrive(s, QoS::exactly_once, 7);
      const Ticket second = arrive(s, QoS::exactly_once, 8);
      s.down();
      if (acknowledged_between) acknowledge(s, first);
      s.reconnect(version != Version::v31);
      s.sent_nothing();  // the server has to ask again
      s.feed(numbered(message(QoS::exactly_once), 8, true));
      s.feed(numbered(message(QoS::exactly_once), 7, true));
      s.no_event();
      if (!acknowledged_between) acknowledge(s, first);
      s.sent_nothing();
      acknowledge(s, second);  // they wait in the order in which they came here
      s.sent(pubrec(8));
      s.sent(pubrec(7));
      s.feed(pubrel(7));
      s.no_event();
      s.sent(pubcomp(7));
    }
  }
}

TEST_CASE(
    "a repeat that waits behind other messages is answered in its turn, or not when the server has gone on") {
  Script s(manual(Version::v311));
  s.connect();
  acknowledge(s, arrive(s, QoS::exactly_once, 1));
  s.sent(pubrec(1));
  const Ticket blocks = arrive(s, QoS::exactly_once, 2);
  s.feed(numbered(message(QoS::exactly_once), 1, true));  // before the server had our PUBREC
  s.no_event();
  s.sent_nothing();
  SUBCASE("in its turn") {
    acknowledge(s, blocks);
    s.sent(pubrec(2));
    s.sent(pubrec(1));
  }
  SUBCASE("released meanwhile") {
    s.feed(pubrel(1));
    s.no_event();
    s.sent(pubcomp(1));
    acknowledge(s, blocks);
    s.sent(pubrec(2));
  }
  SUBCASE("the connection is lost meanwhile") {
    s.reconnect(true);
    s.feed(pubrel(1));
    s.no_event();
    s.sent(pubcomp(1));
  }
  s.sent_nothing();
}

TEST_CASE("[MQTTKIT-5-ACK-3] PUBREL for a message that waits for acknowledge() breaks the connection") {
  Script s(manual(Version::v5));
  s.connect();
  arrive(s, QoS::exactly_once, 7);
  s.feed(pubrel(7));
  CHECK(s.event<Broken>().error.kind == ErrorKind::protocol);
}

TEST_CASE("waiting messages count against our receive maximum") {
  SessionConfig config = manual(Version::v5);
  config.properties = Props().set(PropertyId::receive_maximum, 2);
  Script s(config);
  s.connect();
  const Ticket first = arrive(s, QoS::at_least_once, 1);
  arrive(s, QoS::at_least_once, 2);
  acknowledge(s, first);
  arrive(s, QoS::at_least_once, 3);
  s.feed(numbered(message(QoS::at_least_once), 4));
  CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::receive_maximum_exceeded));
}

TEST_CASE("an acknowledgement that cannot leave yet does not put off PINGREQ") {
  SessionConfig config = manual(Version::v5);
  config.keep_alive = 10;
  Script s(config);
  s.connect();
  arrive(s, QoS::at_least_once, 1);
  const Ticket second = arrive(s, QoS::at_least_once, 2);
  s.advance(8s);
  acknowledge(s, second);
  s.sent_nothing();
  s.advance(1s);
  s.sent(Pingreq{});
}

}  // namespace mq
