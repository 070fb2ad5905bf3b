#include "client/client.hpp"

#include <doctest/doctest.h>

#include "client/owner.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Publish message(std::string_view payload, QoS qos) {
  return {.qos = qos, .topic = "a/b", .properties = {}, .payload = payload};
}

}  // namespace

TEST_CASE("a client connects, subscribes, publishes at every QoS and leaves in order") {
  FakeBroker broker;
  Loop loop;
  Heard heard(loop);
  Client client(loop, config_for(broker.port()), heard);
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event)) REQUIRE(client.subscribe({{.filter = "a/#"}}, {}));
    if (std::holds_alternative<Subscribed>(event))
      for (const QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once})
        REQUIRE(client.publish(message("x", qos)));
    if (heard.reasons.size() == 2) client.leave();
  };
  client.start();
  heard.run();
  CHECK(heard.ended);
  CHECK_FALSE(heard.error);
  CHECK(heard.connections == 1);
  CHECK(broker.records(PacketType::publish).size() == 3);
  // [MQTT-3.14.4-1]: nothing behind it
  CHECK(broker.records().back()->type() == PacketType::disconnect);
}

TEST_CASE(
    "[MQTT-3.14.4-2][MQTT311-3.14.4-1] after DISCONNECT the client closes, even when the server never does") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.expect(PacketType::disconnect);
    peer.expect_end();  // the end of the client's direction comes at once
    peer.hold();
  });
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.leave_timeout = 50ms;
  Client client(loop, config, heard);
  heard.react = [&](const Event&) { client.leave(); };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  broker.finish();
}

TEST_CASE("the first connection is tried once unless the policy says more") {
  std::uint16_t nobody = 0;
  {
    nobody = FakeBroker().port();
  }
  for (const std::uint32_t retries : {0U, 3U}) {
    Loop loop;
    Heard heard(loop);
    ClientConfig config = config_for(nobody);
    config.retry.before_first = retries;
    Client client(loop, config, heard);
    client.start();
    heard.run();
    REQUIRE(heard.error);
    CHECK(heard.error->kind == ErrorKind::connect);
    CHECK(heard.retries.size() == retries);
  }
}

TEST_CASE("after a loss the client comes back, with growing pauses, and resends what was unacknowledged") {
  FakeBroker broker([](FakeBroker& self) {
    {
      Peer first = self.accept();
      first.welcome();
      first.expect(PacketType::publish);
      first.reset();
    }
    for (int i = 0; i < 2; ++i) self.accept().reset();
    Peer last = self.accept();
    last.expect(PacketType::connect);
    last.send(Connack{true, ReasonCode::success, {}});
    last.serve();
  });
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.retry.after_loss.reset();
  REQUIRE(config.session.properties.add(PropertyId::session_expiry_interval, 60));
  Client client(loop, config, heard);
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event) && heard.connections == 1)
      REQUIRE(client.publish(message("x", QoS::at_least_once)));
    if (std::holds_alternative<Published>(event)) client.leave();
  };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  CHECK(heard.connections == 2);
  CHECK(heard.retries.size() == 3);
  CHECK(heard.retries[0].kind == ErrorKind::lost);
  // A reset right after the accept may overtake the end of connect().
  for (const Error& error : heard.retries)
    CHECK((error.kind == ErrorKind::lost || error.kind == ErrorKind::connect));
  CHECK(heard.pauses[0] >= 7ms);
  CHECK(heard.pauses[2] > heard.pauses[0]);
  const auto published = broker.records(PacketType::publish);
  REQUIRE(published.size() == 2);
  CHECK_FALSE(published[0]->as<Publish>().dup);
  CHECK(published[1]->as<Publish>().dup);
  CHECK(published[1]->as<Publish>().packet_id == published[0]->as<Publish>().packet_id);
  CHECK_FALSE(broker.records(PacketType::connect)[1]->as<Connect>().clean_start);
}

