#include "peers/fake_broker.hpp"

#include <doctest/doctest.h>

#include "peers/mosquitto.hpp"
#include "peers/process.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Launch mosquitto_pub(const FakeBroker& broker, std::vector<std::string> arguments) {
  Launch launch{.command = {"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(broker.port())}};
  launch.command.insert(launch.command.end(), arguments.begin(), arguments.end());
  return launch;
}

}  // namespace

TEST_CASE(
    "the fake broker is correct where nothing is said, for client after client, and keeps what it was sent") {
  if (!have_mosquitto()) return;
  FakeBroker broker;
  for (const char* version : {"mqttv31", "mqttv311", "mqttv5"})
    for (const char* qos : {"0", "1", "2"})
      CHECK(run(mosquitto_pub(broker, {"-V", version, "-q", qos, "-t", "a/b", "-m", qos})).code == 0);
  broker.await(PacketType::disconnect, 9);
  CHECK(broker.connections() == 9);
  const std::vector<RecordPtr> published = broker.records(PacketType::publish);
  REQUIRE(published.size() == 9);
  CHECK(published[4]->version == Version::v311);
  CHECK(published[4]->as<Publish>().payload == "1");
  CHECK(published[4]->as<Publish>().qos == QoS::at_least_once);
  CHECK(published[0]->raw == Buffer("\x30\x06\x00\x03"
                                    "a/b0",
                                    8));
}

TEST_CASE("the fake broker does one thing wrong and the rest right") {
  if (!have_mosquitto()) return;
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& publish) {
    peer.send(Puback{{publish.packet_id, ReasonCode::not_authorized, {}}});
  }});
  const Outcome refused = run(mosquitto_pub(broker, {"-V", "5", "-q", "1", "-t", "a", "-m", "x"}));
  CHECK(refused.err.find("Not authorized") != std::string::npos);
}

TEST_CASE("a script answers in raw bytes, ends connections in every way and sees what the client does") {
  if (!have_mosquitto()) return;
  FakeBroker broker([](FakeBroker& self) {
    Peer silent = self.accept();
    silent.expect(PacketType::connect);
    silent.send_hex("20 02");
    silent.finish();
    Peer rude = self.accept();
    rude.expect(PacketType::connect);
    rude.reset();
    Peer refusing = self.accept();
    refusing.expect(PacketType::connect);
    refusing.send_hex("20 02 00 05");
    refusing.expect_end();
  });
  for (int client = 0; client < 3; ++client)
    CHECK(run(mosquitto_pub(broker, {"-t", "a", "-m", "x"})).code != 0);
  broker.finish();
  CHECK(broker.connections() == 3);
  CHECK(broker.records(PacketType::connect).size() == 3);
}

TEST_CASE("a script that is disappointed fails the test with what came") {
  if (!have_mosquitto()) return;
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.expect(PacketType::subscribe);
  });
  (void)run(mosquitto_pub(broker, {"-t", "a", "-m", "x"}));
  CHECK_THROWS_WITH_AS(broker.finish(), doctest::Contains("expected SUBSCRIBE, but the client sent PUBLISH"),
                       PeerFailure);
}

TEST_CASE("a script ends with its test, whatever it waits for") {
  const TempDir dir;
  const FakeBroker nobody([](FakeBroker& self) { self.accept(); });
  const FakeBroker local([](FakeBroker& self) { self.accept(); }, dir.file("socket"));
  FakeBroker silent([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.expect(PacketType::connect);
    peer.hold();
  });
  if (!have_mosquitto()) return;
  Process waiting(mosquitto_pub(silent, {"-t", "a", "-m", "x"}));
  silent.await(PacketType::connect);
  CHECK_THROWS_AS(silent.finish(10ms), PeerFailure);
}
