// Topic aliases, the server's and ours.
#include "script.hpp"

namespace mq {

namespace {

SessionConfig accepting(std::uint16_t maximum) {
  SessionConfig config = config_of(Version::v5);
  config.properties =
      Props().set(PropertyId::topic_alias_maximum, maximum).set(PropertyId::session_expiry_interval, 60);
  return config;
}

SessionConfig giving(std::uint16_t most) {
  SessionConfig config = config_of(Version::v5);
  config.automatic_topic_aliases = most;
  return config;
}

Props server_takes(std::uint32_t maximum) { return Props().set(PropertyId::topic_alias_maximum, maximum); }
Props alias(std::uint32_t number) { return Props().set(PropertyId::topic_alias, number); }

std::string arrived(Script& s, std::string_view topic, std::uint32_t number) {
  s.feed(message(QoS::at_most_once, topic, "x", alias(number)));
  return std::string(s.event<Message>().publish.topic);
}

struct Sent {
  std::string topic;
  std::uint32_t alias = 0;
  bool operator==(const Sent&) const = default;
};

Sent next(Script& s) {
  const Publish publish = s.take<Publish>();
  return {std::string(publish.topic), publish.properties.number(PropertyId::topic_alias).value_or(0)};
}

}  // namespace

TEST_CASE("[MQTT-3.3.2-10] the server may use and give anew every alias up to our maximum") {
  Script s(accepting(5));
  s.connect();
  for (std::uint32_t i = 1; i <= 5; ++i)
    CHECK(arrived(s, std::string("topic ").append(1, static_cast<char>('0' + i)), i).back() ==
          static_cast<char>('0' + i));
  CHECK(arrived(s, "", 5) == "topic 5");
  CHECK(arrived(s, "", 1) == "topic 1");
  CHECK(arrived(s, "another", 1) == "another");
  CHECK(arrived(s, "", 1) == "another");
  CHECK(arrived(s, "", 2) == "topic 2");
}

TEST_CASE(
    "[MQTTKIT-5-TOPIC-2][MQTTKIT-5-TOPIC-3] an alias above our maximum, or of nothing, breaks the "
    "connection") {
  Script s(accepting(5));
  s.connect();
  SUBCASE("above") {
    s.feed(message(QoS::at_most_once, "t", "x", alias(6)));
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::topic_alias_invalid));
    s.sent("e0 01 94");
  }
  SUBCASE("of nothing") {
    s.feed(message(QoS::at_most_once, "", "x", alias(5)));
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));
    s.sent("e0 01 82");
  }
  SUBCASE("[MQTT-3.3.2-8] 0") {
    s.feed("30 07 0001 74 03 23 0000");
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::topic_alias_invalid));
  }
  SUBCASE("by a client that announced none") {
    Script none(config_of(Version::v5));
    none.connect();
    none.feed(message(QoS::at_most_once, "t", "x", alias(1)));
    CHECK(none.event<Broken>().error.reason == value_of(ReasonCode::topic_alias_invalid));
  }
}

TEST_CASE("[MQTT-3.3.2-7] aliases die with their connection, in both directions") {
  SessionConfig config = accepting(5);
  config.automatic_topic_aliases = 5;
  Script s(config);
  s.connect(accepted(false, server_takes(5)));
  arrived(s, "theirs", 1);
  s.publish(QoS::at_most_once, "ours");
  s.publish(QoS::at_most_once, "ours");
  CHECK(next(s) == Sent{"ours", 1});
  CHECK(next(s) == Sent{"", 1});
  s.reconnect(true, server_takes(5));
  s.publish(QoS::at_most_once, "ours");
  CHECK(next(s) == Sent{"ours", 1});
  s.feed(message(QoS::at_most_once, "", "x", alias(1)));
  CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));
}

TEST_CASE("[MQTT-3.2.2-18] no aliases for a server that takes none") {
  for (const bool said : {false, true}) {
    Script s(giving(5));
    s.connect(accepted(false, said ? server_takes(0) : Props()));
    for (int i = 0; i < 3; ++i) {
      s.publish(QoS::at_most_once, "t");
      CHECK(next(s) == Sent{"t", 0});
    }
    CHECK(s.session.publish(message(QoS::at_most_once, "t", "x", alias(1)), s.now).error().kind ==
          ErrorKind::denied);
    CHECK(s.session.publish(message(QoS::at_least_once, "t", "x", alias(1)), s.now).error().kind ==
          ErrorKind::denied);
    s.sent_nothing();
  }
}

TEST_CASE("[MQTT-3.2.2-17] aliases given by the session stay within both maxima") {
  for (const std::uint16_t ours : {std::uint16_t{2}, std::uint16_t{100}}) {
    Script s(giving(ours));
    s.connect(accepted(false, server_takes(ours == 2 ? 100 : 2)));
    for (const std::string_view topic : {"a", "b", "c", "a", "b", "c"}) s.publish(QoS::at_most_once, topic);
    CHECK(next(s) == Sent{"a", 1});
    CHECK(next(s) == Sent{"b", 2});
    CHECK(next(s) == Sent{"c", 0});
    CHECK(next(s) == Sent{"", 1});
    CHECK(next(s) == Sent{"", 2});
    CHECK(next(s) == Sent{"c", 0});
  }
}