TEST_CASE(
    "a client that has left goes on with its session at another server, if that is what it is changed to") {
  FakeBroker before([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.expect(PacketType::publish);
    peer.expect(PacketType::disconnect);
  });
  FakeBroker after([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.expect(PacketType::connect);
    peer.send(Connack{true, ReasonCode::success, {}});
    peer.serve();
  });
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(before.port());
  REQUIRE(config.session.properties.add(PropertyId::session_expiry_interval, 60));
  Client client(loop, config, heard);
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event) && heard.connections == 1) {
      REQUIRE(client.publish(message("x", QoS::at_least_once)));
      client.leave();
    }
    if (std::holds_alternative<Published>(event)) client.leave();
  };
  client.start();
  heard.run();
  REQUIRE(heard.ended);
  config.endpoints = {Endpoint{"127.0.0.1", after.port(), {}}};
  config.session.client_id = "another";
  config.session.user_name = "u";
  client.change(config);
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  const auto connect = after.records(PacketType::connect);
  REQUIRE(connect.size() == 1);
  CHECK(connect[0]->as<Connect>().client_id == "test");
  CHECK(connect[0]->as<Connect>().user_name == "u");
  CHECK_FALSE(connect[0]->as<Connect>().clean_start);
  const auto published = after.records(PacketType::publish);
  REQUIRE(published.size() == 1);
  CHECK(published[0]->as<Publish>().dup);
}

TEST_CASE("what can't get better is not tried again") {
  for (const ReasonCode reason : {ReasonCode::bad_user_name_or_password, ReasonCode::not_authorized,
                                  ReasonCode::banned, ReasonCode::client_identifier_not_valid}) {
    FakeBroker broker(Reactions{.connect = [reason](Peer& peer, const Connect&) {
      peer.send(Connack{false, reason, {}});
      peer.finish();
    }});
    Loop loop;
    Heard heard(loop);
    ClientConfig config = config_for(broker.port());
    config.retry.before_first = 5;
    Client client(loop, config, heard);
    client.start();
    heard.run();
    REQUIRE(heard.error);
    CHECK(heard.error->kind == ErrorKind::refused);
    CHECK(heard.error->reason == value_of(reason));
    CHECK(broker.connections() == 1);
  }
}

TEST_CASE("a server that is busy is tried again") {
  FakeBroker broker(Reactions{.connect = [](Peer& peer, const Connect&) {
    const bool busy = peer.number() < 3;
    peer.send(Connack{false, busy ? ReasonCode::server_busy : ReasonCode::success, {}});
    if (busy) peer.finish();
  }});
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.retry.before_first = 5;
  Client client(loop, config, heard);
  heard.react = [&](const Event&) { client.leave(); };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  CHECK(broker.connections() == 3);
}

TEST_CASE("a server that does not speak 5.0 is asked at 3.1.1, when that is allowed") {
  for (const bool allowed : {true, false}) {
    FakeBroker broker(Reactions{.connect = [](Peer& peer, const Connect& connect) {
      if (connect.version == Version::v5) {
        peer.send_hex("20 02 00 01");
        peer.finish();
      } else {
        peer.send(Connack{});
      }
    }});
    Loop loop;
    Heard heard(loop);
    ClientConfig config = config_for(broker.port());
    config.fall_back_to_v311 = allowed;
    Client client(loop, config, heard);
    heard.react = [&](const Event&) { client.leave(); };
    client.start();
    heard.run();
    CHECK(broker.connections() == (allowed ? 2 : 1));
    if (allowed) {
      CHECK_FALSE(heard.error);
      CHECK(broker.records(PacketType::connect)[1]->version == Version::v311);
      CHECK(client.session().config().version == Version::v311);
    } else {
      REQUIRE(heard.error);
      CHECK(heard.error->kind == ErrorKind::refused);
      CHECK(heard.error->hint.find("-V 311") != std::string::npos);
    }
  }
}

TEST_CASE("what waits for a server goes along to 3.1.1, when it may lose its properties there") {
  for (const bool allowed : {true, false}) {
    FakeBroker broker(Reactions{.connect = [](Peer& peer, const Connect& connect) {
      if (connect.version == Version::v5) {
        peer.send_hex("20 02 00 01");
        peer.finish();
      } else {
        peer.send(Connack{});
      }
    }});
    Loop loop;
    Heard heard(loop);
    ClientConfig config = config_for(broker.port());
    config.fall_back_to_v311 = true;
    config.fall_back_without_properties = allowed;
    config.session.clean_start = false;
    REQUIRE(config.session.properties.add(PropertyId::session_expiry_interval, 60));
    REQUIRE(config.session.properties.add(PropertyId::receive_maximum, 50));
    Client client(loop, config, heard);
    Publish kept = message("x", QoS::exactly_once);
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::message_expiry_interval, 60));
    kept.properties = properties.view();
    const auto ticket = client.publish(kept);
    REQUIRE(ticket);
    heard.react = [&](const Event& event) {
      if (const auto* published = std::get_if<Published>(&event)) {
        CHECK(published->ticket == *ticket);
        client.leave();
      }
    };
    client.start();
    heard.run();
    CHECK(heard.error.has_value() != allowed);
    if (!allowed) continue;
    CHECK_FALSE(broker.records(PacketType::connect)[1]->as<Connect>().clean_start);
    const auto published = broker.records(PacketType::publish);
    REQUIRE(published.size() == 1);
    CHECK(published[0]->version == Version::v311);
    CHECK(published[0]->as<Publish>().payload == kept.payload);
  }
}

