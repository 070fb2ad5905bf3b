// What CONNACK allows is kept to, and checked again on every new connection.
#include "base/text.hpp"
#include "script.hpp"

namespace mq {

TEST_CASE("[MQTT-3.2.2-11] no QoS above the server's maximum") {
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::maximum_qos, 0)));
  for (const QoS qos : {QoS::at_least_once, QoS::exactly_once}) {
    const auto refused = s.session.publish(message(qos), s.now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::denied);
    CHECK(refused.error().reason == value_of(ReasonCode::qos_not_supported));
  }
  CHECK(s.session.unacknowledged() == 0);
  s.sent_nothing();
  s.publish(QoS::at_most_once);
  s.sent(message(QoS::at_most_once));
  s.reconnect(true, Props().set(PropertyId::maximum_qos, 1));
  s.publish(QoS::at_least_once);
  CHECK_FALSE(s.session.publish(message(QoS::exactly_once), s.now));
}

TEST_CASE("[MQTT-3.2.2-14] nothing retained for a server that keeps nothing") {
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::retain_available, 0)));
  for (const QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once}) {
    Publish retained = message(qos);
    retained.retain = true;
    const auto refused = s.session.publish(retained, s.now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().reason == value_of(ReasonCode::retain_not_supported));
  }
  s.sent_nothing();
}

TEST_CASE("[MQTT-3.2.2-15] no packet above the server's maximum packet size") {
  const auto sized = [](QoS qos, std::size_t packet) {
    static std::string payload;
    payload.assign(packet - (qos == QoS::at_most_once ? 6 : 8), 'x');
    return message(qos, "t", payload);
  };
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props().set(PropertyId::maximum_packet_size, 64)));
  for (const QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once}) {
    s.publish(sized(qos, 64));
    CHECK(s.unasked() == 1);
    s.take<Publish>();
    const auto refused = s.session.publish(sized(qos, 65), s.now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::denied);
    CHECK(refused.error().reason == value_of(ReasonCode::packet_too_large));
    s.sent_nothing();
  }
  const std::string filter(60, 'f');
  CHECK(s.session.subscribe({{.filter = filter}}, {}, s.now).error().reason ==
        value_of(ReasonCode::packet_too_large));
  CHECK(s.session.unsubscribe({filter}, {}, s.now).error().reason == value_of(ReasonCode::packet_too_large));
  s.sent_nothing();
  CHECK(s.session.unacknowledged() == 2);
}

TEST_CASE("what the new connection does not take is given up when the session goes on") {
  Script s(config_of(Version::v5));
  s.connect();
  const std::string large(100, 'x');
  Publish retained = message(QoS::at_least_once, "retained");
  retained.retain = true;
  const Ticket first = s.publish(message(QoS::at_least_once, "large", large));
  const Ticket second = s.publish(retained);
  const Ticket third = s.publish(message(QoS::exactly_once, "qos 2"));
  const Ticket fourth = s.publish(message(QoS::at_least_once, "fine"));
  s.take_publishes(4);
  s.reconnect(true, Props()
                        .set(PropertyId::maximum_packet_size, 50)
                        .set(PropertyId::retain_available, 0)
                        .set(PropertyId::maximum_qos, 1));
  const Publish resent = s.take<Publish>();
  CHECK(resent.topic == "fine");
  CHECK(resent.dup);
  const PacketId id = resent.packet_id;
  s.sent_nothing();
  const Dropped dropped = s.event<Dropped>();
  CHECK(dropped.ticket == first);
  CHECK(dropped.error.kind == ErrorKind::denied);
  CHECK(s.event<Dropped>().ticket == second);
  CHECK(s.event<Dropped>().ticket == third);
  s.feed(puback(id));
  CHECK(s.event<Published>().ticket == fourth);
  CHECK(s.session.unacknowledged() == 0);
}

TEST_CASE("who says so has messages go with what the new connection takes") {
  SessionConfig config = config_of(Version::v5);
  config.lowers = true;
  Script s(config);
  s.connect();
  Publish retained = message(QoS::exactly_once);
  retained.retain = true;
  const Ticket ticket = s.publish(retained);
  const PacketId id = s.take_publishes(1)[0];
  s.reconnect(true, Props().set(PropertyId::maximum_qos, 1).set(PropertyId::retain_available, 0));
  const Publish sent = s.take<Publish>();
  CHECK(sent.qos == QoS::at_least_once);
  CHECK_FALSE(sent.retain);
  CHECK(sent.packet_id == id);
  s.feed(puback(id));
  CHECK(s.event<Published>().ticket == ticket);
}

