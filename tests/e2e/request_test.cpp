// Requests and their answers: whose message is the answer, where it comes to, and what becomes of a request
// that gets none.
#include <doctest/doctest.h>

#include "e2e/answers.hpp"
#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

TEST_CASE("the answer is the message with the request's correlation data") {
  FakeBroker broker(answering({{"other", false}, {"old", true, true}, {"mine"}, {"again"}}));
  const Outcome outcome = run(rr(broker.port(), {"-t", "ask", "-m", "?"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "mine\n");
  CHECK(outcome.err == "");
  const auto subscribed = broker.await(PacketType::subscribe);
  const auto published = broker.await(PacketType::publish);
  const Publish& request = published->as<Publish>();
  CHECK(request.topic == "ask");
  CHECK(request.payload == "?");
  CHECK(request.properties.bytes(PropertyId::response_topic) ==
        subscribed->as<Subscribe>().subscriptions.front().filter);
  CHECK(request.properties.bytes(PropertyId::correlation_data)->size() == 16);
}

TEST_CASE("response topic and correlation data are what the user or the server says") {
  FakeBroker broker(Reactions{
      .connect =
          [](Peer& peer, const Connect& connect) {
            CHECK(connect.properties.number(PropertyId::request_response_information) == 1);
            PropertyList properties;
            REQUIRE(properties.add(PropertyId::response_information, Bytes("replies/7")));
            peer.send(Connack{.properties = properties.view()});
          },
      .publish = answering({{"yes"}}).publish,
  });
  REQUIRE(run(rr(broker.port(), {"-t", "ask", "-n", "-D", "publish", "correlation-data", "hex:00ff"})).code ==
          0);
  const Publish& request = broker.await(PacketType::publish)->as<Publish>();
  CHECK(request.properties.bytes(PropertyId::response_topic)->starts_with("replies/7/"));
  CHECK(request.properties.bytes(PropertyId::correlation_data) == Bytes("\0\xFF", 2));
}

TEST_CASE("no answer: exit code 5, and how many other messages came") {
  FakeBroker broker(answering({{"other", false}}));
  const Outcome outcome = run(rr(broker.port(), {"-t", "ask", "-m", "?", "-W", "0.3"}));
  CHECK(failed_with(outcome, 5,
                    "timed out after 0.3 s: no answer to the request to 'ask' came; 1 message came that did "
                    "not answer it"));
  CHECK(outcome.out == "");
}

TEST_CASE("a server that tells ends it at once: nobody is there, or nobody may ask") {
  for (const auto& [reason, code, part] :
       {std::tuple(ReasonCode::no_matching_subscribers, 5, "nobody is subscribed to 'ask'"),
        std::tuple(ReasonCode::not_authorized, 8, "the server refused the request")}) {
    FakeBroker broker(Reactions{.publish = [reason](Peer& peer, const Publish& request) {
      peer.send(Puback{{request.packet_id, reason, {}}});
    }});
    CHECK(failed_with(run(rr(broker.port(), {"-t", "ask", "-m", "?", "-q", "1"})), code, part));
  }
}

TEST_CASE("asked through a real server, answered by another program, at every QoS") {
  if (!have_mosquitto()) return;
  Mosquitto server;
  const Process responder(sub(server.port(), {"-i", "responder", "-t", "ask"}));
  server.await_subscription("responder", "ask");
  for (const char* qos : {"0", "1", "2"}) {
    Process asker(rr(server.port(), {"-i", "asker", "-t", "ask", "-e", "answers", "-m", "?", "-q", qos, "-D",
                                     "publish", "correlation-data", "c7", "-v"}));
    server.await_subscription("asker", "answers");
    REQUIRE(run(pub(server.port(), {"-t", "answers", "-m", "no", "-q", qos})).code == 0);
    REQUIRE(run(pub(server.port(),
                    {"-t", "answers", "-m", "yes", "-q", qos, "-D", "publish", "correlation-data", "c7"}))
                .code == 0);
    const Outcome outcome = asker.wait();
    CHECK(outcome.code == 0);
    CHECK(outcome.out == "answers yes\n");
  }
}

TEST_CASE("3.1.1: the first message that comes to the response topic that was agreed on") {
  if (!have_mosquitto()) return;
  Mosquitto server;
  Process asker(rr(server.port(), {"-i", "a", "-V", "311", "-t", "ask", "-e", "answers", "-m", "?"}));
  server.await_subscription("a", "answers");
  REQUIRE(run(pub(server.port(), {"-t", "answers", "-m", "yes"})).code == 0);
  const Outcome outcome = asker.wait();
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "yes\n");
}

TEST_CASE("after a loss the request is sent again when the new subscription stands") {
  FakeBroker broker([](FakeBroker& self) {
    {
      Peer peer = self.accept();
      peer.welcome();
      peer.answer(peer.expect(PacketType::subscribe)->packet);
      peer.expect(PacketType::publish);
    }
    Peer peer = self.accept();
    peer.welcome();
    bool subscribed = false;
    while (true) {
      const RecordPtr record = peer.next();
      if (record == nullptr) return;
      peer.answer(record->packet);
      subscribed = subscribed || record->type() == PacketType::subscribe;
      if (record->type() == PacketType::publish && subscribed)
        send_answer(peer, record->as<Publish>(), {.payload = "yes"});
    }
  });
  const Outcome outcome = run(
      rr(broker.port(), {"-t", "ask", "-m", "?", "-q", "1", "--retries", "3", "--retry-delay", "0.05:0.05"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "yes\n");
}
