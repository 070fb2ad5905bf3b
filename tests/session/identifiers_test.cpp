// Packet identifiers and tickets.
#include <algorithm>

#include "script.hpp"

namespace mq {

TEST_CASE(
    "[MQTT-2.2.1-3][MQTT-4.3.2-1][MQTT-4.3.3-1][MQTT311-2.3.1-1][MQTT311-2.3.1-2][MQTT311-2.3.1-3] "
    "identifiers "
    "are never 0 and never in use, around the wrap") {
  for (const Version version : all_versions) {
    SessionConfig config = config_of(version);
    config.max_in_flight = 50;
    Script s(config);
    s.connect();
    std::vector<PacketId> held;  // each waits for its last answer
    s.publish(QoS::at_least_once);
    held.push_back(s.take_publishes(1)[0]);
    s.publish(QoS::exactly_once);
    held.push_back(s.take_publishes(1)[0]);
    s.publish(QoS::exactly_once);
    held.push_back(s.take_publishes(1)[0]);
    s.feed(pubrec(held.back()));
    s.no_event();
    s.sent(pubrel(held.back()));
    s.subscribe("#");
    held.push_back(s.take<Subscribe>().packet_id);
    REQUIRE(s.session.unsubscribe({"#"}, {}, s.now));
    held.push_back(s.take<Unsubscribe>().packet_id);
    bool in_use = false;
    const auto check = [&](PacketId id) {
      in_use = in_use || id == 0 || std::ranges::find(held, id) != held.end();
    };
    for (int i = 0; i < 34'000; ++i) {
      s.publish(QoS::at_least_once);
      s.publish(QoS::exactly_once);
      const auto ids = s.take_publishes(2);
      for (const PacketId id : ids) check(id);
      s.feed(puback(ids[0]));
      s.event<Published>();
      s.feed(pubrec(ids[1]));
      s.feed(pubcomp(ids[1]));
      s.event<Published>();
      s.take<Pubrel>();
    }
    s.subscribe("a");
    check(s.take<Subscribe>().packet_id);
    CHECK_FALSE(in_use);
  }
}

TEST_CASE("[MQTT-2.2.1-3] identifiers are distinct with the largest window, and then run out") {
  SessionConfig config = config_of(Version::v5);
  config.max_in_flight = 65535;
  Script s(config);
  s.connect();
  std::vector<bool> used(65536);
  for (int i = 0; i < 65535; ++i) {
    s.publish(QoS::at_least_once);
    const PacketId id = s.take_publishes(1)[0];
    REQUIRE(id != 0);
    REQUIRE_FALSE(used[id]);
    used[id] = true;
  }
  CHECK(s.session.subscribe({{.filter = "#"}}, {}, s.now).error().kind == ErrorKind::usage);
  CHECK(s.session.unsubscribe({"#"}, {}, s.now).error().kind == ErrorKind::usage);
  CHECK_FALSE(s.session.publish(message(QoS::exactly_once), s.now));
  s.feed(puback(1000));
  s.event<Published>();
  s.subscribe("#");
  CHECK(s.take<Subscribe>().packet_id == 1000);
}

TEST_CASE("tickets name requests and never repeat") {
  Script s(config_of(Version::v5));
  s.connect();
  std::vector<Ticket> tickets;
  tickets.push_back(s.publish(QoS::at_most_once));
  tickets.push_back(s.publish(QoS::at_least_once));
  tickets.push_back(s.publish(QoS::exactly_once));
  tickets.push_back(s.subscribe("#"));
  tickets.push_back(*s.session.unsubscribe({"#"}, {}, s.now));
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    CHECK(tickets[i] != 0);
    for (std::size_t j = 0; j < i; ++j) CHECK(tickets[i] != tickets[j]);
  }
}

}  // namespace mq