// The server may have seen the message under it, and would take the next one for a repeat.
TEST_CASE(
    "[MQTT-4.3.3-1][MQTT-4.3.3-10][MQTTKIT-5-ACK-4] the identifier of a QoS 2 message that was sent and then "
    "given up stays taken") {
  for (const bool lowers : {false, true}) {
    for (const bool saved : {false, true}) {
      SessionConfig config = config_of(Version::v5);
      config.lowers = lowers;
      config.max_in_flight = 65535;
      Script s(config);
      s.connect();
      s.publish(QoS::exactly_once);
      const PacketId given_up = s.take_publishes(1)[0];
      s.reconnect(true, Props().set(PropertyId::maximum_qos, 1));
      if (lowers) {
        CHECK(s.take<Publish>().qos == QoS::at_least_once);
        s.feed(puback(given_up));
        s.event<Published>();
      } else {
        s.event<Dropped>();
      }
      CHECK(s.session.unacknowledged() == 0);
      if (saved) {
        const Buffer bytes = s.session.save(s.now, 0);
        s.session = Session(config);
        REQUIRE(s.session.restore(bytes, s.now, 0));
        CHECK(s.session.save(s.now, 0) == bytes);
        CHECK(s.session.unacknowledged() == 0);
      }
      s.down();
      s.connect(accepted(true));
      for (int i = 0; i < 65534; ++i) s.publish(QoS::exactly_once);
      for (const PacketId id : s.take_publishes(65534)) REQUIRE(id != given_up);
      CHECK_FALSE(s.session.publish(message(QoS::exactly_once), s.now));
      s.reconnect(false);  // a new session knows nothing of it
      s.take_publishes(65534);
      s.publish(QoS::exactly_once);
      s.take_publishes(1);
    }
  }
}

TEST_CASE("limits are those of the connection, not of the one before") {
  Script s(config_of(Version::v5));
  s.connect(
      accepted(false, Props().set(PropertyId::maximum_qos, 0).set(PropertyId::maximum_packet_size, 10)));
  s.reconnect(true);
  CHECK(s.session.limits().maximum_qos == QoS::exactly_once);
  s.publish(message(QoS::exactly_once, "topic", "longer than ten bytes"));
  s.take<Publish>();
}

TEST_CASE("[MQTTKIT-5-SUB-4] subscriptions that the server does not have are refused here") {
  Script s(config_of(Version::v5));
  s.connect(accepted(false, Props()
                                .set(PropertyId::wildcard_subscription_available, 0)
                                .set(PropertyId::shared_subscription_available, 0)
                                .set(PropertyId::subscription_identifier_available, 0)));
  const auto reason = [&](std::string_view filter, Properties properties = {}) {
    const auto asked = s.session.subscribe({{.filter = filter}}, properties, s.now);
    return asked ? 0 : asked.error().reason;
  };
  CHECK(reason("a/+") == value_of(ReasonCode::wildcard_subscriptions_not_supported));
  CHECK(reason("#") == value_of(ReasonCode::wildcard_subscriptions_not_supported));
  CHECK(reason("$share/g/a") == value_of(ReasonCode::shared_subscriptions_not_supported));
  CHECK(reason("a", Props().set(PropertyId::subscription_identifier, 1)) ==
        value_of(ReasonCode::subscription_identifiers_not_supported));
  s.sent_nothing();
  CHECK(reason("a") == 0);
  s.take<Subscribe>();
}

TEST_CASE("a full output takes no QoS 0 publish and no input, until it has been written") {
  SessionConfig config = config_of(Version::v5);
  config.max_output = 100;
  Script s(config);
  s.connect();
  const std::string payload(60, 'x');
  s.publish(message(QoS::at_most_once, "t", payload));
  REQUIRE(s.session.can_publish(QoS::at_most_once));
  s.publish(message(QoS::at_most_once, "t", payload));
  CHECK_FALSE(s.session.can_publish(QoS::at_most_once));
  CHECK_FALSE(s.session.publish(message(QoS::at_most_once), s.now));
  s.feed(numbered(message(QoS::at_least_once), 1));
  s.no_event();
  CHECK(s.session.output_size() == 132);
  CHECK(s.unasked() == 2);  // takes the output
  s.event<Message>();
  s.publish(QoS::at_most_once);
}

TEST_CASE("pending output stays where it is until all of it is written") {
  SessionConfig config = config_of(Version::v5);
  config.max_output = 10U << 20;
  Script s(config);
  s.connect();
  s.publish(message(QoS::at_most_once, "a", "first"));
  const Bytes pending = s.session.pending_output();
  const Buffer copy(pending);
  s.session.written(3);
  const std::string large(10'000, 'x');
  for (int i = 0; i < 100; ++i) s.publish(message(QoS::at_most_once, "b", large));
  CHECK(pending == copy);
  CHECK(s.session.pending_output() == Bytes(copy).substr(3));
  s.session.written(copy.size() - 3);
  CHECK(s.session.pending_output().size() == s.session.output_size());
}

}  // namespace mq
