// MQTT 5 first, 3.1.1 where the server can't do better, an error where that would lose something.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

// A server that speaks 3.1.1 and says about 5 what it is told to say.
FakeBroker::Script old_server(std::string about_5) {
  return [about_5 = std::move(about_5)](FakeBroker& self) {
    while (true) {
      Peer peer = self.accept(1h);
      const RecordPtr connect = peer.expect(PacketType::connect);
      if (connect->as<Connect>().version == Version::v5) {
        peer.send_hex(about_5);
        peer.finish();
      } else {
        peer.answer(connect->packet);
        peer.serve();
      }
    }
  };
}

}  // namespace

TEST_CASE("a server that can't speak 5 is spoken to in 3.1.1") {
  for (const char* answer : {"20 02 00 01", "20 03 00 84 00"}) {
    CAPTURE(std::string(answer));
    FakeBroker broker(old_server(answer));
    CHECK(run(pub(broker.port(), {"-t", "t", "-m", "x", "-q", "1"})).code == 0);
    CHECK(run(sub(broker.port(), {"-t", "t", "-E"})).code == 0);
    const std::vector<RecordPtr> connects = broker.records(PacketType::connect);
    REQUIRE(connects.size() == 4);
    for (std::size_t i = 0; i < 4; ++i)
      CHECK(connects[i]->version == (i % 2 == 0 ? Version::v5 : Version::v311));
  }
}

TEST_CASE("what only 5 has forbids the fall-back, and the error names it") {
  FakeBroker broker(old_server("20 02 00 01"));
  CHECK(failed_with(run(pub(broker.port(), {"-t", "t", "-m", "x", "-D", "publish", "content-type", "a"})), 4,
                    "-D"));
  CHECK(failed_with(run(pub(broker.port(), {"-t", "t", "-m", "x", "-x", "60"})), 4, "-x"));
  CHECK(failed_with(run(sub(broker.port(), {"-t", "t", "-E", "--no-local"})), 4, "--no-local"));
  CHECK(broker.connections() == 3);
}

TEST_CASE("a responder that could not answer over 3.1.1 says so when it finds out") {
  FakeBroker broker(old_server("20 02 00 01"));
  CHECK(failed_with(run(rr_command("serve", broker.port(), {"-t", "svc/#", "--echo"})), 2,
                    "every answer to a request by 'svc/#' would be a request itself"));
  CHECK(failed_with(run(rr_command("serve", broker.port(), {"-t", "a", "-e", "b", "--echo"})), 2,
                    "can't be told from a request"));
  CHECK(broker.records(PacketType::subscribe).empty());
}

TEST_CASE("-V 5 forbids the fall-back too") {
  FakeBroker broker(old_server("20 02 00 01"));
  CHECK(failed_with(run(pub(broker.port(), {"-V", "5", "-t", "t", "-m", "x"})), 4));
  CHECK(broker.connections() == 1);
}

TEST_CASE(
    "[MQTT-3.1.2-1][MQTT-3.1.2-2][MQTT311-3.1.2-1][MQTT311-3.1.2-2] CONNECT says the version that was asked "
    "for") {
  FakeBroker broker;
  for (const char* version : {"31", "311", "5"})
    CHECK(run(pub(broker.port(), {"-V", version, "-i", "id", "-t", "t", "-m", "x"})).code == 0);
  const std::vector<RecordPtr> connects = broker.records(PacketType::connect);
  REQUIRE(connects.size() == 3);
  CHECK(connects[0]->raw.substr(2, 9) == Buffer("\0\x06MQIsdp\x03", 9));
  CHECK(connects[1]->raw.substr(2, 7) == Buffer("\0\x04MQTT\x04", 7));
  CHECK(connects[2]->raw.substr(2, 7) == Buffer("\0\x04MQTT\x05", 7));
}

TEST_CASE("what only 5 has is refused together with -V 311, before a connection is made") {
  FakeBroker broker;
  CHECK(failed_with(
      run(pub(broker.port(), {"-V", "311", "-t", "t", "-m", "x", "-D", "publish", "content-type", "a"})), 2,
      "-D"));
  CHECK(failed_with(run(sub(broker.port(), {"-V", "31", "-t", "t", "--retain-as-published"})), 2));
  CHECK(broker.connections() == 0);
}

TEST_CASE("requests fall back only where their answers can still be told") {
  FakeBroker broker(old_server("20 02 00 01"));
  const auto refused = [&broker](Arguments arguments, std::string_view what) {
    const Outcome outcome = run(with_input(rr(broker.port(), arguments), "{}\n"));
    CHECK(outcome.code == 4);
    CHECK(holds(outcome.err, what));
  };
  refused({"-t", "t", "-m", "x"}, "(without -e) needs MQTT 5.0");
  refused({"-t", "t", "-e", "a/{id}", "-m", "x"}, "-e with {id} (without -V 311) needs MQTT 5.0");
  refused({"-t", "t", "-e", "a", "-l"}, "telling the answers to many requests apart needs MQTT 5.0");
  CHECK(broker.records(PacketType::publish).empty());
  const Outcome outcome = run(with_input(
      rr(broker.port(), {"-t", "t", "-e", "a", "-l", "--correlation-field", "id", "--answer-timeout", "0.1"}),
      "{}\n"));
  CHECK(outcome.code == 5);
  CHECK(broker.records(PacketType::publish).size() == 1);
}
