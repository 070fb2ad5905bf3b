// A responder whose answers can't leave: memory stays bounded, and nothing is forgotten that could be kept.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <csignal>
#include <future>
#include <set>
#include <utility>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Launch serve(std::uint16_t port, Arguments options) {
  options.insert(options.end(), {"-i", "server", "-t", "svc"});
  Launch launched = rr(port, options);
  launched.command.insert(launched.command.begin() + 1, "serve");
  return launched;
}

PropertyList to_answer(std::string_view topic) {
  PropertyList properties;
  REQUIRE(properties.add(PropertyId::response_topic, topic));
  return properties;
}

void ask(Peer& peer, int number, Bytes payload, const PropertyList& properties) {
  peer.send(Publish{.qos = QoS::at_least_once,
                    .topic = "svc",
                    .packet_id = static_cast<PacketId>(number),
                    .properties = properties.view(),
                    .payload = payload});
}

}  // namespace

TEST_CASE("while answers wait requests are not acknowledged, and later all of them are answered") {
  constexpr int count = 2200;  // of which 1,000 are in flight, 1,000 wait, and the rest is unacknowledged
  std::size_t acknowledged = 0;
  std::set<std::string> answers;
  FakeBroker broker([&](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.answer(peer.expect(PacketType::subscribe)->packet);
    const PropertyList properties = to_answer("ans");
    for (int i = 1; i <= count; ++i) ask(peer, i, std::to_string(i), properties);
    std::vector<RecordPtr> unanswered;
    const auto take = [&] {
      const RecordPtr record = peer.next();
      if (record->type() == PacketType::puback) {
        ++acknowledged;
      } else if (record->type() == PacketType::publish) {
        answers.insert(std::string(record->as<Publish>().payload));
        unanswered.push_back(record);
      }
    };
    while (answers.size() < 1000 || acknowledged < 2000) take();
    CHECK_FALSE(peer.readable(100ms));
    CHECK(answers.size() == 1000);
    CHECK(acknowledged == 2000);
    while (answers.size() < count || acknowledged < count) {
      for (const RecordPtr& record : std::exchange(unanswered, {})) peer.answer(record->packet);
      take();
    }
    for (const RecordPtr& record : unanswered) peer.answer(record->packet);
    peer.expect_end();
  });
  Process server(serve(broker.port(), {"--echo", "-C", std::to_string(count)}));
  const Outcome outcome = server.wait();
  broker.finish();
  CHECK(outcome.code == 0);
  CHECK(outcome.err ==
        fmt::format("{} answered, 0 failed, 0 refused, 0 without response topic, 0 busy\n", count));
}

TEST_CASE("a server that acknowledges nothing and never stops asking costs answers, not memory") {
  constexpr int count = 4000;
  const Buffer payload(100'000, 'x');
  std::promise<void> sent;
  FakeBroker broker([&](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.answer(peer.expect(PacketType::subscribe)->packet);
    const PropertyList properties = to_answer("ans");
    for (int i = 1; i <= count; ++i) {
      ask(peer, i, payload, properties);
      while (peer.readable(Duration::zero())) peer.next();
    }
    sent.set_value();
    peer.expect_end();
  });
  Process server(serve(broker.port(), {"--echo"}));
  REQUIRE(sent.get_future().wait_for(patience) == std::future_status::ready);
  server.await_err("no answer: too many answers wait for the server\n");
  if (!sanitized) CHECK(server.peak_memory_kib() < 400'000);
  server.signal(SIGINT);
  CHECK(broker.await(PacketType::unsubscribe));
  server.signal(SIGINT);
  const Outcome outcome = server.wait();
  CHECK(outcome.code == 130);
  CHECK(holds(outcome.err, " requests got no answer\n"));
}

TEST_CASE("an answer that waited and is too large for the next connection is answered as failed") {
  for (const QoS qos : {QoS::at_most_once, QoS::at_least_once}) {
    const TempDir dir;
    FakeBroker broker([&](FakeBroker& self) {
      {
        Peer peer = self.accept();
        peer.welcome();
        peer.answer(peer.expect(PacketType::subscribe)->packet);
        const PropertyList properties = to_answer("ans");
        peer.send(Publish{.qos = qos,
                          .topic = "svc",
                          .packet_id = static_cast<PacketId>(qos == QoS::at_most_once ? 0 : 1),
                          .properties = properties.view(),
                          .payload = R"({"id":7})"});
        while (run({.command = {"test", "-e", dir.file("begun")}}).code != 0) {
        }
        peer.reset();
      }
      Peer peer = self.accept();
      peer.expect(PacketType::connect);
      PropertyList limits;
      REQUIRE(limits.add(PropertyId::maximum_packet_size, 300));
      peer.send(Connack{.properties = limits.view()});
      peer.serve();
    });
    Process server(serve(broker.port(),
                         {"-C", "1", "--correlation-field", "id", "--shell", "--exec",
                          "touch '" + dir.file("begun") + "'; sleep 0.1; printf '{\"a\":\"%01000d\"}' 0"}));
    const auto answer = broker.await(PacketType::publish);
    CHECK(answer->connection == 2);
    CHECK(answer->as<Publish>().payload.ends_with(R"(,"status":"failed","id":7})"));
    const Outcome outcome = server.wait();
    CHECK(outcome.code == 0);
    CHECK(outcome.err.ends_with("0 answered, 1 failed, 0 refused, 0 without response topic, 0 busy\n"));
  }
}