TEST_CASE("[MQTT-3.3.2-9][MQTT-3.3.2-8] an alias of the caller's is obeyed up to the server's maximum") {
  for (const QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once}) {
    Script s(config_of(Version::v5));
    s.connect(accepted(false, server_takes(10)));
    s.publish(message(qos, "t", "x", alias(10)));
    CHECK(next(s) == Sent{"t", 10});
    s.publish(message(qos, "t", "x", alias(10)));
    CHECK(next(s) == Sent{"", 10});
    s.publish(message(qos, "other", "x", alias(10)));
    CHECK(next(s) == Sent{"other", 10});
    s.publish(message(qos, "t", "x", alias(10)));
    CHECK(next(s) == Sent{"t", 10});
    const std::size_t open = s.session.unacknowledged();
    const auto refused = s.session.publish(message(qos, "t", "x", alias(11)), s.now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == value_of(ReasonCode::topic_alias_invalid));
    CHECK_FALSE(
        s.session.publish(message(qos, "t", "x", Properties(std::string_view("\x23\0\0", 3))), s.now));
    CHECK_FALSE(
        s.session.publish(message(qos, "", "x", alias(10)), s.now));  // the topic is needed in any case
    s.sent_nothing();
    CHECK(s.session.unacknowledged() == open);
  }
}

TEST_CASE("[MQTTKIT-5-TOPIC-4] what is kept for resending holds the full topic, never an alias") {
  SessionConfig config = giving(5);
  Script s(config);
  s.connect(accepted(false, server_takes(5)));
  s.publish(QoS::at_least_once, "given");
  s.publish(QoS::at_least_once, "given");
  s.publish(message(QoS::exactly_once, "asked", "x", Props().set(PropertyId::topic_alias, 5).user("a", "b")));
  s.publish(message(QoS::exactly_once, "asked", "x", Props().set(PropertyId::topic_alias, 5).user("a", "b")));
  CHECK(next(s) == Sent{"given", 1});
  CHECK(next(s) == Sent{"", 1});
  CHECK(next(s) == Sent{"asked", 5});
  CHECK(next(s) == Sent{"", 5});
  s.reconnect(true);  // to a server that takes no aliases now
  for (const std::string_view topic : {"given", "given", "asked", "asked"}) {
    const Publish again = s.take<Publish>();
    CHECK(again.topic == topic);
    CHECK(again.dup);
    CHECK_FALSE(again.properties.contains(PropertyId::topic_alias));
    CHECK(again.properties.contains(PropertyId::user_property) == (topic == "asked"));
  }
}

TEST_CASE("a message that waits does not lean on aliases of the connection at which it was published") {
  Script s(config_of(Version::v5));
  s.connect(
      accepted(false, Props().set(PropertyId::topic_alias_maximum, 5).set(PropertyId::receive_maximum, 1)));
  s.publish(message(QoS::at_least_once, "a", "x", alias(1)));
  s.publish(message(QoS::at_least_once, "b", "x", alias(1)));
  CHECK(next(s) == Sent{"a", 1});
  s.publish(message(QoS::at_most_once, "a", "x", alias(1)));
  CHECK(next(s) == Sent{"", 1});
  s.feed(puback(1));
  s.event<Published>();
  CHECK(next(s) == Sent{"b", 0});
}

TEST_CASE("a message that is refused gives no topic its alias") {
  const Props limited = Props()
                            .set(PropertyId::topic_alias_maximum, 5)
                            .set(PropertyId::maximum_packet_size, 40)
                            .set(PropertyId::retain_available, 0);
  const std::string large(40, 'x');
  for (const bool automatic : {false, true}) {
    Script s(automatic ? giving(5) : config_of(Version::v5));
    s.connect(accepted(false, limited));
    const Props asked = automatic ? Props() : alias(1);
    Publish retained = message(QoS::at_most_once, "t", "x", asked);
    retained.retain = true;
    CHECK_FALSE(s.session.publish(retained, s.now));
    CHECK_FALSE(s.session.publish(message(QoS::at_most_once, "t", large, asked), s.now));
    s.publish(message(QoS::at_most_once, "t", "x", asked));
    CHECK(next(s) == Sent{"t", 1});
  }
}

TEST_CASE("an alias never makes a packet too large for the server") {
  const Props limited =
      Props().set(PropertyId::topic_alias_maximum, 5).set(PropertyId::maximum_packet_size, 40);
  const std::string payload(32, 'x');  // 40 bytes in all at QoS 1, 38 at QoS 0
  Script s(giving(5));
  s.connect(accepted(false, limited));
  s.publish(message(QoS::at_least_once, "t", payload));
  CHECK(next(s) == Sent{"t", 0});
  s.publish(message(QoS::at_most_once, "t", payload));
  CHECK(next(s) == Sent{"t", 0});
  Script asked(config_of(Version::v5));
  asked.connect(accepted(false, limited));
  CHECK(asked.session.publish(message(QoS::at_least_once, "t", payload, alias(1)), asked.now).error().kind ==
        ErrorKind::denied);
  CHECK(asked.session.publish(message(QoS::at_most_once, "t", payload, alias(1)), asked.now).error().kind ==
        ErrorKind::denied);
  asked.sent_nothing();
  CHECK(asked.session.unacknowledged() == 0);
}

}  // namespace mq
