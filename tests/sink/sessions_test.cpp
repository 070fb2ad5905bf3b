// Clients come, go, come back, and push each other out.
#include "sink/sink_test.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

constexpr std::uint32_t hour = 3600;

Hello lasting(std::string id, bool clean_start = false) {
  return {.id = std::move(id),
          .clean_start = clean_start,
          .properties = with({{PropertyId::session_expiry_interval, hour}})};
}

}  // namespace

TEST_CASE("[MQTT-3.1.3-6] a client without an identifier gets one of its own") {
  const auto sink = start();
  Client first(sink->port()), second(sink->port());
  const auto id_of = [](const Connack& packet) {
    return packet.properties.bytes(PropertyId::assigned_client_identifier);
  };
  const auto one = id_of(first.connect({})), other = id_of(second.connect({}));
  REQUIRE(one.has_value());
  REQUIRE(other.has_value());
  CHECK(*one != *other);
  Client third(sink->port());
  CHECK_FALSE(id_of(third.connect({.id = "named"})).has_value());
}

TEST_CASE("an absent session gets its messages of QoS 1 and 2 later, in order, those of QoS 0 never") {
  const auto sink = start();
  for (const Version version : {Version::v311, Version::v5}) {
    Hello hello = lasting("absent");
    hello.version = version;
    if (version != Version::v5) hello.properties.clear();
    {
      Client client(sink->port());
      CHECK_FALSE(client.connect(hello).session_present);
      client.subscribe("q/#", QoS::exactly_once);
      client.disconnect();
    }
    Client publisher(sink->port(), {.version = version});
    publisher.publish("q/0", "never");
    publisher.publish("q/1", "first", QoS::at_least_once, 1);
    publisher.publish("q/2", "second", QoS::exactly_once, 2);
    publisher.publish("q/1", "third", QoS::at_least_once, 3);
    for (int answers = 0; answers < 3; ++answers) publisher.next();
    Client client(sink->port());
    CHECK(client.connect(hello).session_present);
    CHECK(client.message() == "q/1 1 0 first");
    CHECK(client.message() == "q/2 2 0 second");
    CHECK(client.message() == "q/1 1 0 third");
    publisher.publish("q/0", "now");
    CHECK(client.message() == "q/0 0 0 now");
    CHECK(client.silent());
    hello.clean_start = true;
    hello.properties.clear();
    Client last(sink->port());
    CHECK_FALSE(last.connect(hello).session_present);
    CHECK(client.ended());
    publisher.publish("q/0", "gone");
    CHECK(publisher.silent());
    CHECK(last.silent());
  }
}

TEST_CASE("[MQTT-4.4.0-1] what was not acknowledged goes out again with DUP and its identifier") {
  const auto sink = start();
  Client publisher(sink->port(), {});
  PacketId ids[4]{};
  {
    Client client(sink->port(), lasting("c"));
    client.subscribe("t", QoS::exactly_once);
    for (PacketId id = 1; id <= 4; ++id) {
      publisher.publish("t", std::to_string(id), id <= 2 ? QoS::at_least_once : QoS::exactly_once, id);
      publisher.next();
      ids[id - 1] = client.expect<Publish>().packet_id;
    }
    client.send(Puback{{ids[0], ReasonCode::success, {}}});
    client.send(Pubrec{{ids[2], ReasonCode::success, {}}});
    CHECK(client.expect<Pubrel>().packet_id == ids[2]);
  }
  publisher.publish("t", "5", QoS::at_least_once, 5);
  publisher.next();
  Hello hello = lasting("c");
  CHECK(hello.properties.add(PropertyId::receive_maximum, 1));
  Client client(sink->port());
  CHECK(client.connect(hello).session_present);
  CHECK(client.expect<Pubrel>().packet_id == ids[2]);
  const Publish& second = client.expect<Publish>();
  CHECK(second.payload == "2");
  CHECK(second.dup);
  CHECK(second.packet_id == ids[1]);
  CHECK(client.silent());  // the new receive maximum counts
  client.send(Pubcomp{{ids[2], ReasonCode::success, {}}});
  CHECK(client.silent());
  client.acknowledge(second);
  const Publish& fourth = client.expect<Publish>();
  CHECK(fourth.payload == "4");
  CHECK(fourth.dup);
  CHECK(fourth.packet_id == ids[3]);
  client.acknowledge(fourth);
  const Publish& fifth = client.expect<Publish>();
  CHECK(fifth.payload == "5");
  CHECK_FALSE(fifth.dup);
  client.acknowledge(fifth);
  CHECK(client.silent());
  CHECK(sink->counts().stored_bytes == 0);
}

