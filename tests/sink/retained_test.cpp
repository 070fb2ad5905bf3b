// Retained messages: kept, replayed, deleted.
#include <set>

#include "sink/sink_test.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

void retain(Client& client, std::string_view topic, Bytes payload, QoS qos = QoS::at_most_once) {
  const PacketId id = qos == QoS::at_most_once ? 0 : 1;
  client.send(Publish{
      .qos = qos, .retain = true, .topic = topic, .packet_id = id, .properties = {}, .payload = payload});
  if (id != 0) client.next();
}

}  // namespace

TEST_CASE("a new subscription gets the last message of each topic, with RETAIN, until it is deleted") {
  const auto sink = start();
  Client publisher(sink->port(), {});
  retain(publisher, "r/a", "old");
  retain(publisher, "r/a", "new", QoS::at_least_once);
  retain(publisher, "r/b", "b");
  retain(publisher, "r", "parent");
  retain(publisher, "r0", "beside");
  retain(publisher, "$r/a", "hidden");
  CHECK(publisher.silent());
  CHECK(sink->counts().retained == 5);
  Client subscriber(sink->port(), {});
  subscriber.subscribe("r/#", QoS::at_least_once);
  std::set<std::string> got;
  for (int count = 0; count < 3; ++count) got.insert(subscriber.message());
  CHECK(got == std::set<std::string>{"r 0 1 parent", "r/a 1 1 new", "r/b 0 1 b"});
  CHECK(subscriber.silent());
  retain(publisher, "r/a", "");
  CHECK(subscriber.message() == "r/a 0 0 ");
  subscriber.subscribe("r/a");
  CHECK(subscriber.silent());
  subscriber.subscribe("+");
  CHECK(subscriber.message() == "r 0 1 parent");
  CHECK(subscriber.message() == "r0 0 1 beside");
  CHECK(subscriber.silent());
  subscriber.subscribe("$share/g/r/#");  // [MQTT-4.8.2-5]
  CHECK(subscriber.silent());
}

TEST_CASE("[MQTT-3.3.1-10][MQTT-3.3.1-11][MQTT-3.3.1-12] retain handling and retain as published") {
  const auto sink = start();
  Client publisher(sink->port(), {}), subscriber(sink->port(), {});
  retain(publisher, "r", "kept", QoS::at_least_once);
  const auto subscribe = [&](RetainHandling handling, bool as_published) {
    subscriber.subscribe(
        {Subscription{.filter = "r", .retain_as_published = as_published, .retain_handling = handling}});
  };
  subscribe(RetainHandling::never, false);
  CHECK(subscriber.silent());
  subscribe(RetainHandling::new_only, false);
  CHECK(subscriber.silent());
  subscribe(RetainHandling::always, false);
  CHECK(subscriber.message() == "r 0 1 kept");
  retain(publisher, "r", "live");
  CHECK(subscriber.message() == "r 0 0 live");
  subscriber.unsubscribe("r");
  subscribe(RetainHandling::new_only, true);
  CHECK(subscriber.message() == "r 0 1 live");
  retain(publisher, "r", "published");
  CHECK(subscriber.message() == "r 0 1 published");
}

TEST_CASE(
    "many retained messages come whole, even through a narrow window and to who does not read at once") {
  constexpr int topics = 30'000;
  const auto sink = start();
  Client publisher(sink->port(), {});
  const std::string payload(200, 'x');
  for (int topic = 0; topic < topics; ++topic)
    retain(publisher, "many/" + std::to_string(topic) + "/x", payload);
  CHECK(publisher.silent());
  Client lazy(sink->port(), {});
  lazy.send(Subscribe{1, {}, {Subscription{.filter = "many/#"}, Subscription{.filter = "many/77/#"}}});
  Client narrow(sink->port(), {.properties = with({{PropertyId::receive_maximum, 2}})});
  retain(publisher, "many/1/y", "y", QoS::at_least_once);
  retain(publisher, "many/2/y", "y", QoS::at_least_once);
  narrow.subscribe("many/+/y", QoS::at_least_once);
  CHECK(narrow.message() == "many/1/y 1 1 y");
  CHECK(narrow.message() == "many/2/y 1 1 y");
  CHECK(narrow.silent());
  lazy.expect<Suback>();
  std::multiset<std::string> got;
  while (got.size() < topics + 1) {
    const std::string topic(lazy.expect<Publish>().topic);
    if (topic.ends_with("/x")) got.insert(topic);
  }
  CHECK(got.count("many/77/x") == 2);
  CHECK(std::set<std::string>(got.begin(), got.end()).size() == topics);
}
