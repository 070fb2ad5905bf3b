// The session goes on over a new connection.
#include "script.hpp"

namespace mq {

namespace {

// MQTT 3.1 has no Session Present: there the bit stays 0 and means nothing.
Connected resume(Script& s, Properties properties = {}) {
  return s.reconnect(s.session.config().version != Version::v31, properties);
}

}  // namespace

TEST_CASE(
    "[MQTT-4.4.0-1][MQTT311-4.4.0-1][MQTT-3.3.1-1][MQTT311-3.3.1-1][MQTT-4.3.3-3][MQTT311-2.3.1-3]"
    "[MQTT-3.1.2-23][MQTT311-3.1.2-4] what was not acknowledged goes out again, with DUP and its "
    "identifier") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    const Ticket first = s.publish(message(QoS::at_least_once, "a/b", "one"));
    const Ticket second = s.publish(message(QoS::exactly_once, "c/d", "two"));
    const auto ids = s.take_publishes(2);
    s.advance(1h);
    s.sent_nothing();  // no resend on an open connection
    CHECK(resume(s).possible_doubles == 0);
    s.sent(numbered(message(QoS::at_least_once, "a/b", "one"), ids[0], true));
    s.sent(numbered(message(QoS::exactly_once, "c/d", "two"), ids[1], true));
    s.sent_nothing();
    s.feed(puback(ids[0]));
    CHECK(s.event<Published>().ticket == first);
    s.feed(pubrec(ids[1]));
    s.feed(pubcomp(ids[1]));
    CHECK(s.event<Published>().ticket == second);
    CHECK(s.session.unacknowledged() == 0);
    resume(s);
    s.sent_nothing();
  }
}

TEST_CASE(
    "[MQTT-4.3.3-6][MQTT-4.3.3-5][MQTT311-4.3.3-1] after PUBREC the PUBREL goes out again and never the "
    "PUBLISH") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    const Ticket ticket = s.publish(QoS::exactly_once);
    const PacketId id = s.take_publishes(1)[0];
    s.feed(pubrec(id));
    s.no_event();
    for (int connection = 0; connection < 3; ++connection) {
      resume(s);
      s.sent(pubrel(id));
      s.sent_nothing();
      CHECK(s.session.unacknowledged() == 1);
    }
    s.feed(pubcomp(id));
    CHECK(s.event<Published>().ticket == ticket);
    resume(s);
    s.sent_nothing();
  }
}

TEST_CASE("[MQTT-4.6.0-1][MQTT311-4.6.0-1] in the old order, also around the wrap of identifiers") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    for (int i = 0; i < 65533; ++i) {
      s.publish(QoS::at_least_once);
      s.feed(puback(s.take_publishes(1)[0]));
      s.event<Published>();
    }
    for (const std::string_view topic : {"1", "2", "3", "4"}) s.publish(QoS::at_least_once, topic);
    const auto ids = s.take_publishes(4);
    CHECK(ids[0] == 65534);
    CHECK(ids[1] == 65535);
    CHECK(ids[2] < 10);
    CHECK(ids[3] < 10);
    resume(s);
    CHECK(s.take_publishes(4) == ids);
  }
}

TEST_CASE("a resend cut off goes on with the next connection, in order, before what is new") {
  SessionConfig config = config_of(Version::v5);
  Script s(config);
  s.connect();
  for (const std::string_view topic : {"a", "b", "c"}) s.publish(QoS::at_least_once, topic);
  const auto ids = s.take_publishes(3);
  resume(s, Props().set(PropertyId::receive_maximum, 1));
  s.sent(numbered(message(QoS::at_least_once, "a"), ids[0], true));
  s.publish(QoS::at_least_once, "d");
  s.sent_nothing();  // the new connection's receive maximum
  resume(s, Props().set(PropertyId::receive_maximum, 2));
  s.sent(numbered(message(QoS::at_least_once, "a"), ids[0], true));
  s.sent(numbered(message(QoS::at_least_once, "b"), ids[1], true));
  s.sent_nothing();
  s.feed(puback(ids[0]));
  s.feed(puback(ids[1]));
  s.event<Published>();
  s.event<Published>();
  s.sent(numbered(message(QoS::at_least_once, "c"), ids[2], true));
  const Publish fresh = s.take<Publish>();
  CHECK(fresh.topic == "d");
  CHECK_FALSE(fresh.dup);  // it was never sent
}

