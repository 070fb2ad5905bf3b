// Requests that can't be sent, or whose run ends before their answers are in.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "e2e/answers.hpp"
#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;

namespace {

Launch ask(const FakeBroker& broker, Arguments more, Bytes lines) {
  Arguments arguments{"-t", "ask", "-l"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return with_input(rr(broker.port(), arguments), lines);
}

}  // namespace

TEST_CASE("all answers that have come are shown when the run ends before their time") {
  FakeBroker broker(answering({{"one"}, {"two"}}));
  const Outcome outcome =
      run(ask(broker, {"--replies", "all", "-W", "0.3", "--concurrency", "2", "-F", "%n %p"}, "a\nb\n"));
  CHECK(outcome.code == 5);
  CHECK(outcome.out == "1 one\n1 two\n2 one\n2 two\n");
  CHECK(holds(outcome.err, "2 requests; 4 answers"));
  Process asker(ask(broker, {"--replies", "3", "--concurrency", "2", "-F", "%n %p"}, "a\nb\n"));
  asker.await_lines(2);
  asker.signal(SIGINT);
  CHECK(asker.wait().out == "1 one\n1 two\n2 one\n2 two\n");
}

TEST_CASE("a server that acknowledges nothing ends the run, and what has failed is not sent any more") {
  FakeBroker broker(Reactions{.connect =
                                  [](Peer& peer, const Connect&) {
                                    PropertyList properties;
                                    REQUIRE(properties.add(PropertyId::receive_maximum, 1));
                                    peer.send(Connack{.properties = properties.view()});
                                  },
                              .publish = [](Peer&, const Publish&) {}});
  const Outcome outcome =
      run(ask(broker, {"-q", "1", "--concurrency", "3", "--answer-timeout", "0.2"}, "a\nb\nc\n"));
  CHECK(outcome.code == 5);
  CHECK(holds(outcome.err, "line 1: no answer"));
  CHECK(holds(outcome.err, "the server has not acknowledged a request for 0.2 s"));
  CHECK(broker.records(PacketType::publish).size() == 1);
}

TEST_CASE("after a loss nothing is sent before the new subscription, and at QoS 2 nothing again") {
  for (const char* qos : {"1", "2"}) {
    CAPTURE(qos);
    FakeBroker broker([](FakeBroker& self) {
      {
        Peer peer = self.accept();
        peer.welcome();
        peer.answer(peer.expect(PacketType::subscribe)->packet);
        peer.expect(PacketType::publish);
      }
      Peer peer = self.accept();
      peer.welcome();
      peer.answer(peer.expect(PacketType::subscribe)->packet);
      peer.serve(Reactions{.publish = [](Peer& to, const Publish& request) {
        to.answer(request);
        send_answer(to, request, {.payload = "yes"});
      }});
    });
    const Outcome outcome = run(rr(broker.port(), {"-t", "ask", "-m", "?", "-q", qos, "-W", "1", "--retries",
                                                   "3", "--retry-delay", "0.05:0.05"}));
    CHECK(outcome.code == (*qos == '1' ? 0 : 5));
    CHECK(broker.records(PacketType::publish).size() == (*qos == '1' ? 2U : 1U));
  }
}

TEST_CASE("a request that keeps its id is sent once after a loss, however often it was due meanwhile") {
  for (const Arguments& more :
       {Arguments{"--retry-id", "same"}, Arguments{"-D", "publish", "correlation-data", "x"}}) {
    FakeBroker broker([](FakeBroker& self) {
      {
        Peer peer = self.accept();
        peer.welcome();
        peer.answer(peer.expect(PacketType::subscribe)->packet);
        peer.expect(PacketType::publish);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(700));
      Peer peer = self.accept();
      peer.welcome();
      // The answer comes with the last: by then all that was to be sent is.
      peer.serve(Reactions{.publish = [](Peer& to, const Publish& request) {
        to.answer(request);
        if (!to.readable(std::chrono::milliseconds(100))) send_answer(to, request, {.payload = "yes"});
      }});
    });
    Arguments arguments{"-t",
                        "ask",
                        "-m",
                        "?",
                        "-q",
                        "1",
                        "--answer-timeout",
                        "0.2",
                        "--request-retries",
                        "20",
                        "--retries",
                        "9",
                        "--retry-delay",
                        "0.05:0.05"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(rr(broker.port(), arguments));
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    CHECK(broker.records(PacketType::publish).size() == 2);
  }
}

TEST_CASE("a latency counts from the first time that an id was sent") {
  int tries = 0;
  FakeBroker broker(Reactions{.publish = [&tries](Peer& peer, const Publish& request) {
    if (++tries == 2) send_answer(peer, request, {.payload = "yes"});
  }});
  const Outcome outcome =
      run(rr(broker.port(), {"-t", "ask", "-m", "?", "--request-retries", "1", "--answer-timeout", "0.2",
                             "--retry-id", "same", "-F", "%L"}));
  CHECK(outcome.code == 0);
  CHECK(std::stod(outcome.out) >= 200);
}

TEST_CASE("a line that can't be sent ends the input, unless it is skipped") {
  for (const bool skips : {false, true}) {
    FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
      peer.answer(request);
      send_answer(peer, request, {.payload = request.payload});
    }});
    const Outcome outcome = run(ask(
        broker, {"--correlation-field", "id", "--jq", ".payload.a", "--on-invalid", skips ? "skip" : "stop"},
        "{\"a\":1}\nno object\n{\"a\":2}\n"));
    CHECK(outcome.code == 7);
    CHECK(outcome.out == (skips ? "1\n2\n" : "1\n"));
  }
}

TEST_CASE("what an answer could not be told by is refused before anything is sent") {
  const auto refused = [](const Arguments& arguments, std::string_view part) {
    CHECK(failed_with(run(rr(arguments)), 2, part));
  };
  refused({"-t", "a", "-e", "a", "-m", "x"}, "the answer can't come to 'a', where the request goes");
  refused({"-t", "a", "-m", "x", "-D", "publish", "response-topic", "b"},
          "the response topic is given with -e");
  refused(
      {"-t", "a", "-m", "{}", "--correlation-field", "id", "-D", "publish", "correlation-data", "hex:ff00"},
      "is no text");
  refused({"-t", "a", "-m", "x", "--replies", "2", "--request-retries", "1"}, "several --replies");
  FakeBroker broker;
  CHECK(failed_with(run(rr(broker.port(), {"-t", "a", "-e", "{topic}", "-m", "x"})), 7,
                    "the answer would come to 'a', where the request goes"));
}

TEST_CASE("Ctrl-C before the server has accepted anything ends at once") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.expect(PacketType::connect);
    peer.hold();
  });
  Process asker(rr(broker.port(), {"-t", "a", "-m", "x"}));
  broker.await(PacketType::connect);
  asker.signal(SIGINT);
  const Outcome outcome = asker.wait();
  CHECK(outcome.code == 130);
  CHECK(outcome.wall < std::chrono::seconds(4));
}
