// PINGREQ, and peers that are gone.
#include "script.hpp"

namespace mq {

namespace {

SessionConfig keeping(Version version, std::uint16_t seconds) {
  SessionConfig config = config_of(version);
  config.keep_alive = seconds;
  return config;
}

}  // namespace

TEST_CASE("[MQTT-3.1.2-20][MQTT311-3.1.2-23] an idle client pings within the interval") {
  for (const Version version : all_versions) {
    Script s(keeping(version, 2));
    s.connect();
    for (int i = 0; i < 100; ++i) {
      const Time before = s.now;
      REQUIRE(s.session.deadline());
      CHECK(*s.session.deadline() < before + 2s);
      s.advance(*s.session.deadline() - before);
      s.sent(Pingreq{});
      s.sent_nothing();
      s.feed("d0 00");
      s.no_event();
    }
    CHECK(s.session.connected());
  }
}

TEST_CASE("[MQTT-3.1.2-20][MQTT311-3.1.2-23] a client that only receives pings as well") {
  for (const Version version : all_versions) {
    Script s(keeping(version, 10));
    s.connect();
    for (int i = 0; i < 10; ++i) {
      s.advance(1s);
      s.feed(message(QoS::at_most_once));
      s.event<Message>();
    }
    CHECK(s.unasked() == 1);
    s.sent(Pingreq{});
  }
}

TEST_CASE("[MQTT-3.1.2-20][MQTT311-3.1.2-23] the interval begins with CONNECT, however late CONNACK is") {
  for (const Version version : all_versions) {
    Script s(keeping(version, 10));
    s.up();
    s.take<Connect>();
    s.advance(8s);
    s.feed(accepted());
    s.event<Connected>();
    s.sent_nothing();
    s.advance(1s);
    s.sent(Pingreq{});
  }
}

TEST_CASE("what is sent puts PINGREQ off") {
  Script s(keeping(Version::v5, 10));
  s.connect();
  for (int i = 0; i < 10; ++i) {
    s.advance(5s);
    s.publish(QoS::at_least_once);
    const PacketId id = s.take_publishes(1)[0];
    s.feed(puback(id));
    s.event<Published>();
    s.sent_nothing();
  }
}

TEST_CASE("[MQTT-3.1.2-21][MQTT-3.2.2-21] the server's keep alive counts, not ours") {
  SUBCASE("shorter") {
    Script s(keeping(Version::v5, 60));
    s.connect(accepted(false, Props().set(PropertyId::server_keep_alive, 1)));
    s.advance(1s);
    s.sent(Pingreq{});
  }
  SUBCASE("instead of none") {
    Script s(keeping(Version::v5, 0));
    s.connect(accepted(false, Props().set(PropertyId::server_keep_alive, 1)));
    s.advance(1s);
    s.sent(Pingreq{});
  }
  SUBCASE("none") {
    Script s(keeping(Version::v5, 1));
    s.connect(accepted(false, Props().set(PropertyId::server_keep_alive, 0)));
    CHECK_FALSE(s.session.deadline());
    s.advance(1h);
    s.sent_nothing();
  }
  SUBCASE("of this connection alone") {
    Script s(keeping(Version::v5, 60));
    s.connect(accepted(false, Props().set(PropertyId::server_keep_alive, 1)));
    s.reconnect(true);
    s.advance(53s);
    s.sent_nothing();
  }
}

TEST_CASE("keep alive 0 is off") {
  Script s(keeping(Version::v311, 0));
  s.connect();
  CHECK_FALSE(s.session.deadline());
  s.session.tick(s.now + 1000h);
  s.no_event();
  s.sent_nothing();
}

TEST_CASE("[MQTTKIT-5-KEEP-1][MQTTKIT-311-KEEP-1] a server that answers no PINGREQ is given up") {
  for (const Version version : all_versions) {
    Script s(keeping(version, 10));
    s.connect();
    s.advance(13900ms);  // within one and a half intervals
    s.no_event();
    CHECK(s.session.connected());
    s.advance(100ms);
    CHECK(s.event<Broken>().error.kind == ErrorKind::lost);
    CHECK(s.session.over());
    CHECK_FALSE(s.session.deadline());
  }
}

TEST_CASE("any input shows that the server lives") {
  Script s(keeping(Version::v5, 10));
  s.connect();
  for (int i = 0; i < 10; ++i) {
    s.advance(9s);
    s.feed(message(QoS::at_most_once));
    s.event<Message>();
  }
  CHECK(s.session.connected());
}

TEST_CASE("no bytes are no sign of life") {
  Script s(keeping(Version::v5, 10));
  s.connect();
  for (int i = 0; i < 19 && s.session.connected(); ++i) {
    s.advance(1s);
    s.feed("");
  }
  CHECK(s.event<Broken>().error.kind == ErrorKind::lost);
}

TEST_CASE("a steady QoS 0 publisher notices a dead peer too") {
  for (const Version version : all_versions) {
    Script s(keeping(version, 10));
    s.connect();
    bool pinged = false;
    int seconds = 0;
    for (; seconds < 60 && s.session.connected(); ++seconds) {
      s.publish(QoS::at_most_once);
      s.advance(1s);
      while (s.unasked() > (s.session.connected() ? 0U : 1U)) {
        s.take<Publish>();
        if (s.unasked() == 0) break;
        s.sent(Pingreq{});
        pinged = true;
      }
    }
    CHECK(pinged);
    CHECK(seconds <= 15);
    CHECK(s.event<Broken>().error.kind == ErrorKind::lost);
  }
}

TEST_CASE("a PINGREQ behind much that has not got there yet is waited for as long as the way moves") {
  Script s(keeping(Version::v5, 10));
  s.connect();
  std::size_t backlog = 1 << 20;
  s.publish(message(QoS::at_least_once, "t", std::string(backlog, 'x')));
  const auto pass = [&](Duration time, std::size_t left) {
    s.advance(time - 1ms);
    s.session.backlog(left, s.now + 1ms);
    s.advance(1ms);
  };
  pass(9s, backlog);  // the PINGREQ
  for (int i = 0; i < 10; ++i) pass(5s, backlog -= 50'000);
  CHECK(s.session.connected());
  SUBCASE("it stands still") { pass(5s, backlog + 2); }  // another PINGREQ, perhaps
  SUBCASE("it gets there, and no answer comes") {
    pass(5s, 0);
    CHECK(s.session.connected());
    pass(5s, 0);
  }
  CHECK(s.event<Broken>().error.kind == ErrorKind::lost);
}

TEST_CASE("a PINGREQ behind little, or that nobody knows the way of, has half an interval for its answer") {
  Script s(keeping(Version::v5, 10));
  s.connect();
  SUBCASE("little") {
    s.publish(message(QoS::at_most_once, "t", std::string(10'000, 'x')));
    s.session.backlog(10'000, s.now);
    s.advance(9s);
    s.session.backlog(0, s.now + 5s);
  }
  SUBCASE("much, of which nothing moves") {
    s.publish(message(QoS::at_most_once, "t", std::string(100'000, 'x')));
    s.session.backlog(50'000, s.now);
    s.advance(9s);
    s.session.backlog(50'002, s.now + 5s);
  }
  SUBCASE("much, and more than that has not got there") {  // as TLS may count
    s.publish(message(QoS::at_most_once, "t", std::string(100'000, 'x')));
    s.session.backlog(200'000, s.now);
    s.advance(9s);
    s.session.backlog(200'002, s.now + 5s);
  }
  s.advance(4999ms);
  CHECK(s.session.connected());
  s.advance(1ms);
  CHECK(s.event<Broken>().error.kind == ErrorKind::lost);
}

TEST_CASE("a program that does not read still pings, and silence does not kill its connection") {
  for (const Version version : all_versions) {
    Script s(keeping(version, 10));
    s.connect();
    s.session.reading(false, s.now);
    for (int i = 0; i < 400; ++i) {
      s.advance(9s);
      s.sent(Pingreq{});
      s.sent_nothing();
    }
    CHECK(s.session.connected());
    s.no_event();
    // From now on the server has its time to answer.
    s.session.reading(true, s.now);
    s.advance(4900ms);
    CHECK(s.session.connected());
    s.advance(100ms);
    CHECK(s.event<Broken>().error.kind == ErrorKind::lost);
  }
}

TEST_CASE("while nothing is written PINGREQs don't pile up") {
  Script s(keeping(Version::v5, 10));
  s.connect();
  s.session.reading(false, s.now);
  s.advance(1h);
  CHECK(s.session.output_size() == 2);
  s.sent(Pingreq{});
  s.advance(9s);
  s.sent(Pingreq{});
  s.sent_nothing();
}

TEST_CASE("whether the program reads outlives the connection") {
  Script s(keeping(Version::v5, 10));
  s.session.reading(false, s.now);
  s.connect();
  s.advance(1h);
  CHECK(s.session.connected());
  s.reconnect(true);
  s.advance(1h);
  CHECK(s.session.connected());
}

TEST_CASE("the longest keep alive is kept") {
  Script s(keeping(Version::v5, 65535));
  s.connect();
  s.advance(58980s);
  s.sent_nothing();
  s.advance(2s);
  s.sent(Pingreq{});
}

}  // namespace mq
