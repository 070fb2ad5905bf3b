// Which subscriber gets what: filters, shared subscriptions, overlaps, options.
#include <map>

#include "sink/sink_test.hpp"
#include "wire/topic.hpp"

using namespace mq;
using namespace mq::testing;

TEST_CASE("filters take in the topics that the rules say, in every order of subscribing") {
  const std::vector<std::string> filters{"#",   "+", "a",   "a/#",  "a/+",  "+/b",  "a/b", "a/+/c", "/+",
                                         "+/+", "/", "+/#", "a//c", "$x/#", "$x/y", "+/y", "a/b/#", "/#"};
  const std::vector<std::string> topics{"a",  "b",    "a/b",  "a/b/c", "a/x/c", "/",  "/b",
                                        "a/", "a//c", "$x/y", "$x",    "x/y",   "/b/"};
  const auto sink = start();
  std::vector<std::unique_ptr<Client>> clients;
  for (const std::string& filter : filters) {
    clients.push_back(std::make_unique<Client>(sink->port(), Hello{}));
    clients.back()->subscribe(filter);
  }
  Client publisher(sink->port(), {});
  const auto check = [&](std::size_t first, const char* payload) {
    for (const std::string& topic : topics) publisher.publish(topic, payload);
    CHECK(publisher.silent());
    for (std::size_t at = first; at < filters.size(); ++at) {
      CAPTURE(filters[at]);
      for (const std::string& topic : topics) {
        CAPTURE(topic);
        if (matches(filters[at], topic)) CHECK(clients[at]->message() == topic + " 0 0 " + payload);
      }
      CHECK(clients[at]->silent());
    }
  };
  check(0, "all");
  for (std::size_t at = 0; at < filters.size() / 2; ++at) clients[at]->unsubscribe(filters[at]);
  check(filters.size() / 2, "half");
  CHECK(sink->counts().subscriptions == filters.size() - filters.size() / 2);
  clients.clear();
  while (sink->counts().connections > 1) CHECK(publisher.silent());
  CHECK(sink->counts().subscriptions == 0);
}

TEST_CASE(
    "subscriptions of one client that overlap give one message, with the highest QoS and all identifiers") {
  const auto sink = start();
  Client subscriber(sink->port(), {});
  const auto subscribe = [&](std::string_view filter, QoS qos, std::uint32_t identifier) {
    subscriber.subscribe({Subscription{.filter = filter, .qos = qos}},
                         with({{PropertyId::subscription_identifier, identifier}}));
  };
  subscribe("a/+", QoS::at_most_once, 1);
  subscribe("a/#", QoS::at_least_once, 200'000);
  subscriber.subscribe("a/b", QoS::at_most_once);
  Client publisher(sink->port(), {});
  publisher.publish("a/b", "x", QoS::exactly_once, 1);
  const Publish& packet = subscriber.expect<Publish>();
  CHECK(packet.qos == QoS::at_least_once);
  std::uint32_t sum = 0;
  for (const Property& property : packet.properties) {
    CHECK(property.id == PropertyId::subscription_identifier);
    sum += property.number;
  }
  CHECK(sum == 200'001);
  subscriber.acknowledge(packet);
  // The same filter again replaces the subscription.
  subscriber.subscribe("a/#", QoS::at_most_once);
  publisher.publish("a/c/d", "y", QoS::exactly_once, 2);
  const Publish& next = subscriber.expect<Publish>();
  CHECK(next.qos == QoS::at_most_once);
  CHECK(next.properties.empty());
  CHECK(subscriber.silent());
  CHECK(sink->counts().subscriptions == 3);
}

TEST_CASE("[MQTT-3.8.3-3] no local: what a client publishes does not come back to it") {
  const auto sink = start();
  Client one(sink->port(), {}), other(sink->port(), {});
  for (Client* const client : {&one, &other})
    client->subscribe({Subscription{.filter = "n", .qos = QoS::at_least_once, .no_local = true}});
  one.publish("n", "from one");
  other.publish("n", "from other");
  CHECK(one.message() == "n 0 0 from other");
  CHECK(other.message() == "n 0 0 from one");
  CHECK(one.silent());
  CHECK(other.silent());
}

TEST_CASE("[MQTT-4.8.2-4] the members of a shared subscription take turns, beside those who have their own") {
  const auto sink = start();
  std::vector<std::unique_ptr<Client>> members;
  for (int at = 0; at < 3; ++at) {
    members.push_back(std::make_unique<Client>(
        sink->port(),
        Hello{.id = std::to_string(at), .properties = with({{PropertyId::session_expiry_interval, 60}})}));
    members.back()->subscribe("$share/group/s/+", QoS::at_least_once);
  }
  Client other(sink->port(), {}), alone(sink->port(), {});
  other.subscribe("$share/other/s/+");
  alone.subscribe("s/#");
  Client publisher(sink->port(), {});
  std::string all;
  for (PacketId id = 1; id <= 6; ++id) {
    publisher.publish("s/t", std::to_string(id), QoS::at_least_once, id);
    publisher.next();
    all += std::to_string(id) + ' ';
  }
  CHECK(members[0]->payloads(2) == "1 4 ");
  CHECK(members[1]->payloads(2) == "2 5 ");
  CHECK(members[2]->payloads(2) == "3 6 ");
  CHECK(other.payloads(6) == all);
  CHECK(alone.payloads(6) == all);
  // Who is absent is passed over as long as somebody is there.
  members[1]->disconnect();
  for (PacketId id = 1; id <= 4; ++id) publisher.publish("s/t", std::to_string(id), QoS::at_least_once, id);
  for (PacketId id = 1; id <= 4; ++id) publisher.next();
  CHECK(members[0]->payloads(2) == "1 3 ");
  CHECK(members[2]->payloads(2) == "2 4 ");
  members[0]->disconnect();
  members[2]->unsubscribe("$share/group/s/+");
  publisher.publish("s/t", "kept", QoS::at_least_once, 9);
  publisher.next();
  std::string found;
  for (const char* const id : {"0", "1"}) {
    Client back(sink->port(), {.id = id, .clean_start = false});
    back.send(Pingreq{});
    for (const Packet* packet = &back.next(); !std::holds_alternative<Pingresp>(*packet);
         packet = &back.next())
      found += std::get<Publish>(*packet).payload;
  }
  CHECK(found == "kept");
}

TEST_CASE("SUBACK and UNSUBACK answer each filter in its place") {
  const auto sink = start();
  Client client(sink->port(), {});
  std::string deep = "x";
  for (int level = 0; level < 300; ++level) deep += "/x";
  CHECK(client.subscribe(
            {Subscription{.filter = "a"}, Subscription{.filter = deep, .qos = QoS::at_least_once},
             Subscription{.filter = "b", .qos = QoS::exactly_once}}) == std::string("\x00\x97\x02", 3));
  client.send(Unsubscribe{9, {}, {"b", "c", "$share/g/a"}});
  CHECK(client.expect<Unsuback>().codes == Bytes("\x00\x11\x11", 3));
  Client old(sink->port(), {.version = Version::v311});
  old.subscribe("a");
  old.unsubscribe("a");
}
