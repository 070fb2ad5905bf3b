// The server says Session Present 0 although we have a session.
#include "script.hpp"

namespace mq {

TEST_CASE("[MQTT-3.2.2-5] what was unacknowledged goes out as new, and is counted") {
  for (const Version version : {Version::v311, Version::v5}) {
    Script s(config_of(version));
    s.connect();
    const Ticket first = s.publish(message(QoS::at_least_once, "a", "one"));
    const Ticket second = s.publish(message(QoS::exactly_once, "b", "two"));
    const auto old = s.take_publishes(2);
    CHECK(s.reconnect(false).possible_doubles == 2);
    const Publish a = s.take<Publish>();
    CHECK(a.topic == "a");
    CHECK(a.payload == "one");
    CHECK_FALSE(a.dup);
    CHECK(a.packet_id != old[0]);
    CHECK(a.packet_id != old[1]);
    const PacketId first_id = a.packet_id;
    const Publish b = s.take<Publish>();
    CHECK(b.topic == "b");
    CHECK_FALSE(b.dup);
    CHECK(b.packet_id != old[0]);
    CHECK(b.packet_id != old[1]);
    const PacketId second_id = b.packet_id;
    s.sent_nothing();
    s.feed(puback(first_id));
    CHECK(s.event<Published>().ticket == first);
    s.feed(pubrec(second_id));
    s.feed(pubcomp(second_id));
    CHECK(s.event<Published>().ticket == second);
  }
}

TEST_CASE("after a lost session the new message is a repeat again, under its new identifier") {
  Script s(config_of(Version::v5));
  s.connect();
  s.publish(QoS::exactly_once);
  s.take_publishes(1);
  CHECK(s.reconnect(false).possible_doubles == 1);
  const PacketId id = s.take_publishes(1)[0];
  CHECK(s.reconnect(true).possible_doubles == 0);
  s.sent(numbered(message(QoS::exactly_once), id, true));
  CHECK(s.reconnect(false).possible_doubles == 1);
}

TEST_CASE(
    "[MQTT-3.2.2-5] inbound QoS 2 identifiers are dropped: a new message under an old one is delivered") {
  for (const bool manual : {false, true}) {
    for (const Version version : {Version::v311, Version::v5}) {
      SessionConfig config = config_of(version);
      config.manual_acknowledgement = manual;
      Script s(config);
      s.connect();
      s.feed(numbered(message(QoS::exactly_once, "t", "old"), 7));
      const Ticket old = s.event<Message>().ticket;
      s.reconnect(false);
      s.feed(numbered(message(QoS::exactly_once, "t", "new"), 7));
      const Message arrived = s.event<Message>();
      CHECK(arrived.publish.payload == "new");
      if (!manual) continue;
      CHECK(s.session.acknowledge(old, s.now));  // passed over: it belongs to nothing any more
      s.sent_nothing();
      CHECK(s.session.acknowledge(arrived.ticket, s.now));
      s.sent(pubrec(7));
    }
  }
}

TEST_CASE("a message whose PUBREC had come is done: the server had taken it") {
  for (const Version version : {Version::v311, Version::v5}) {
    Script s(config_of(version));
    s.connect();
    const Ticket ticket = s.publish(QoS::exactly_once);
    const PacketId id = s.take_publishes(1)[0];
    s.feed(pubrec(id));
    s.no_event();
    CHECK(s.reconnect(false).possible_doubles == 0);
    s.sent_nothing();
    const Published published = s.event<Published>();
    CHECK(published.ticket == ticket);
    CHECK(published.reason == ReasonCode::success);
    CHECK(s.session.unacknowledged() == 0);
    CHECK(s.session.can_publish(QoS::exactly_once));
  }
}

TEST_CASE("what was never sent is no double") {
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::receive_maximum, 1)));
  s.publish(QoS::at_least_once, "sent");
  s.publish(QoS::at_least_once, "waits");
  s.take_publishes(1);
  s.down();
  s.publish(QoS::at_least_once, "later");
  CHECK(s.reconnect(false).possible_doubles == 1);
  for (const std::string_view topic : {"sent", "waits", "later"}) {
    const Publish sent = s.take<Publish>();
    CHECK(sent.topic == topic);
    CHECK_FALSE(sent.dup);
  }
}

TEST_CASE("a message that expired meanwhile is not sent as a new one") {
  Script s(config_of(Version::v5));
  s.connect();
  const Ticket ticket =
      s.publish(message(QoS::at_least_once, "t", "x", Props().set(PropertyId::message_expiry_interval, 5)));
  s.take_publishes(1);
  s.down();
  s.advance(5s);
  s.reconnect(false);
  s.sent_nothing();
  CHECK(s.event<Dropped>().ticket == ticket);
}

TEST_CASE("with a full window every message finds a new identifier") {
  SessionConfig config = config_of(Version::v5);
  config.max_in_flight = 65535;
  config.max_in_flight_bytes = 64U << 20;
  Script s(config);
  s.connect();
  for (int i = 0; i < 65535; ++i) s.publish(QoS::at_least_once);
  s.take_publishes(65535);
  CHECK(s.reconnect(false).possible_doubles == 65535);
  std::vector<bool> used(65536);
  for (const PacketId id : s.take_publishes(65535)) {
    REQUIRE(id != 0);
    REQUIRE_FALSE(used[id]);
    used[id] = true;
  }
}

}  // namespace mq