TEST_CASE("[MQTT-3.1.4-3] a second client of the same identifier takes the session over") {
  const auto sink = start();
  Client publisher(sink->port(), {});
  Client first(sink->port(), lasting("same"));
  first.subscribe("t", QoS::at_least_once);
  Client second(sink->port());
  CHECK(second.connect(lasting("same")).session_present);
  CHECK(first.expect<Disconnect>().reason == ReasonCode::session_taken_over);
  CHECK(first.ended());
  publisher.publish("t", "x", QoS::at_least_once, 1);
  CHECK(second.message() == "t 1 0 x");
  CHECK(sink->counts().sessions == 2);
}

TEST_CASE("[MQTT-3.1.2-23] a session ends with its expiry interval, or when DISCONNECT says so") {
  const auto sink = start();
  Client(sink->port(), {.id = "short", .properties = with({{PropertyId::session_expiry_interval, 1}})})
      .disconnect();
  Client ending(sink->port(), lasting("ending"));
  const PropertyList now = with({{PropertyId::session_expiry_interval, 0}});
  ending.send(Disconnect{ReasonCode::success, now.view()});
  CHECK(ending.ended());
  Client again(sink->port());
  CHECK_FALSE(again.connect(lasting("ending")).session_present);
  CHECK(sink->counts().sessions == 2);
  const Time limit = std::chrono::steady_clock::now() + patience;
  while (sink->counts().sessions > 1 && std::chrono::steady_clock::now() < limit) CHECK(again.silent());
  CHECK(sink->counts().sessions == 1);
}

TEST_CASE("a will is published when its client is lost, not when it leaves") {
  const auto sink = start();
  Client watcher(sink->port(), {});
  watcher.subscribe("wills/#", QoS::at_least_once);
  const auto client = [&](std::string_view topic) {
    return std::make_unique<Client>(
        sink->port(),
        Hello{.will = Will{.topic = topic, .payload = "gone", .qos = QoS::at_least_once, .properties = {}}});
  };
  client("wills/lost").reset();
  CHECK(watcher.message() == "wills/lost 1 0 gone");
  client("wills/left")->disconnect();
  client("wills/asked")->disconnect(ReasonCode::disconnect_with_will);
  CHECK(watcher.message() == "wills/asked 1 0 gone");
  CHECK(watcher.silent());
}

TEST_CASE("a message waits no longer than its expiry interval, and says how long is left") {
  const auto sink = start();
  {
    Client client(sink->port(), lasting("c"));
    client.subscribe("e", QoS::at_least_once);
    client.disconnect();
  }
  Client publisher(sink->port(), {});
  const auto publish = [&](std::uint32_t seconds, PacketId id) {
    const PropertyList properties = with({{PropertyId::message_expiry_interval, seconds}});
    publisher.send(Publish{.qos = QoS::at_least_once,
                           .topic = "e",
                           .packet_id = id,
                           .properties = properties.view(),
                           .payload = std::to_string(seconds)});
    publisher.next();
  };
  publish(0, 1);
  publish(100, 2);
  Client client(sink->port(), lasting("c"));
  const Publish& packet = client.expect<Publish>();
  CHECK(packet.payload == "100");
  const auto left = packet.properties.number(PropertyId::message_expiry_interval);
  REQUIRE(left.has_value());
  CHECK(*left <= 100);
  CHECK(*left > 70);
  CHECK(sink->counts().expired == 1);
}

TEST_CASE("beyond the memory that it may take it refuses what it would have to keep") {
  const auto sink = start({.stored_bytes = 10'000});
  Client(sink->port(), lasting("absent")).subscribe("m", QoS::at_least_once);
  const std::string payload(6000, 'x');
  Client publisher(sink->port(), {});
  for (const PacketId id : {PacketId{1}, PacketId{2}}) {
    publisher.publish("m", payload, QoS::at_least_once, id);
    CHECK(publisher.expect<Puback>().reason == ReasonCode::success);
  }
  publisher.publish("m", payload, QoS::at_least_once, 3);
  CHECK(publisher.expect<Puback>().reason == ReasonCode::quota_exceeded);
  publisher.publish("other", payload);
  Client old(sink->port(), {.version = Version::v311});
  old.publish("m", payload, QoS::at_least_once, 1);
  CHECK(old.ended());
  Client absent(sink->port(), lasting("absent"));
  CHECK(absent.message().size() > 6000);
  CHECK(absent.message().size() > 6000);
  CHECK(absent.silent());
  publisher.publish("m", payload, QoS::at_least_once, 4);
  CHECK(publisher.expect<Puback>().reason == ReasonCode::success);
}
