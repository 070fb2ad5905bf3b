// Getting connected: what CONNECT says, and what may come back.
#include "script.hpp"

namespace mq {

TEST_CASE("[MQTT-3.1.0-1][MQTT311-3.1.0-1] CONNECT opens every connection") {
  for (const Version version : all_versions) {
    CAPTURE(static_cast<int>(version));
    Script s(config_of(version));
    s.publish(QoS::at_least_once);  // waits
    s.sent_nothing();
    s.up();
    s.publish(QoS::exactly_once);
    s.advance(1s);
    s.take<Connect>();
    s.sent_nothing();
    s.feed(accepted());
    s.event<Connected>();
    s.down();
    s.up();
    s.take<Connect>();
    s.sent_nothing();
  }
}

TEST_CASE("[MQTT-3.1.0-2][MQTT311-3.1.0-2] one CONNECT on a connection") {
  for (const Version version : all_versions) {
    SessionConfig config = config_of(version);
    config.keep_alive = 10;
    Script s(config);
    s.connect();
    s.publish(QoS::exactly_once);
    s.subscribe("#");
    s.take<Publish>();
    s.take<Subscribe>();
    s.advance(9s);
    s.take<Pingreq>();
    s.sent_nothing();
  }
}

TEST_CASE("CONNECT says what the configuration says") {
  SessionConfig config;
  config.client_id = "id";
  config.keep_alive = 10;
  config.user_name = "u";
  config.password = "p";
  config.will = WillConfig{
      .topic = "w", .payload = "gone", .qos = QoS::at_least_once, .retain = true, .properties = {}};
  config.properties = Props().set(PropertyId::receive_maximum, 5);
  REQUIRE(check(config));
  Script s(config);
  s.up();
  s.sent(
      "10 22 00 04 4d515454 05 ee 00 0a 03 21 00 05 00 02 6964 00 00 01 77 00 04 676f6e65 00 01 75 00 01 70");
}

TEST_CASE("[MQTT-3.1.2-2][MQTT311-3.1.2-2] a server that does not speak our version is reported") {
  SessionConfig config;
  config.client_id = "c";
  SUBCASE("5.0, said in its own words") {
    Script s(config);
    s.up();
    s.feed("20 03 00 84 00");
    CHECK(s.event<Refused>().connack.reason == ReasonCode::unsupported_protocol_version);
    CHECK(s.session.over());
  }
  SUBCASE("5.0, said by a server of 3.1.1") {
    Script s(config);
    s.up();
    s.feed("20 02 00 01");
    CHECK(s.event<Refused>().connack.reason == ReasonCode::unsupported_protocol_version);
    CHECK(s.session.over());
  }
  SUBCASE("3.1.1") {
    config.version = Version::v311;
    Script s(config);
    s.up();
    s.feed("20 02 00 01");
    CHECK(s.event<Refused>().connack.reason == ReasonCode::unsupported_protocol_version);
    CHECK(s.session.over());
  }
}

TEST_CASE("a refusal ends the connection and leaves nothing behind") {
  for (const Version version : all_versions) {
    Script s(config_of(version));
    s.publish(QoS::at_least_once);
    s.up();
    s.take<Connect>();
    s.feed(Connack{false, ReasonCode::not_authorized, {}});
    CHECK(s.event<Refused>().connack.reason == ReasonCode::not_authorized);
    CHECK(s.session.over());
    CHECK_FALSE(s.session.connected());
    CHECK_FALSE(s.session.deadline());
    s.feed(accepted());
    s.no_event();
    s.sent_nothing();
    CHECK(s.session.unacknowledged() == 1);
  }
}

TEST_CASE("[MQTT-3.2.2-4] a client without a session does not go on with one") {
  for (const Version version : {Version::v311, Version::v5}) {
    Script s(config_of(version));
    s.up();
    s.take<Connect>();
    s.feed(accepted(true));
    CHECK(s.event<Broken>().error.kind == ErrorKind::protocol);
    CHECK(s.session.over());
    CHECK_FALSE(s.session.connected());
  }
}

TEST_CASE("a caller that continues a session accepts Session Present at the first connection") {
  for (const Version version : {Version::v311, Version::v5}) {
    SessionConfig config = config_of(version);
    config.continues_session = true;
    Script s(config);
    s.connect(accepted(true));
    CHECK(s.session.connected());
  }
}

// It is said only where there is nothing to drop: what waits had never been sent, and is no state of a

// session.

TEST_CASE("[MQTT-3.1.2-4] Clean Start is for the first connection; later ones go on") {
  SessionConfig config = config_of(Version::v5);
  config.clean_start = true;
  Script s(config);
  s.publish(QoS::at_least_once);
  s.up();
  CHECK(s.take<Connect>().clean_start);
  s.feed(accepted(true));  // a new session cannot be present
  CHECK(s.event<Broken>().error.kind == ErrorKind::protocol);
  s.sent_nothing();
  s.down();
  s.up();
  CHECK(s.take<Connect>().clean_start);
  s.feed(accepted());
  CHECK(s.event<Connected>().possible_doubles == 0);
  const Publish first = s.take<Publish>();
  CHECK_FALSE(first.dup);
  const PacketId id = first.packet_id;
  s.down();
  s.up();
  CHECK_FALSE(s.take<Connect>().clean_start);
  s.feed(accepted(true));
  s.event<Connected>();
  s.sent(numbered(message(QoS::at_least_once), id, true));
}

TEST_CASE("[MQTT311-3.1.2-6] a clean session ends with its connection") {
  for (const Version version : versions_3x) {
    SessionConfig config = config_of(version);
    config.clean_start = true;
    Script s(config);
    s.connect();
    s.publish(QoS::at_least_once);
    const PacketId old = s.take<Publish>().packet_id;
    s.down();
    s.up();
    CHECK(s.take<Connect>().clean_start);
    s.feed(accepted());
    CHECK(s.event<Connected>().possible_doubles == 1);
    const Publish again = s.take<Publish>();  // not the old one sent again, but a new message
    CHECK_FALSE(again.dup);
    CHECK(again.packet_id != old);
  }
  SessionConfig config = config_of(Version::v311);
  config.clean_start = true;
  Script s(config);
  s.connect();
  s.down();
  s.up();
  s.feed(accepted(true));
  CHECK(s.event<Broken>().error.kind == ErrorKind::protocol);
}

TEST_CASE("[MQTTKIT-5-CONN-3] an assigned client identifier is used again") {
  SessionConfig config = config_of(Version::v5);
  config.client_id.clear();
  config.clean_start = true;
  Script s(config);
  s.up();
  CHECK(s.take<Connect>().client_id.empty());
  s.feed(accepted(false, Props().set(PropertyId::assigned_client_identifier, "auto-1")));
  s.event<Connected>();
  CHECK(s.session.client_id() == "auto-1");
  s.down();
  s.up();
  CHECK(s.take<Connect>().client_id == "auto-1");
}

TEST_CASE("[MQTTKIT-5-CONN-4] CONNACK must come in time") {
  SessionConfig config = config_of(Version::v5);
  config.connack_timeout = 3s;
  Script s(config);
  s.up();
  REQUIRE(s.session.deadline() == s.now + 3s);
  s.session.tick(s.now + 2999ms);
  s.no_event();
  s.advance(3s);
  CHECK(s.event<Broken>().error.kind == ErrorKind::timeout);
  CHECK(s.session.over());
  CHECK_FALSE(s.session.deadline());
  s.take<Connect>();
  s.sent_nothing();
}

TEST_CASE("the wait for CONNACK ends with the connection, whatever ends it") {
  Script s(config_of(Version::v5));
  SUBCASE("a broken rule") {
    s.up();
    s.feed("d0 00");
    s.event<Broken>();
  }
  SUBCASE("leaving") {
    s.up();
    REQUIRE(s.session.disconnect(ReasonCode::success, {}, s.now));
  }
  SUBCASE("CONNACK") { s.connect(); }
  SUBCASE("the network") {
    s.up();
    s.down();
  }
  CHECK_FALSE(s.session.deadline());
  s.session.tick(s.now + 1h);
  s.no_event();
}

TEST_CASE("the wait for CONNACK runs only while the program reads") {
  SessionConfig config = config_of(Version::v5);
  config.connack_timeout = 3s;
  Script s(config);
  s.session.reading(false, s.now);
  s.up();
  CHECK_FALSE(s.session.deadline());
  s.session.tick(s.now + 1h);
  s.no_event();
  s.advance(1h);
  s.session.reading(true, s.now);
  s.session.reading(true, s.now + 1s);  // said twice, it counts once
  REQUIRE(s.session.deadline() == s.now + 3s);
  s.advance(3s);
  CHECK(s.event<Broken>().error.kind == ErrorKind::timeout);
}

TEST_CASE("[MQTTKIT-5-CONN-1][MQTTKIT-311-CONN-1] only CONNACK, or AUTH, may come first") {
  for (const Version version : all_versions) {
    for (const Packet& packet : std::vector<Packet>{message(QoS::at_most_once), Pingresp{}, puback(1)}) {
      Script s(config_of(version));
      s.up();
      s.take<Connect>();
      s.feed(packet);
      CHECK(s.event<Broken>().error.kind == ErrorKind::protocol);
      CHECK(s.session.over());
      s.sent_nothing();
    }
  }
}

TEST_CASE("a CONNECT that cannot be made breaks the connection before a byte is sent") {
  SessionConfig config = config_of(Version::v5);
  config.client_id = "\xC0\x80";
  Script s(config);
  s.up();
  CHECK(s.event<Broken>().error.kind == ErrorKind::usage);
  s.sent_nothing();
  CHECK_FALSE(s.session.deadline());
}

TEST_CASE("[MQTT-4.2.0-1][MQTT311-7.1.2-1] packets arrive at any split, or many at once") {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
    CAPTURE(piece);
    Script s(config_of(Version::v5));
    s.up();
    const Bytes input("\x20\x03\x00\x00\x00\x30\x05\x00\x01t\x00x\xD0\x00\x32\x07\x00\x01t\x00\x07\x00y", 23);
    std::vector<std::string> payloads;
    for (std::size_t at = 0; at < input.size(); at += piece) {
      s.session.received(input.substr(at, piece), s.now);
      while (auto event = s.session.next_event(s.now))
        if (const auto* arrived = std::get_if<Message>(&*event))
          payloads.emplace_back(arrived->publish.payload);
    }
    CHECK(payloads == std::vector<std::string>{"x", "y"});
    s.take<Connect>();
    s.sent(puback(7));
  }
}

}  // namespace mq