TEST_CASE(
    "[MQTT-4.13.2-1] a DISCONNECT from the server ends the connection, though the server keeps it open") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.send(Disconnect{ReasonCode::session_taken_over, {}});
    peer.expect_end();
  });
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.retry.after_loss.reset();
  Client client(loop, config, heard);
  client.start();
  heard.run();
  REQUIRE(heard.error);
  CHECK(heard.error->kind == ErrorKind::lost);
  CHECK(heard.error->text == "the server ended the connection: session taken over (0x8e)");
  broker.finish();
}

TEST_CASE("a server that breaks the rules hears why before the connection ends") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.send_hex("36 05 00 01 61 00 00");  // QoS 3
    const auto said = peer.expect(PacketType::disconnect);
    if (said->as<Disconnect>().reason != ReasonCode::malformed_packet) throw PeerFailure("another reason");
    peer.expect_end();
  });
  Loop loop;
  Heard heard(loop);
  Client client(loop, config_for(broker.port()), heard);
  client.start();
  heard.run();
  REQUIRE(heard.error);
  CHECK(heard.error->kind == ErrorKind::malformed);
  broker.finish();
}

TEST_CASE("a server that never answers CONNECT is given up in time") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.expect(PacketType::connect);
    peer.hold();
  });
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.session.connack_timeout = 50ms;
  Client client(loop, config, heard);
  client.start();
  heard.run();
  REQUIRE(heard.error);
  CHECK(heard.error->kind == ErrorKind::timeout);
}

TEST_CASE(
    "a client that is paused takes no events, still pings, and is not cut; then all that came is there") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    for (int i = 0; i < 3; ++i) peer.send(Publish{.topic = "a", .properties = {}, .payload = "x"});
    for (int i = 0; i < 3; ++i) peer.expect(PacketType::pingreq);  // no PINGRESP is seen, and none is missed
    peer.send(Publish{.topic = "a", .properties = {}, .payload = "last"});
    peer.serve();
  });
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.session.keep_alive = 1;
  Client client(loop, config, heard);
  Timer later(loop);
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event)) {
      client.pause();
      later.set(loop.now() + 3200ms, [&] {
        CHECK(heard.payloads.empty());
        client.go_on();
      });
    }
    if (!heard.payloads.empty() && heard.payloads.back() == "last") client.leave();
  };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  CHECK(heard.payloads.size() == 4);
}

TEST_CASE("what one handler publishes leaves in one write, however much it is") {
  FakeBroker broker;
  Loop loop;
  Heard heard(loop);
  Client client(loop, config_for(broker.port()), heard);
  int writes_before = 0;
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event)) {
      writes_before = heard.writes;
      for (int i = 0; i < 999; ++i) REQUIRE(client.publish(message("payload", QoS::at_most_once)));
      REQUIRE(client.publish(message("last", QoS::at_least_once)));
    } else {
      CHECK(heard.writes == writes_before + 1);
      client.leave();
    }
  };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  CHECK(broker.records(PacketType::publish).size() == 1000);
}

TEST_CASE("an abandoned client says nothing more") {
  FakeBroker broker;
  Loop loop;
  Heard heard(loop);
  Client client(loop, config_for(broker.port()), heard);
  heard.react = [&](const Event&) {
    client.abandon();
    loop.stop();
  };
  client.start();
  heard.run();
  CHECK_FALSE(heard.ended);
}

TEST_CASE("every packet is named, one a line, and no secret is") {
  FakeBroker broker;
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(broker.port());
  config.session.user_name = "me";
  config.session.password = "s3cret";
  std::vector<std::string> lines;
  Client client(loop, config, heard, [&](std::string_view line) { lines.emplace_back(line); });
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event)) REQUIRE(client.publish(message("x", QoS::at_least_once)));
    if (std::holds_alternative<Published>(event)) client.leave();
  };
  client.start();
  heard.run();
  REQUIRE(lines.size() == 5);
  CHECK(lines[0].starts_with("> CONNECT"));
  CHECK(lines[1].starts_with("< CONNACK"));
  CHECK(lines[2].starts_with("> PUBLISH"));
  CHECK(lines[3].starts_with("< PUBACK"));
  CHECK(lines[4].starts_with("> DISCONNECT"));
  for (const std::string& line : lines) CHECK(line.find("s3cret") == std::string::npos);
}
