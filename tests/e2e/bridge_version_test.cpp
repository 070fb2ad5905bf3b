// A server that does not speak MQTT 5.0, which only its answer to CONNECT tells.
#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <string>

#include "e2e/bridge_run.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;

namespace {

// 3.1.1's server, which goes on with the session when it is asked again.
void welcome_v311(Peer& peer, const Connect& connect) {
  if (connect.version == Version::v5) {
    peer.send_hex("20 02 00 01");  // [MQTT311-3.1.2-2]
    return peer.finish();
  }
  peer.send(Connack{peer.number() > 2, ReasonCode::success, {}});
}

const std::string way = "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n";

std::string disk(const TempDir& dir) { return "store-path = \"" + dir.file("store.sqlite") + "\"\n"; }

}  // namespace

TEST_CASE("a destination that speaks 3.1.1 alone gets everything, also what a killed run had under way") {
  if (!have_mosquitto()) return;
  Mosquitto a;
  std::atomic<int> published = 0;
  FakeBroker b(
      Reactions{.connect = welcome_v311, .publish = [&published](Peer& peer, const Publish& publish) {
                  if (++published > 1) peer.answer(publish);
                }});
  const TempDir dir;
  const std::string file = dir.write("bridge.toml", bridge_file({a.port(), b.port()}, disk(dir), "", way));
  Process first(bridge(file));
  await_bridge(first, 2);
  a.await_subscription("bridge-a", "n/#");
  CHECK(holds(first.err(), "which speaks MQTT 3.1.1 and not 5.0, with a new session"));
  CHECK(run(pub(a.port(), {"-t", "n/1", "-m", "one", "-q", "2", "-D", "publish", "user-property", "k", "v",
                           "-D", "publish", "message-expiry-interval", "3600"}))
            .code == 0);
  const RecordPtr before = b.await(PacketType::publish);
  first.signal(SIGKILL);
  first.wait();
  Process second(bridge(file));
  const RecordPtr after = b.await(PacketType::publish, 2);
  b.await(PacketType::pubrel);
  CHECK(after->version == Version::v311);
  CHECK(after->as<Publish>().payload == "one");
  CHECK(after->as<Publish>().dup);
  CHECK(after->as<Publish>().packet_id == before->as<Publish>().packet_id);
  const auto connects = b.records(PacketType::connect);
  REQUIRE(connects.size() == 4);
  for (const std::size_t i : {0U, 2U}) CHECK(connects[i]->version == Version::v5);
  for (const std::size_t i : {1U, 3U}) {
    CHECK(connects[i]->version == Version::v311);
    CHECK_FALSE(connects[i]->as<Connect>().clean_start);
    CHECK(connects[i]->as<Connect>().bridge);
  }
  second.signal(SIGTERM);
  CHECK(second.wait().code == 0);
}

TEST_CASE("a source that speaks 3.1.1 alone is subscribed to as that has it") {
  if (!have_mosquitto()) return;
  Mosquitto b;
  FakeBroker a(Reactions{.connect = welcome_v311, .subscribe = [](Peer& peer, const Subscribe& subscribe) {
                           peer.answer(subscribe);
                           peer.send(Publish{false, QoS::at_least_once, false, "n/1", 7, {}, "one"});
                         }});
  const TempDir dir;
  const std::string file = dir.write("bridge.toml", bridge_file({a.port(), b.port()}, disk(dir), "", way));
  Process checker(sub(b.port(), {"-t", "n/#", "-q", "2", "-F", "%t %p", "-i", "checker"}));
  b.await_subscription("checker", "n/#");
  Process carrier(bridge(file));
  checker.await_out("n/1 one\n");
  CHECK(a.await(PacketType::puback)->as<Puback>().packet_id == 7);
  const RecordPtr subscribe = a.await(PacketType::subscribe);
  CHECK(subscribe->version == Version::v311);
  CHECK_FALSE(subscribe->as<Subscribe>().subscriptions[0].no_local);
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}

TEST_CASE("where protocol-version says 5 a server that does not speak it is told of, with what to do") {
  FakeBroker a, b(Reactions{.connect = welcome_v311});
  const TempDir dir;
  Process carrier(bridge(dir.write(
      "bridge.toml", bridge_file({a.port(), b.port()}, "store = \"memory\"", "protocol-version = 5", way))));
  carrier.await_err("b: the server refused the connection: ");
  carrier.await_err("(the server does not speak MQTT 5.0: try protocol-version 311 (-V 311))\n");
  carrier.signal(SIGTERM);
  carrier.wait();
  for (const RecordPtr& connect : b.records(PacketType::connect)) CHECK(connect->version == Version::v5);
}
