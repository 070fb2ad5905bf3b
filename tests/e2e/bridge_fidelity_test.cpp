// What passes a bridge between servers that speak MQTT 5.0: all that is the publisher's, and nothing that is
// a connection's.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "e2e/bridge_run.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

const std::string way =
    "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\nretain = \"keep\"\n";
const std::string aliases = "property = [[\"topic-alias-maximum\", \"5\"]]\n";

PropertyList publishers() {
  PropertyList all;
  REQUIRE(all.add(PropertyId::payload_format_indicator, 1));
  REQUIRE(all.add(PropertyId::content_type, "text/plain"));
  REQUIRE(all.add(PropertyId::response_topic, "answers/7"));
  REQUIRE(all.add(PropertyId::correlation_data, Bytes("\x00\xff\x01", 3)));
  REQUIRE(all.add_user("b", "1"));
  REQUIRE(all.add_user("a", "2"));
  REQUIRE(all.add_user("b", "1"));
  REQUIRE(all.add_user("", ""));
  return all;
}

std::string text_of(Properties properties) {
  std::string text;
  for (const Property& each : properties) {
    text += std::to_string(static_cast<int>(each.id)) + ' ' + std::to_string(each.number) + ' ';
    text.append(each.name).append("=").append(each.value).append("\n");
  }
  return text;
}

// The bridge's subscription, answered, and then these messages.
Reactions source_of(std::vector<Publish> messages) {
  return {.subscribe = [messages = std::move(messages)](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (const Publish& each : messages) peer.send(each);
  }};
}

}  // namespace

TEST_CASE("all that a publisher said passes, in its order; alias and subscription identifier do not") {
  const PropertyList said = publishers();
  PropertyList sent(said.view());
  REQUIRE(sent.add(PropertyId::topic_alias, 3));
  REQUIRE(sent.add(PropertyId::subscription_identifier, 1));
  PropertyList by_alias;
  REQUIRE(by_alias.add(PropertyId::topic_alias, 3));
  FakeBroker a(source_of({{false, QoS::exactly_once, true, "n/1", 1, sent.view(), "one"},
                          {false, QoS::at_least_once, false, "", 2, by_alias.view(), "two"}}));
  FakeBroker b;
  const TempDir dir;
  const std::string store = "store-path = \"" + dir.file("store.sqlite") + "\"\n";
  Process carrier(bridge(dir.write(
      "bridge.toml", bridge_file({a.port(), b.port()}, store,
                                 std::vector<std::string>{aliases + "\nknown-as = \"site-a\"", ""}, way))));
  const RecordPtr first = b.await(PacketType::publish), second = b.await(PacketType::publish, 2);
  const auto& one = first->as<Publish>();
  PropertyList expected(said.view());
  REQUIRE(expected.add_user("mqttkit-via", "site-a bridge"));
  CHECK(text_of(one.properties) == text_of(expected.view()));
  CHECK(one.topic == "n/1");
  CHECK(one.payload == "one");
  CHECK(one.qos == QoS::exactly_once);
  CHECK(one.retain);
  const auto& two = second->as<Publish>();
  PropertyList way_alone;
  REQUIRE(way_alone.add_user("mqttkit-via", "site-a bridge"));
  CHECK(text_of(two.properties) == text_of(way_alone.view()));
  CHECK(two.topic == "n/1");
  CHECK(two.qos == QoS::at_least_once);
  CHECK_FALSE(two.retain);
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}

TEST_CASE("[MQTT-3.3.2-6] the expiry counts while a message waits, and what has expired is not carried") {
  const auto life = [](std::uint32_t seconds) {
    PropertyList list;
    REQUIRE(list.add(PropertyId::message_expiry_interval, seconds));
    return list;
  };
  const PropertyList long_life = life(3600), short_life = life(1);
  FakeBroker a(source_of({{false, QoS::at_least_once, false, "n/1", 1, long_life.view(), "long"},
                          {false, QoS::at_least_once, false, "n/1", 2, short_life.view(), "short"},
                          {false, QoS::at_least_once, false, "n/1", 3, {}, "for ever"}}));
  // Accepts once all three have waited for more than a second.
  FakeBroker b(Reactions{.connect = [&a](Peer& peer, const Connect&) {
    a.await(PacketType::puback, 3);
    peer.pause(1100ms);
    peer.send(Connack{});
  }});
  const TempDir dir;
  const std::string store = "store-path = \"" + dir.file("store.sqlite") + "\"\n";
  Process carrier(bridge(dir.write("bridge.toml", bridge_file({a.port(), b.port()}, store, "", way))));
  const RecordPtr first = b.await(PacketType::publish), second = b.await(PacketType::publish, 2);
  CHECK(first->as<Publish>().payload == "long");
  const auto left = first->as<Publish>().properties.number(PropertyId::message_expiry_interval);
  REQUIRE(left);
  CHECK(*left < 3600);
  CHECK(*left > 0);
  CHECK(second->as<Publish>().payload == "for ever");
  CHECK_FALSE(second->as<Publish>().properties.contains(PropertyId::message_expiry_interval));
  carrier.signal(SIGTERM);
  const Outcome outcome = carrier.wait();
  CHECK(outcome.code == 0);
  CHECK(holds(outcome.err, "1 expired"));
}
