// How much may be under way at once.
#include "script.hpp"

namespace mq {

TEST_CASE(
    "[MQTT-3.3.4-7][MQTT-4.9.0-1][MQTT-4.9.0-2] no more at QoS 1 and 2 than the server's receive maximum") {
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::receive_maximum, 2)));
  for (const QoS qos : {QoS::at_least_once, QoS::exactly_once, QoS::at_least_once, QoS::at_least_once})
    s.publish(qos);
  CHECK(s.unasked() == 2);
  const auto ids = s.take_publishes(2);
  // PUBREC and PUBREL leave the exchange open.
  s.feed(pubrec(ids[1]));
  s.no_event();
  s.sent(pubrel(ids[1]));
  s.sent_nothing();
  s.feed(puback(ids[0]));
  s.event<Published>();
  CHECK(s.unasked() == 1);
  const auto third = s.take_publishes(1);
  s.feed(pubcomp(ids[1]));
  s.event<Published>();
  const auto fourth = s.take_publishes(1);
  s.feed(puback(third[0]));
  s.feed(puback(fourth[0]));
  s.event<Published>();
  s.event<Published>();
  s.sent_nothing();
}

TEST_CASE("[MQTT-4.9.0-1] a receive maximum of 1 lets one through, none lets 65535 through") {
  SessionConfig config = config_of(Version::v5);
  config.max_in_flight = 65535;
  Script s(config);
  s.connect(accepted(false, Props().set(PropertyId::receive_maximum, 1)));
  for (int i = 0; i < 65535; ++i) s.publish(QoS::at_least_once);
  CHECK(s.unasked() == 1);
  s.reconnect(true, Props().set(PropertyId::receive_maximum, 65534));
  CHECK(s.unasked() == 65534);
  s.take_publishes(65534);
  s.reconnect(true);
  CHECK(s.unasked() == 65535);
}

TEST_CASE("a failing PUBREC makes room") {
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::receive_maximum, 1)));
  s.publish(QoS::exactly_once);
  s.publish(QoS::exactly_once);
  const PacketId first = s.take_publishes(1)[0];
  s.sent_nothing();
  s.feed(pubrec(first, ReasonCode::quota_exceeded));
  s.event<Published>();
  s.take_publishes(1);
}

TEST_CASE("[MQTT-3.3.4-8][MQTT-4.9.0-3] a used-up receive maximum delays PUBLISH at QoS 1 and 2 alone") {
  SessionConfig config = config_of(Version::v5);
  config.keep_alive = 10;
  Script s(config);
  s.connect(accepted(false, Props().set(PropertyId::receive_maximum, 1)));
  s.publish(QoS::exactly_once);
  s.publish(QoS::exactly_once);
  const PacketId id = s.take_publishes(1)[0];
  s.sent_nothing();
  s.publish(QoS::at_most_once);
  s.sent(message(QoS::at_most_once));
  s.subscribe("#");
  s.take<Subscribe>();
  s.feed(numbered(message(QoS::at_least_once), 7));
  s.event<Message>();
  s.sent(puback(7));
  s.feed(pubrec(id));
  s.no_event();
  s.sent(pubrel(id));
  s.advance(9s);
  s.sent(Pingreq{});
  s.sent_nothing();
}

TEST_CASE("the window is bounded by count and by bytes, by our own choice") {
  for (const Version version : all_versions) {
    SessionConfig config = config_of(version);
    config.max_in_flight = 3;
    Script s(config);
    s.connect();
    for (int i = 0; i < 3; ++i) {
      CHECK(s.session.can_publish(QoS::at_least_once));
      s.publish(QoS::at_least_once);
    }
    CHECK_FALSE(s.session.can_publish(QoS::at_least_once));
    CHECK_FALSE(s.session.can_publish(QoS::exactly_once));
    CHECK(s.session.can_publish(QoS::at_most_once));
    CHECK(s.session.publish(message(QoS::at_least_once), s.now).error().kind == ErrorKind::usage);
    s.feed(puback(s.take_publishes(3)[1]));
    s.event<Published>();
    CHECK(s.session.can_publish(QoS::at_least_once));
  }
  SessionConfig config = config_of(Version::v5);
  config.max_in_flight_bytes = 1000;
  Script s(config);
  s.connect();
  const std::string payload(600, 'x');
  s.publish(message(QoS::exactly_once, "t", payload));
  s.publish(message(QoS::exactly_once, "t", payload));
  CHECK_FALSE(s.session.can_publish(QoS::at_least_once));
  const auto ids = s.take_publishes(2);
  s.feed(pubrec(ids[0]));  // the server has it: its bytes are no longer kept
  s.no_event();
  CHECK(s.session.can_publish(QoS::at_least_once));
  s.publish(message(QoS::exactly_once, "t", payload));
  CHECK_FALSE(s.session.can_publish(QoS::at_least_once));
  s.feed(pubcomp(ids[0]));
  s.feed(pubrec(ids[1], ReasonCode::quota_exceeded));
  s.event<Published>();
  s.event<Published>();
  CHECK(s.session.can_publish(QoS::at_least_once));
}

