// What a test orders to go wrong goes wrong, and nothing else.
#include <chrono>

#include "sink/sink_test.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

namespace {

// What the message with that payload is to suffer.
SinkFaults fate_of(std::string payload, Fate fate) {
  return {.fate =
              [payload = std::move(payload), fate](std::string_view client_id, const Publish& packet) {
                return client_id == "victim" && packet.payload == payload ? fate : Fate{};
              },
          .refuse_publish = {},
          .refuse_connect = {},
          .close_after = {}};
}

}  // namespace

TEST_CASE("a message on its way to one subscriber is dropped, doubled, held back, delayed or changed") {
  struct Case {
    Fate fate;
    std::string victim;
  };
  const Case cases[] = {{{.kind = Fate::Kind::drop}, "1 3 4 5 "},
                        {{.kind = Fate::Kind::twice}, "1 2 2 3 4 5 "},
                        {{.kind = Fate::Kind::hold, .after = 2}, "1 3 4 2 5 "},
                        {{.kind = Fate::Kind::delay, .time = 50ms}, "1 3 4 5 2 "},
                        {{.kind = Fate::Kind::corrupt, .at = 3}, "1 g 3 4 5 "}};
  for (const auto& [fate, expected] : cases) {
    for (const QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once}) {
      CAPTURE(expected);
      const auto sink = start({.faults = fate_of("2", fate)});
      Client victim(sink->port(), {.id = "victim"}), witness(sink->port(), {.id = "witness"});
      victim.subscribe("t", qos);
      witness.subscribe("t", qos);
      Client publisher(sink->port(), {});
      for (PacketId id = 1; id <= 5; ++id)
        publisher.publish("t", std::to_string(id), qos, qos == QoS::at_most_once ? PacketId{0} : id);
      CHECK(witness.payloads(5) == "1 2 3 4 5 ");
      CHECK(victim.payloads(expected.size() / 2) == expected);
      CHECK(victim.silent());
      CHECK(witness.silent());
    }
  }
}

TEST_CASE("a pause stops everything for its time") {
  const auto sink = start();
  Client client(sink->port(), {});
  const Time begin = std::chrono::steady_clock::now();
  sink->pause(300ms);
  // It may be at work on one last thing when it is told.
  while (std::chrono::steady_clock::now() - begin < 300ms) CHECK(client.silent());
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(sink->counts().packets_received < 200'000);
  sink->pause(1h);  // the end does not wait for it
}

TEST_CASE("messages are refused with a reason code, and reach nobody") {
  SinkFaults faults;
  faults.refuse_publish = [](std::string_view, const Publish& packet) {
    return packet.payload == "no" ? ReasonCode::not_authorized : ReasonCode::success;
  };
  const auto sink = start({.faults = std::move(faults)});
  Client subscriber(sink->port(), {});
  subscriber.subscribe("t", QoS::exactly_once);
  Client publisher(sink->port(), {});
  publisher.publish("t", "no", QoS::at_least_once, 1);
  CHECK(publisher.expect<Puback>().reason == ReasonCode::not_authorized);
  publisher.publish("t", "no", QoS::exactly_once, 2);
  CHECK(publisher.expect<Pubrec>().reason == ReasonCode::not_authorized);
  publisher.publish("t", "no");
  Client old(sink->port(), {.version = Version::v311});
  old.publish("t", "no", QoS::at_least_once, 1);
  CHECK(old.expect<Puback>().packet_id == 1);
  old.publish("t", "no", QoS::exactly_once, 2);
  CHECK(old.expect<Pubrec>().packet_id == 2);
  old.send(Pubrel{{2, ReasonCode::success, {}}});
  CHECK(old.expect<Pubcomp>().packet_id == 2);
  publisher.publish("t", "yes");
  CHECK(subscriber.message() == "t 0 0 yes");
  CHECK(subscriber.silent());
  CHECK(sink->counts().refused == 5);
}

TEST_CASE("CONNECT is refused, in the code of its version") {
  SinkFaults faults;
  faults.refuse_connect = [](const Connect& packet) {
    return packet.client_id == "good" ? ReasonCode::success : ReasonCode::not_authorized;
  };
  const auto sink = start({.faults = std::move(faults)});
  for (const Version version : {Version::v31, Version::v311, Version::v5}) {
    Client bad(sink->port());
    CHECK(bad.connect({.id = "bad", .version = version}).reason == ReasonCode::not_authorized);
    CHECK(bad.ended());
    Client(sink->port(), {.id = "good", .version = version}).disconnect();
  }
}

TEST_CASE("a connection is closed after so many packets") {
  SinkFaults faults;
  faults.close_after = [](const Connect& packet) -> std::uint64_t {
    return packet.client_id == "first" ? 1 : packet.client_id == "third" ? 3 : 0;
  };
  const auto sink = start({.faults = std::move(faults)});
  Client first(sink->port());
  CHECK_THROWS_AS(first.connect({.id = "first"}), PeerFailure);
  Client third(sink->port(), {.id = "third"}), never(sink->port(), {.id = "never"});
  CHECK(third.silent());
  third.publish("t", "x", QoS::at_least_once, 1);
  CHECK(third.ended());
  for (int count = 0; count < 10; ++count) CHECK(never.silent());
}
