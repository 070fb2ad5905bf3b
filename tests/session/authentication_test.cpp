// Enhanced authentication, which only 5.0 has.
#include "script.hpp"

namespace mq {

namespace {

SessionConfig proving() {
  SessionConfig config = config_of(Version::v5);
  config.properties = Props()
                          .set(PropertyId::authentication_method, "M")
                          .set(PropertyId::authentication_data, "hello")
                          .set(PropertyId::session_expiry_interval, 60);
  return config;
}

Props method(std::string_view name) { return Props().set(PropertyId::authentication_method, name); }

Auth challenge(Properties properties) { return {ReasonCode::continue_authentication, properties}; }

}  // namespace

TEST_CASE("[MQTT-4.12.0-3][MQTT-4.12.0-5] a challenge is answered under the method of CONNECT") {
  Script s(proving());
  s.up();
  CHECK(s.take<Connect>().properties.bytes(PropertyId::authentication_data) == "hello");
  s.feed(challenge(Props(method("M")).set(PropertyId::authentication_data, "who?")));
  CHECK(s.event<Challenged>().auth.properties.bytes(PropertyId::authentication_data) == "who?");
  REQUIRE(s.session.authenticate("me", s.now));
  s.sent(challenge(Props(method("M")).set(PropertyId::authentication_data, "me")));
  s.feed(challenge(method("M")));
  s.event<Challenged>();
  REQUIRE(s.session.authenticate({}, s.now));
  s.sent(challenge(method("M")));
  s.feed(accepted(false, method("M")));
  s.event<Connected>();
}

TEST_CASE("[MQTT-3.1.2-30] before CONNACK only AUTH and DISCONNECT go out") {
  Script s(proving());
  s.up();
  s.take<Connect>();
  CHECK_FALSE(s.session.publish(message(QoS::at_most_once), s.now));
  s.publish(QoS::at_least_once);
  CHECK_FALSE(s.session.subscribe({{.filter = "#"}}, {}, s.now));
  s.feed(challenge(method("M")));
  s.event<Challenged>();
  s.sent_nothing();
  REQUIRE(s.session.authenticate("x", s.now));
  s.take<Auth>();
  s.sent_nothing();
  SUBCASE("CONNACK") {
    s.feed(accepted(false, method("M")));
    s.event<Connected>();
    s.take<Publish>();
  }
  SUBCASE("DISCONNECT") {
    REQUIRE(s.session.disconnect(ReasonCode::success, {}, s.now));
    s.sent("e0 00");
  }
}

TEST_CASE("[MQTT-4.12.0-5] a server that changes the method, or leaves it out, breaks the connection") {
  SUBCASE("in AUTH, changed") {
    Script s(proving());
    s.up();
    s.feed(challenge(method("N")));
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));
  }
  SUBCASE("in AUTH, left out") {
    Script s(proving());
    s.up();
    s.feed("f0 02 18 00");
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));
  }
  SUBCASE("in CONNACK") {
    for (const Props& said : {Props(), method("N")}) {
      Script s(proving());
      s.up();
      s.feed(accepted(false, said));
      CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));
      CHECK_FALSE(s.session.connected());
    }
  }
  SUBCASE("later") {
    Script s(proving());
    s.connect(accepted(false, method("M")));
    s.feed(Auth{ReasonCode::success, method("N")});
    CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));
    s.sent("e0 01 82");
  }
}

TEST_CASE("a refusal need not name the method") {
  Script s(proving());
  s.up();
  s.feed(Connack{false, ReasonCode::bad_authentication_method, {}});
  CHECK(s.event<Refused>().connack.reason == ReasonCode::bad_authentication_method);
}

TEST_CASE("[MQTTKIT-5-AUTH-3] AUTH cannot take CONNACK's place") {
  Script s(proving());
  s.up();
  s.feed(Auth{ReasonCode::success, method("M")});
  CHECK(s.event<Broken>().error.kind == ErrorKind::protocol);
}

TEST_CASE("[MQTT-4.12.0-7] without a method in CONNECT no AUTH goes out, and none may come") {
  Script s(config_of(Version::v5));
  s.connect();
  CHECK(s.session.reauthenticate("x", s.now).error().kind == ErrorKind::usage);
  CHECK(s.session.authenticate("x", s.now).error().kind == ErrorKind::usage);
  s.sent_nothing();
  s.feed(challenge(method("M")));
  CHECK(s.event<Broken>().error.reason == value_of(ReasonCode::protocol_error));
  Script old(config_of(Version::v311));
  old.connect();
  CHECK_FALSE(old.session.reauthenticate("x", old.now));
  old.sent_nothing();
}

TEST_CASE("[MQTT-4.12.1-1] authenticating anew begins with AUTH 0x19 under the same method") {
  Script s(proving());
  CHECK(s.session.reauthenticate("x", s.now).error().kind == ErrorKind::lost);
  CHECK(s.session.authenticate("x", s.now).error().kind == ErrorKind::lost);
  s.connect(accepted(false, method("M")));
  REQUIRE(s.session.reauthenticate("again", s.now));
  s.sent(Auth{ReasonCode::reauthenticate, Props(method("M")).set(PropertyId::authentication_data, "again")});
  s.feed(challenge(method("M")));
  s.event<Challenged>();
  REQUIRE(s.session.authenticate("me", s.now));
  s.take<Auth>();
  s.feed(Auth{ReasonCode::success, method("M")});
  CHECK(s.event<Challenged>().auth.reason == ReasonCode::success);
  CHECK(s.session.connected());
}

TEST_CASE("[MQTT-4.12.1-2] failing to authenticate anew ends the connection, whichever side finds it out") {
  Script s(proving());
  s.connect(accepted(false, method("M")));
  REQUIRE(s.session.reauthenticate("again", s.now));
  s.take<Auth>();
  SUBCASE("the server") {
    s.feed(Disconnect{ReasonCode::not_authorized, {}});
    CHECK(s.event<ServerDisconnected>().disconnect.reason == ReasonCode::not_authorized);
  }
  SUBCASE("the caller") {
    s.feed(challenge(method("M")));
    s.event<Challenged>();
    REQUIRE(s.session.disconnect(ReasonCode::unspecified_error, {}, s.now));
    s.sent("e0 01 80");
  }
  CHECK(s.session.over());
}

TEST_CASE(
    "[MQTT-3.15.2-2][MQTT-3.15.2-3] our AUTH carries neither reason string nor user properties, however "
    "small the "
    "server is") {
  Script s(proving());
  s.connect(accepted(false, Props(method("M")).set(PropertyId::maximum_packet_size, 40)));
  REQUIRE(s.session.reauthenticate("x", s.now));
  s.sent(Auth{ReasonCode::reauthenticate, Props(method("M")).set(PropertyId::authentication_data, "x")});
  s.feed(challenge(Props(method("M")).set(PropertyId::reason_string, "why").user("a", "b")));
  s.event<Challenged>();
  REQUIRE(s.session.authenticate({}, s.now));
  s.sent(challenge(method("M")));
}

TEST_CASE("authentication data that the server is too small for is refused") {
  Script s(proving());
  s.connect(accepted(false, Props(method("M")).set(PropertyId::maximum_packet_size, 30)));
  const std::string data(30, 'x');
  const auto refused = s.session.reauthenticate(data, s.now);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == value_of(ReasonCode::packet_too_large));
  s.sent_nothing();
  CHECK(s.session.connected());
}

}  // namespace mq