TEST_CASE("[MQTTKIT-5-FLOW-1] PUBRELs of the old connection use up the receive maximum of the new one") {
  Script s(config_of(Version::v5));
  s.connect();
  s.publish(QoS::exactly_once, "a");
  s.publish(QoS::exactly_once, "b");
  const auto ids = s.take_publishes(2);
  s.feed(pubrec(ids[0]));
  s.no_event();
  resume(s, Props().set(PropertyId::receive_maximum, 1));
  s.sent(pubrel(ids[0]));
  s.sent_nothing();
  s.feed(pubcomp(ids[0]));
  s.event<Published>();
  s.sent(numbered(message(QoS::exactly_once, "b"), ids[1], true));
}

TEST_CASE(
    "[MQTT-4.3.3-7] the remaining expiry is set at each resend, and what was sent goes on though it has "
    "expired") {
  for (const QoS qos : {QoS::at_least_once, QoS::exactly_once}) {
    Script s(config_of(Version::v5));
    s.connect();
    s.publish(message(qos, "t", "x", Props().set(PropertyId::message_expiry_interval, 10)));
    CHECK(s.take<Publish>().properties.number(PropertyId::message_expiry_interval) == 10U);
    s.advance(4s);
    resume(s);
    Publish again = s.take<Publish>();
    CHECK(again.dup);
    CHECK(again.properties.number(PropertyId::message_expiry_interval) == 6U);
    s.advance(60s);
    resume(s);
    again = s.take<Publish>();
    CHECK(again.dup);
    CHECK(again.properties.number(PropertyId::message_expiry_interval) == 1U);
    s.no_event();
  }
}

TEST_CASE(
    "[MQTTKIT-5-PROP-6] properties, payload and retain of what is sent again are those of the first time") {
  Script s(config_of(Version::v5));
  s.connect();
  const Props properties = Props().set(PropertyId::content_type, "text/plain").user("a", "b").user("a", "c");
  Publish first = message(QoS::at_least_once, "t", std::string_view("\0\xFF", 2), properties);
  first.retain = true;
  s.publish(first);
  const PacketId id = s.take_publishes(1)[0];
  resume(s);
  s.sent(numbered(first, id, true));
}

TEST_CASE("requests of the old connection are forgotten, and their identifiers free") {
  Script s(config_of(Version::v5));
  s.connect();
  s.subscribe("#");
  REQUIRE(s.session.unsubscribe({"#"}, {}, s.now));
  const PacketId subscribe = s.take<Subscribe>().packet_id;
  resume(s);
  s.sent_nothing();
  s.feed(Suback{subscribe, {}, std::string_view("\0", 1)});
  CHECK(s.event<Broken>().error.kind == ErrorKind::protocol);
}

TEST_CASE(
    "[MQTT-4.1.0-1][MQTT311-4.1.0-1][MQTT311-4.1.0-2] no state is lost on an idle connection, nor between "
    "connections") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    s.publish(QoS::exactly_once);
    const PacketId id = s.take_publishes(1)[0];
    s.feed(numbered(message(QoS::exactly_once), 7));
    s.event<Message>();
    s.sent(pubrec(7));
    s.advance(1000h);
    s.down();
    s.advance(1000h);
    resume(s);
    s.sent(numbered(message(QoS::exactly_once), id, true));
    s.feed(numbered(message(QoS::exactly_once), 7, true));
    s.no_event();  // delivered before
    s.sent(pubrec(7));
    s.feed(pubrel(7));
    s.no_event();
    s.sent(pubcomp(7));
  }
}

TEST_CASE("a copy of a session goes on as the original does") {
  Script s(config_of(Version::v5));
  s.connect();
  s.publish(QoS::exactly_once);
  s.publish(QoS::at_least_once);
  Script copy = s;
  for (Script* each : {&s, &copy}) {
    const auto ids = each->take_publishes(2);
    each->feed(pubrec(ids[0]));
    each->no_event();
    each->sent(pubrel(ids[0]));
    resume(*each);
    each->sent(pubrel(ids[0]));
    each->sent(numbered(message(QoS::at_least_once), ids[1], true));
  }
}

TEST_CASE("what the server lost with the session is left to the caller where that is asked for") {
  for (const QoS qos : {QoS::at_least_once, QoS::exactly_once}) {
    SessionConfig config = config_of(Version::v5);
    config.clean_start = true;
    config.publish_again = false;
    Script s(config);
    s.connect();
    const Ticket ticket = s.publish(qos);
    s.take<Publish>();
    s.down();
    s.up();
    s.take<Connect>();
    s.feed(accepted());
    CHECK(s.event<Connected>().possible_doubles == 0);
    const Dropped dropped = s.event<Dropped>();
    CHECK(dropped.ticket == ticket);
    CHECK(dropped.error.kind == ErrorKind::lost);
    CHECK(s.session.unacknowledged() == 0);
    CHECK(s.session.output_size() == 0);
  }
}

}  // namespace mq
