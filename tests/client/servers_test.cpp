// Which server is tried next: lists, rounds, and where servers refer to.
#include "client/servers.hpp"

#include <doctest/doctest.h>

#include "client/client.hpp"
#include "client/owner.hpp"
#include "peers/fake_broker.hpp"
#include "wire/property.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Endpoint at(std::uint16_t port) { return {"127.0.0.1", port, {}}; }

// A connection's CONNECT answered with a reference to another server.
Reactions refer_to(const std::string& reference, ReasonCode reason) {
  return {.connect = [reference, reason](Peer& peer, const Connect&) {
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::server_reference, Bytes(reference)));
    peer.send(Connack{false, reason, properties.view()});
  }};
}

std::string local(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

TEST_CASE("a round goes through the list, and begins where the last server was") {
  Servers servers({at(1), at(2), at(3)});
  CHECK(servers.current().port == 1);
  CHECK(servers.next());
  CHECK(servers.next());
  CHECK(servers.current().port == 3);
  CHECK_FALSE(servers.next());
  CHECK(servers.current().port == 1);
  CHECK(servers.next());
  servers.accepted();
  CHECK(servers.current().port == 2);
  CHECK(servers.next());
  CHECK(servers.next());
  CHECK(servers.current().port == 1);
  CHECK_FALSE(servers.next());
  CHECK(servers.current().port == 2);
  CHECK_FALSE(Servers({at(1)}).next());
}

TEST_CASE("references, of all kinds") {
  const auto text = [](std::string_view reference) {
    const auto endpoint = parse_reference(reference, 1883);
    return endpoint ? endpoint->text() : std::string("none");
  };
  CHECK(text("other") == "other:1883");
  CHECK(text("other:2000") == "other:2000");
  CHECK(text("10.10.151.22:8883 [fe80::1]:1883") == "10.10.151.22:8883");
  CHECK(text("[fe80::9610:3eff:fe1c]:1884") == "[fe80::9610:3eff:fe1c]:1884");
  CHECK(text("[::1]") == "[::1]:1883");
  CHECK(text("fe80::1") == "[fe80::1]:1883");
  for (const char* wrong :
       {"", " ", ":1", "a:", "a:0", "a:65536", "a:x", "[::1", "[::1]x", "a/b", "u@h", "a\tb"})
    CHECK(text(wrong) == "none");
  CHECK(text(std::string(300, 'a')) == "none");
}

TEST_CASE("a reference never weakens what protects the connection, and never takes a password elsewhere") {
  Servers plain({Endpoint{"broker", 1883, {}}});
  CHECK(plain.refer("other", false, false));
  CHECK(plain.current().text() == "other:1883");
  CHECK_FALSE(plain.current().tls);
  CHECK_FALSE(plain.next());
  CHECK(plain.current().text() == "broker:1883");  // for a while only
  const auto refused = plain.refer("other", false, true);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text ==
        "the server refers to other:1883: without TLS user name and password are not taken there");
  CHECK(plain.refer("broker:1884", false, true));  // the same host
  CHECK(plain.refer("127.0.0.1", false, true));
  CHECK(plain.refer("a/b", false, false).error().text == "the server refers to 'a/b', which names no server");

  Servers secure({Endpoint{.host = "broker", .port = 8883, .tls = true, .web_socket = true}});
  CHECK(secure.refer("other:1883", true, true));
  CHECK(secure.current().tls);
  CHECK(secure.current().web_socket);
  CHECK_FALSE(secure.next());
  CHECK(secure.current().text() == "other:1883");  // for good
}

TEST_CASE("of several servers the first that can be had is used, without a pause") {
  FakeBroker broker;
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(0);
  config.endpoints = {at(1), at(2), at(broker.port())};
  Client client(loop, config, heard);
  heard.react = [&](const Event&) { client.leave(); };
  client.start();
  heard.run();
  CHECK_FALSE(heard.error);
  CHECK(heard.retries.size() == 2);
  CHECK(heard.pauses == std::vector<Duration>{Duration::zero(), Duration::zero()});
  CHECK(client.server().port == broker.port());
}

