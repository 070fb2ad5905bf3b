// How a responder ends: what runs is answered as long as anybody can be told, and what comes for a session
// that stays is kept.
#include <doctest/doctest.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Launch serve(std::uint16_t port, Arguments options) {
  options.insert(options.end(), {"-i", "server", "-t", "svc"});
  return rr_command("serve", port, options);
}

void ask(Peer& peer, PacketId number) {
  PropertyList properties;
  REQUIRE(properties.add(PropertyId::response_topic, "ans"));
  peer.send(Publish{.qos = QoS::at_least_once,
                    .topic = "svc",
                    .packet_id = number,
                    .properties = properties.view(),
                    .payload = "x"});
}

// Sends one request to whoever subscribes.
Reactions asking_once() {
  return {.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    ask(peer, 1);
  }};
}

std::string status_of(const RecordPtr& record) {
  for (const Property& property : record->as<Publish>().properties)
    if (property.id == PropertyId::user_property && property.name == "status")
      return std::string(property.value);
  return "ok";
}

void await_file(const std::string& file) {
  while (run({.command = {"test", "-e", file}}).code != 0) {
  }
}

std::string waiting_command(const TempDir& dir) {
  return "touch '" + dir.file("begun") + "'; while ! [ -e '" + dir.file("go") +
         "' ]; do sleep 0.02; done; echo ok";
}

}  // namespace

TEST_CASE("a signal ends no subscription of a session that stays, and what comes is left for the next run") {
  for (const bool stays : {true, false}) {
    CAPTURE(stays);
    const TempDir dir;
    FakeBroker broker(asking_once());
    Arguments options{"--shell", "--exec", waiting_command(dir)};
    if (stays) options.emplace_back("-c");
    Process server(serve(broker.port(), options));
    await_file(dir.file("begun"));
    server.signal(SIGINT);
    if (!stays) CHECK(broker.await(PacketType::unsubscribe));
    dir.write("go", "");
    CHECK(broker.await(PacketType::publish)->as<Publish>().payload == "ok\n");
    CHECK(server.wait().code == 130);
    CHECK(broker.records(PacketType::unsubscribe).size() == (stays ? 0 : 1));
  }
}

TEST_CASE("a command that does not end after a signal is answered for") {
  FakeBroker broker(asking_once());
  const TempDir dir;
  Process server(serve(broker.port(), {"--shell", "--exec", "trap '' TERM; " + waiting_command(dir)}));
  await_file(dir.file("begun"));
  server.signal(SIGTERM);
  const auto answer = broker.await(PacketType::publish);
  CHECK(status_of(answer) == "busy");
  CHECK(answer->as<Publish>().payload == "the responder is leaving");
  const Outcome outcome = server.wait();
  CHECK(outcome.code == 143);
  CHECK(outcome.err == "0 answered, 0 failed, 0 refused, 0 without response topic, 1 busy\n");
}

TEST_CASE("a time limit is an ordinary end unless a count was to be reached, and answers what runs") {
  for (const bool counted : {false, true}) {
    CAPTURE(counted);
    FakeBroker broker(asking_once());
    Arguments options{"-W", "0.5", "--exec", "sleep 100"};
    if (counted) options.insert(options.end(), {"-C", "2"});
    Process server(serve(broker.port(), options));
    CHECK(status_of(broker.await(PacketType::publish)) == "busy");
    const Outcome outcome = server.wait();
    CHECK(outcome.code == (counted ? 5 : 0));
    CHECK(outcome.err.ends_with("0 answered, 0 failed, 0 refused, 0 without response topic, 1 busy\n"));
    CHECK(holds(outcome.err, "timed out after 0.5 s") == counted);
  }
}

TEST_CASE("requests are answered though nobody reads what -v shows") {
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (PacketId number = 1; number <= 3; ++number) {
      ask(peer, number);
      for (int i = 0; i < 2; ++i) peer.answer(peer.next()->packet);  // its PUBACK, and the answer
    }
  }});
  Process server(with_output(serve(broker.port(), {"--echo", "-v", "-C", "3"}), Output::broken));
  const Outcome outcome = server.wait();
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "3 answered, 0 failed, 0 refused, 0 without response topic, 0 busy\n");
}
