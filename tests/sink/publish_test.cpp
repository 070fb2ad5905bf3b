// What is published arrives: every version and QoS, with all that goes with it.
#include "sink/sink_test.hpp"

using namespace mq;
using namespace mq::testing;

TEST_CASE("messages arrive in every version, at the lower of both QoS") {
  const auto sink = start();
  for (const Version version : {Version::v31, Version::v311, Version::v5}) {
    for (const int wanted : {0, 1, 2}) {
      Client subscriber(sink->port(), {.id = "subscriber", .version = version});
      CHECK(subscriber.subscribe("a/b", static_cast<QoS>(wanted)) ==
            std::string(1, static_cast<char>(wanted)));
      Client publisher(sink->port(), {.id = "publisher", .version = version});
      for (const int qos : {0, 1, 2}) {
        publisher.publish("a/b", "x", static_cast<QoS>(qos), static_cast<PacketId>(qos));
        if (qos == 1) CHECK(publisher.expect<Puback>().packet_id == 1);
        if (qos == 2) {
          CHECK(publisher.expect<Pubrec>().packet_id == 2);
          publisher.send(Pubrel{{2, ReasonCode::success, {}}});
          CHECK(publisher.expect<Pubcomp>().packet_id == 2);
        }
        CHECK(subscriber.message() == "a/b " + std::to_string(std::min(qos, wanted)) + " 0 x");
      }
      CHECK(subscriber.silent());
    }
  }
  const SinkCounts counts = sink->counts();
  CHECK(counts.received == std::array<std::uint64_t, 3>{9, 9, 9});
  CHECK(counts.sent == std::array<std::uint64_t, 3>{15, 9, 3});
  CHECK(counts.acknowledged == 12);
}

TEST_CASE("[MQTT-4.3.3-10] a QoS 2 message that comes again is passed on once") {
  const auto sink = start();
  Client subscriber(sink->port(), {});
  subscriber.subscribe("t", QoS::exactly_once);
  Client publisher(sink->port(), {});
  for (const bool dup : {false, true}) {
    publisher.send(Publish{.dup = dup,
                           .qos = QoS::exactly_once,
                           .topic = "t",
                           .packet_id = 7,
                           .properties = {},
                           .payload = "once"});
    CHECK(publisher.expect<Pubrec>().packet_id == 7);
  }
  publisher.send(Pubrel{{7, ReasonCode::success, {}}});
  CHECK(publisher.expect<Pubcomp>().reason == ReasonCode::success);
  publisher.send(Pubrel{{7, ReasonCode::success, {}}});
  CHECK(publisher.expect<Pubcomp>().reason == ReasonCode::packet_identifier_not_found);
  CHECK(subscriber.message() == "t 2 0 once");
  CHECK(subscriber.silent());
}

TEST_CASE("properties of a message arrive as they were sent, to 5.0 alone") {
  const auto sink = start();
  Client modern(sink->port(), {}), old(sink->port(), {.version = Version::v311});
  modern.subscribe("p", QoS::at_least_once);
  old.subscribe("p", QoS::at_least_once);
  PropertyList properties;
  CHECK(properties.add(PropertyId::payload_format_indicator, 1));
  CHECK(properties.add(PropertyId::content_type, "text/plain"));
  CHECK(properties.add(PropertyId::response_topic, "answers/1"));
  CHECK(properties.add(PropertyId::correlation_data, Bytes("\0\xFF", 2)));
  CHECK(properties.add_user("a", "1"));
  CHECK(properties.add_user("a", "2"));
  Client publisher(sink->port(), {});
  publisher.send(Publish{.topic = "p", .properties = properties.view(), .payload = "x"});
  CHECK(modern.expect<Publish>().properties == properties.view());
  CHECK(old.message() == "p 0 0 x");
}