TEST_CASE("when no server can be had, the whole list is tried again after a pause, as often as allowed") {
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(0);
  config.endpoints = {at(1), at(2)};
  config.retry.before_first = 1;
  Client client(loop, config, heard);
  client.start();
  heard.run();
  REQUIRE(heard.error);
  CHECK(heard.error->kind == ErrorKind::connect);
  REQUIRE(heard.pauses.size() == 3);
  CHECK(heard.pauses[0] == Duration::zero());
  CHECK(heard.pauses[1] > Duration::zero());
  CHECK(heard.pauses[2] == Duration::zero());
}

TEST_CASE("refused credentials are not carried to the next server") {
  FakeBroker strict({.connect = [](Peer& peer, const Connect&) {
    peer.send(Connack{false, ReasonCode::bad_user_name_or_password, {}});
  }});
  FakeBroker other;
  Loop loop;
  Heard heard(loop);
  ClientConfig config = config_for(0);
  config.endpoints = {at(strict.port()), at(other.port())};
  Client client(loop, config, heard);
  client.start();
  heard.run();
  REQUIRE(heard.error);
  CHECK(heard.error->kind == ErrorKind::refused);
  CHECK(other.connections() == 0);
}

TEST_CASE("[MQTT-4.13.1-1] a server that refers to another is followed, in CONNACK and in DISCONNECT") {
  FakeBroker second({.subscribe = [](Peer& peer, const Subscribe&) {
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::server_reference, Bytes("127.0.0.1:1")));
    peer.send(Disconnect{ReasonCode::use_another_server, {}});  // names nobody: an end like any other
  }});
  FakeBroker first(refer_to(local(second.port()), ReasonCode::use_another_server));
  Loop loop;
  Heard heard(loop);
  Client client(loop, config_for(first.port()), heard);
  heard.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event)) REQUIRE(client.subscribe({{.filter = "a"}}, {}));
  };
  client.start();
  heard.run();
  CHECK(heard.connections == 1);
  REQUIRE(heard.error);
  CHECK(heard.error->kind == ErrorKind::lost);

  FakeBroker third;
  FakeBroker moved({.subscribe = [&third](Peer& peer, const Subscribe&) {
    PropertyList properties;
    const std::string reference = local(third.port());
    REQUIRE(properties.add(PropertyId::server_reference, Bytes(reference)));
    peer.send(Disconnect{ReasonCode::server_moved, properties.view()});
  }});
  Loop again;
  Heard owner(again);
  Client follower(again, config_for(moved.port()), owner);
  owner.react = [&](const Event& event) {
    if (std::holds_alternative<Connected>(event)) REQUIRE(follower.subscribe({{.filter = "a"}}, {}));
    if (std::holds_alternative<Subscribed>(event)) follower.leave();
  };
  follower.start();
  owner.run();
  CHECK_FALSE(owner.error);
  CHECK(owner.connections == 2);
  CHECK(follower.server().port == third.port());
}

TEST_CASE("servers that refer to each other are left") {
  std::string to_first;
  std::string to_second;
  const auto bounce = [](const std::string& where) {
    return Reactions{.connect = [&where](Peer& peer, const Connect&) {
      PropertyList properties;
      REQUIRE(properties.add(PropertyId::server_reference, Bytes(where)));
      peer.send(Connack{false, ReasonCode::use_another_server, properties.view()});
    }};
  };
  FakeBroker first(bounce(to_second));
  FakeBroker second(bounce(to_first));
  to_first = local(first.port());
  to_second = local(second.port());
  Loop loop;
  Heard heard(loop);
  Client client(loop, config_for(first.port()), heard);
  client.start();
  heard.run();
  REQUIRE(heard.error);
  CHECK(heard.error->text == "servers refer to each other, 5 times in a row");
  CHECK(first.connections() + second.connections() == 6);
}
