// Leaving, and being left.
#include "script.hpp"

namespace mq {

TEST_CASE("[MQTT-3.14.4-1][MQTT311-3.14.4-2][MQTT311-3.14.1-1] DISCONNECT is the last packet") {
  for (const Version version : all_versions) {
    SessionConfig config = config_of(version);
    config.keep_alive = 10;
    config.manual_acknowledgement = true;
    Script s(config);
    s.connect();
    s.feed(numbered(message(QoS::at_least_once), 7));
    const Ticket ticket = s.event<Message>().ticket;
    s.publish(QoS::at_least_once);
    const PacketId id = s.take_publishes(1)[0];
    s.feed(numbered(message(QoS::exactly_once), 8));
    s.feed(puback(id));
    REQUIRE(s.session.disconnect(ReasonCode::success, {}, s.now));
    s.sent("e0 00");
    CHECK(s.session.over());
    CHECK_FALSE(s.session.connected());
    // Whatever is asked for or comes now, nothing follows.
    CHECK(s.session.acknowledge(ticket, s.now));
    CHECK_FALSE(s.session.publish(message(QoS::at_most_once), s.now));
    s.publish(QoS::exactly_once);  // for the next connection
    CHECK_FALSE(s.session.subscribe({{.filter = "#"}}, {}, s.now));
    CHECK_FALSE(s.session.disconnect(ReasonCode::success, {}, s.now));
    CHECK_FALSE(s.session.deadline());
    s.session.tick(s.now + 1h);
    s.feed(pubrel(8));
    s.no_event();
    s.sent_nothing();
    CHECK(s.session.unacknowledged() == 2);
  }
}

TEST_CASE(
    "[MQTT-3.14.4-2][MQTT311-3.14.4-1] after DISCONNECT the connection is over, whether the server closes or "
    "not") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.connect();
    REQUIRE(s.session.disconnect(ReasonCode::success, {}, s.now));
    CHECK(s.session.over());
    CHECK(s.session.output_size() == 2);
    s.feed("d0 00");
    s.no_event();
    CHECK(s.session.over());
    s.down();
    CHECK_FALSE(s.session.over());
    s.connect(accepted(version != Version::v31));
    CHECK(s.session.connected());
  }
}

TEST_CASE("what was queued before DISCONNECT goes out before it") {
  Script s(config_of(Version::v5));
  s.connect();
  s.publish(QoS::at_most_once);
  REQUIRE(s.session.disconnect(ReasonCode::disconnect_with_will, {}, s.now));
  s.take<Publish>();
  s.sent("e0 01 04");
}

TEST_CASE("without a connection there is nothing to end") {
  Script s(config_of(Version::v5));
  CHECK(s.session.disconnect(ReasonCode::success, {}, s.now).error().kind == ErrorKind::lost);
  s.connect();
  s.down();
  CHECK(s.session.disconnect(ReasonCode::success, {}, s.now).error().kind == ErrorKind::lost);
}

TEST_CASE("[MQTT-3.14.2-1] a client's DISCONNECT has only reasons that a client may give") {
  Script s(config_of(Version::v5));
  s.connect();
  for (const ReasonCode reason : {ReasonCode::keep_alive_timeout, ReasonCode::server_shutting_down,
                                  ReasonCode::granted_qos_1, static_cast<ReasonCode>(0x03)}) {
    CHECK(s.session.disconnect(reason, {}, s.now).error().kind == ErrorKind::usage);
    CHECK(s.session.connected());
  }
  s.sent_nothing();
}

TEST_CASE("[MQTTKIT-5-EXPIRY-2] a session that ends with its connection cannot be prolonged when leaving") {
  const Props longer = Props().set(PropertyId::session_expiry_interval, 10);
  SessionConfig config = config_of(Version::v5);
  config.properties = {};
  Script s(config);
  s.connect();
  CHECK(s.session.disconnect(ReasonCode::success, longer, s.now).error().kind == ErrorKind::usage);
  s.sent_nothing();
  CHECK(s.session.connected());
  CHECK(
      s.session.disconnect(ReasonCode::success, Props().set(PropertyId::session_expiry_interval, 0), s.now));
  Script lasting(config_of(Version::v5));
  lasting.connect();
  REQUIRE(lasting.session.disconnect(ReasonCode::success, longer, lasting.now));
  lasting.sent(Disconnect{ReasonCode::success, longer});
}

TEST_CASE(
    "[MQTT-3.14.2-3][MQTT-3.14.2-4] a reason string and user properties yield to the server's maximum packet "
    "size") {
  const std::string text(20, 'r');
  const Props both = Props().set(PropertyId::reason_string, text).user("name", text);
  const Props reason = Props().set(PropertyId::reason_string, text);
  for (const std::uint32_t limit : {60U, 40U, 20U}) {
    CAPTURE(limit);
    Script s(config_of(Version::v5));
    s.connect(accepted(false, Props().set(PropertyId::maximum_packet_size, limit)));
    REQUIRE(s.session.disconnect(ReasonCode::success, both, s.now));
    s.sent(Disconnect{ReasonCode::success, limit == 60   ? Properties(both)
                                           : limit == 40 ? Properties(reason)
                                                         : Properties{}});
  }
}

TEST_CASE("[MQTT-4.13.2-1] the server's DISCONNECT ends the connection") {
  for (const ReasonCode reason :
       {ReasonCode::success, ReasonCode::server_shutting_down, ReasonCode::session_taken_over}) {
    Script s(config_of(Version::v5));
    s.connect();
    s.publish(QoS::at_least_once);
    s.take_publishes(1);
    s.feed(Disconnect{reason, Props().set(PropertyId::server_reference, "other")});
    const ServerDisconnected left = s.event<ServerDisconnected>();
    CHECK(left.disconnect.reason == reason);
    CHECK(left.disconnect.properties.bytes(PropertyId::server_reference) == "other");
    CHECK(s.session.over());
    CHECK_FALSE(s.session.deadline());
    s.feed(numbered(message(QoS::at_least_once), 1));
    s.no_event();
    s.sent_nothing();
    CHECK(s.session.unacknowledged() == 1);
  }
}

TEST_CASE("[MQTT-4.13.2-1] a failing CONNACK ends the connection, sent or not") {
  Script s(config_of(Version::v5));
  s.up();
  s.take<Connect>();
  s.feed(Connack{false, ReasonCode::server_busy, {}});
  s.event<Refused>();
  CHECK(s.session.over());
  s.sent_nothing();
}

TEST_CASE("a server of 3.x has no DISCONNECT") {
  for (const Version version : versions_3x) {
    Script s(config_of(version));
    s.connect();
    s.feed("e0 00");
    CHECK(s.event<Broken>().error.kind == ErrorKind::protocol);
  }
}

}  // namespace mq