TEST_CASE("topic aliases of a publisher are understood, and stay on its side") {
  const auto sink = start();
  Client subscriber(sink->port(), {});
  subscriber.subscribe("#");
  Client publisher(sink->port());
  const Connack welcome = publisher.connect({});
  const auto most = welcome.properties.number(PropertyId::topic_alias_maximum);
  REQUIRE(most.has_value());
  const auto publish = [&](std::string_view topic, std::uint32_t alias, Bytes payload) {
    const PropertyList properties = with({{PropertyId::topic_alias, alias}});
    publisher.send(Publish{.topic = topic, .properties = properties.view(), .payload = payload});
  };
  publish("first", 1, "1");
  publish("last", *most, "2");
  publish("", 1, "3");
  publish("", *most, "4");
  publish("other", 1, "5");
  publish("", 1, "6");
  for (const char* const expected :
       {"first 0 0 1", "last 0 0 2", "first 0 0 3", "last 0 0 4", "other 0 0 5", "other 0 0 6"})
    CHECK(subscriber.message() == expected);
  SUBCASE("one that was never given a topic ends the connection") { publish("", 2, "x"); }
  SUBCASE("[MQTT-3.3.2-9] so does one above the maximum") { publish("x", *most + 1, "x"); }
  CHECK(publisher.expect<Disconnect>().reason == ReasonCode::topic_alias_invalid);
  CHECK(publisher.ended());
  CHECK(subscriber.silent());
}

TEST_CASE("[MQTT-3.3.4-9] the client's receive maximum is kept, in order, and what waits follows") {
  const auto sink = start();
  Client subscriber(sink->port(), {.properties = with({{PropertyId::receive_maximum, 3}})});
  subscriber.subscribe("w", QoS::exactly_once);
  Client publisher(sink->port(), {});
  for (PacketId id = 1; id <= 8; ++id) {
    publisher.publish("w", std::string(1, static_cast<char>('0' + id)),
                      id % 2 == 0 ? QoS::exactly_once : QoS::at_least_once, id);
    publisher.next();
  }
  std::vector<const Publish*> open;
  for (int at = 0; at < 3; ++at) open.push_back(&subscriber.expect<Publish>());
  CHECK(subscriber.silent());
  CHECK(sink->counts().queued == 5);
  CHECK(open[0]->packet_id != open[1]->packet_id);
  CHECK(open[1]->packet_id != open[2]->packet_id);
  CHECK(open[0]->packet_id != open[2]->packet_id);
  std::string payloads;
  for (const Publish* const packet : open) payloads += packet->payload;
  // PUBREC alone makes no room; PUBACK and PUBCOMP do.
  subscriber.send(Pubrec{{open[1]->packet_id, ReasonCode::success, {}}});
  subscriber.expect<Pubrel>();
  CHECK(subscriber.silent());
  subscriber.send(Pubcomp{{open[1]->packet_id, ReasonCode::success, {}}});
  for (int at = 3; at < 6; ++at) {
    payloads += subscriber.expect<Publish>().payload;
    CHECK(subscriber.silent());
    if (at == 3) subscriber.send(Puback{{open[0]->packet_id, ReasonCode::success, {}}});
    if (at == 4) subscriber.send(Puback{{open[2]->packet_id, ReasonCode::success, {}}});
  }
  CHECK(payloads == "123456");
}

TEST_CASE("[MQTT-3.1.2-25] what is larger than the client takes is left out") {
  const auto sink = start();
  Client subscriber(sink->port(), {.properties = with({{PropertyId::maximum_packet_size, 50}})});
  subscriber.subscribe("s", QoS::at_least_once);
  Client publisher(sink->port(), {});
  publisher.publish("s", std::string(100, 'x'), QoS::at_least_once, 1);
  publisher.publish("s", "small", QoS::at_least_once, 2);
  CHECK(subscriber.message() == "s 1 0 small");
  CHECK(subscriber.silent());
  CHECK(sink->counts().too_large == 1);
}

TEST_CASE("large messages arrive whole, in pieces of any size") {
  const auto sink = start();
  Client subscriber(sink->port(), {});
  subscriber.subscribe("large", QoS::at_least_once);
  Client publisher(sink->port(), {});
  std::string payload(5'000'000, 'x');
  for (std::size_t at = 0; at < payload.size(); ++at) payload[at] = static_cast<char>(at * 31 >> 7U);
  publisher.publish("large", payload, QoS::at_least_once, 1);
  publisher.publish("large", "behind it", QoS::at_least_once, 2);
  const Publish& packet = subscriber.expect<Publish>();
  CHECK(packet.payload == payload);
  CHECK(subscriber.message() == "large 1 0 behind it");
  // One byte at a time.
  for (const char byte : std::string_view("\x30\x08\x00\x05"
                                          "large\x00",
                                          10))
    publisher.send_bytes({&byte, 1});
  CHECK(subscriber.message() == "large 0 0 ");
}