TEST_CASE("[MQTTKIT-5-FLOW-1] what waits for the window leaves in the order in which it was published") {
  SessionConfig config = config_of(Version::v5);
  config.max_in_flight = 50;
  Script s(config);
  s.connect(accepted(false, Props().set(PropertyId::receive_maximum, 3)));
  std::vector<std::string> topics;
  for (int i = 0; i < 50; ++i)
    s.publish(i % 2 == 0 ? QoS::at_least_once : QoS::exactly_once,
              topics.emplace_back(1, static_cast<char>('A' + i)));
  std::vector<std::string> left;
  while (left.size() < topics.size()) {
    REQUIRE(s.unasked() > 0);
    const Publish sent = s.take<Publish>();
    left.emplace_back(sent.topic);
    if (sent.qos == QoS::at_least_once) {
      s.feed(puback(sent.packet_id));
      s.event<Published>();
    } else {
      const PacketId id = sent.packet_id;
      s.feed(pubrec(id));
      s.no_event();
      while (s.unasked() > 1) left.emplace_back(s.take<Publish>().topic);
      s.sent(pubrel(id));
      s.feed(pubcomp(id));
      s.event<Published>();
    }
  }
  CHECK(left == topics);
}

TEST_CASE("what is published before CONNACK goes out once, after it") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.publish(QoS::at_least_once, "before the connection");
    s.up();
    s.publish(QoS::exactly_once, "before CONNACK");
    s.take<Connect>();
    s.sent_nothing();
    s.feed(accepted());
    CHECK(s.event<Connected>().possible_doubles == 0);
    const Publish first = s.take<Publish>();
    CHECK(first.topic == "before the connection");
    CHECK_FALSE(first.dup);
    CHECK(s.take<Publish>().topic == "before CONNACK");
    s.sent_nothing();
  }
}

TEST_CASE("[MQTTKIT-5-EXPIRY-3] a message that expires while it waits is given up, one under way is not") {
  Script s(config_of(Version::v5));
  const Props expiry = Props().set(PropertyId::message_expiry_interval, 5).user("a", "b");
  const Ticket early = s.publish(message(QoS::at_least_once, "early", "x", expiry));
  s.advance(3s);
  s.publish(message(QoS::at_least_once, "late", "x", expiry));
  s.advance(2s);
  s.connect();
  const Publish sent = s.take<Publish>();
  CHECK(sent.topic == "late");
  CHECK(sent.properties.number(PropertyId::message_expiry_interval) == 3U);
  CHECK(sent.properties.contains(PropertyId::user_property));
  s.sent_nothing();
  const Dropped dropped = s.event<Dropped>();
  CHECK(dropped.ticket == early);
  CHECK(dropped.error.kind == ErrorKind::timeout);
  s.advance(1h);
  s.no_event();
  CHECK(s.session.unacknowledged() == 1);
}

TEST_CASE("a message whose expiry is 0 goes out at once as it is") {
  Script s(config_of(Version::v5));
  s.connect();
  const Props expiry = Props().set(PropertyId::message_expiry_interval, 0);
  for (const QoS qos : {QoS::at_most_once, QoS::at_least_once}) {
    s.publish(message(qos, "t", "x", expiry));
    CHECK(s.take<Publish>().properties.number(PropertyId::message_expiry_interval) == 0U);
  }
  s.no_event();
}

}  // namespace mq
