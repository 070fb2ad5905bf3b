// Many requests: their order, their failures, and answers that come late, twice, wrongly, or not at all.
#include <doctest/doctest.h>

#include <csignal>
#include <set>

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

Bytes correlation_of(const Publish& request) {
  return request.properties.bytes(PropertyId::correlation_data).value_or(Bytes());
}

}  // namespace

TEST_CASE("answers come out in the order of the requests, or as they come") {
  for (const bool unordered : {false, true}) {
    CAPTURE(unordered);
    std::vector<Buffer> kept;  // correlation data and response topic of the first of each pair
    FakeBroker broker(Reactions{.publish = [&kept](Peer& peer, const Publish& request) {
      kept.emplace_back(correlation_of(request));
      if (kept.size() % 2 != 0) return;
      const Buffer topic(*request.properties.bytes(PropertyId::response_topic));
      for (std::size_t i : {kept.size() - 1, kept.size() - 2}) {
        PropertyList properties;
        REQUIRE(properties.add(PropertyId::correlation_data, kept[i]));
        const std::string payload = "to " + std::to_string(i + 1);
        peer.send(Publish{.topic = topic, .properties = properties.view(), .payload = payload});
      }
    }});
    Arguments arguments{"--concurrency", "2", "-F", "%n %p"};
    if (unordered) arguments.emplace_back("--unordered");
    const Outcome outcome = run(ask(broker, arguments, "a\nb\nc\nd\n"));
    CHECK(outcome.code == 0);
    CHECK(outcome.out ==
          (unordered ? "2 to 2\n1 to 1\n4 to 4\n3 to 3\n" : "1 to 1\n2 to 2\n3 to 3\n4 to 4\n"));
    CHECK(outcome.err.starts_with("4 requests; 4 answers: min "));
  }
}

TEST_CASE("no more than --concurrency wait at the same time, and each has correlation data of its own") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
    // Were a second one to come, it would before the answer to the first.
    CHECK_FALSE(peer.readable(std::chrono::milliseconds(20)));
    send_answer(peer, request, {.payload = request.payload});
  }});
  const Outcome outcome = run(ask(broker, {}, "a\nb\nc"));
  CHECK(outcome.code == 0);
  CHECK(holds(outcome.out, "1 "));
  CHECK(holds(outcome.out, " ms c\n"));
  std::set<Bytes> seen;
  for (const RecordPtr& record : broker.records(PacketType::publish))
    seen.insert(correlation_of(record->as<Publish>()));
  CHECK(seen.size() == 3);
}

TEST_CASE("what fails is told by its line, the others go on, and the exit code tells") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
    if (request.payload != "silence") send_answer(peer, request, {.payload = request.payload});
  }});
  const Outcome outcome =
      run(ask(broker, {"--answer-timeout", "0.1", "--concurrency", "3", "-F", "%n %p"}, "a\nsilence\nb\n"));
  CHECK(outcome.code == 5);
  CHECK(outcome.out == "1 a\n3 b\n");
  CHECK(holds(outcome.err, "error: line 2: no answer to the request to 'ask' came in 0.1 s\n"));
  CHECK(holds(outcome.err, "3 requests, 1 failed; 2 answers: "));
}

TEST_CASE("a try that got no answer is followed by another, with new correlation data or the same") {
  for (const bool same : {false, true}) {
    CAPTURE(same);
    int tries = 0;
    FakeBroker broker(Reactions{.publish = [&](Peer& peer, const Publish& request) {
      peer.answer(request);
      if (++tries == 3) send_answer(peer, request, {.payload = "at last"});
    }});
    const Outcome outcome =
        run(rr(broker.port(), {"-t", "ask", "-m", "?", "-q", "1", "--request-retries", "2",
                               "--answer-timeout", "0.1", "--retry-id", same ? "same" : "new"}));
    CHECK(outcome.code == 0);
    CHECK(outcome.out == "at last\n");
    const auto requests = broker.records(PacketType::publish);
    REQUIRE(requests.size() == 3);
    CHECK((correlation_of(requests[0]->as<Publish>()) == correlation_of(requests[2]->as<Publish>())) == same);
  }
}

TEST_CASE("all tries in vain: how many, and how long") {
  FakeBroker broker(Reactions{.publish = [](Peer&, const Publish&) {}});
  CHECK(failed_with(
      run(rr(broker.port(), {"-t", "ask", "-m", "?", "--request-retries", "1", "--answer-timeout", "0.1"})),
      5, "no answer to the request to 'ask' came in 2 tries of 0.1 s"));
  CHECK(broker.records(PacketType::publish).size() == 2);
}

TEST_CASE("the answer to an earlier try is late when the next one has new correlation data") {
  Buffer first;
  FakeBroker broker(Reactions{.publish = [&](Peer& peer, const Publish& request) {
    if (first.empty()) {
      first = correlation_of(request);
      return;
    }
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::correlation_data, first));
    const Buffer topic(*request.properties.bytes(PropertyId::response_topic));
    peer.send(Publish{.topic = topic, .properties = properties.view(), .payload = "late"});
    send_answer(peer, request, {.payload = "in time"});
    first.clear();
  }});
  const Outcome outcome =
      run(ask(broker, {"--request-retries", "1", "--answer-timeout", "0.1", "-F", "%n %p"}, "a\n"));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "1 in time\n");
  CHECK(holds(outcome.err, "; 1 came late or twice"));
}

TEST_CASE("answers that come twice, to nobody, or as retained messages are counted and not shown") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
    send_answer(peer, request, {"retained", true, true});
    send_answer(peer, request, {"wrong", false});
    send_answer(peer, request, {.payload = request.payload});
    send_answer(peer, request, {"twice"});
  }});
  const Outcome outcome = run(ask(broker, {"-F", "%p"}, "a\nb\nc\nd\n"));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "a\nb\nc\nd\n");
  // Those to the last one may not have been read any more.
  CHECK(holds(outcome.err, "4 requests; 4 answers: "));
  CHECK(holds(outcome.err, "8 messages that answered nothing"));
}

TEST_CASE("several answers to one request: so many, or all that come in time") {
  FakeBroker broker(answering({{"one"}, {"two"}, {"three"}}));
  Outcome outcome = run(rr(broker.port(), {"-t", "ask", "-m", "?", "--replies", "2"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "one\ntwo\n");
  outcome = run(rr(broker.port(), {"-t", "ask", "-m", "?", "--replies", "all", "-W", "0.2", "-F", "%n %p"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "1 one\n1 two\n1 three\n");
  CHECK(failed_with(run(rr(broker.port(), {"-t", "ask", "-m", "?", "--replies", "4", "-W", "0.2"})), 5,
                    "timed out after 0.2 s: 3 of 4 answers came"));
  outcome =
      run(ask(broker, {"--replies", "all", "--answer-timeout", "0.2", "--concurrency", "2", "-F", "%n %p"},
              "a\nb\n"));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "1 one\n1 two\n1 three\n2 one\n2 two\n2 three\n");
  FakeBroker silent(Reactions{.publish = [](Peer&, const Publish&) {}});
  CHECK(run(rr(silent.port(), {"-t", "ask", "-m", "?", "--replies", "all", "-W", "0.2"})).code == 5);
}

TEST_CASE("an answer that the server sends again at QoS 1 counts once among several") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
    peer.answer(request);
    const Buffer correlation(correlation_of(request));
    const Buffer topic(*request.properties.bytes(PropertyId::response_topic));
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::correlation_data, correlation));
    std::uint16_t id = 0;
    for (const bool again : {false, true, false})
      peer.send(Publish{.dup = again,
                        .qos = QoS::at_least_once,
                        .topic = topic,
                        .packet_id = ++id,
                        .properties = properties.view(),
                        .payload = "same"});
  }});
  const Outcome outcome =
      run(rr(broker.port(), {"-t", "ask", "-m", "?", "-q", "1", "--replies", "all", "-W", "0.2"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "same\nsame\n");
}

TEST_CASE("a connection lost between requests and answers: QoS 1 asks again, QoS 0 only if allowed") {
  for (const auto& [more, code, requests] :
       {std::tuple(Arguments{"-q", "1"}, 0, 4U), std::tuple(Arguments{"-q", "0"}, 5, 2U),
        std::tuple(Arguments{"-q", "0", "--request-retries", "1"}, 0, 4U)}) {
    FakeBroker broker([](FakeBroker& self) {
      {
        Peer peer = self.accept();
        peer.welcome();
        peer.answer(peer.expect(PacketType::subscribe)->packet);
        for (int i = 0; i < 2; ++i) peer.answer(peer.expect(PacketType::publish)->packet);
      }
      Peer peer = self.accept();
      peer.welcome();
      peer.serve(Reactions{.publish = [](Peer& to, const Publish& request) {
        to.answer(request);
        send_answer(to, request, {.payload = request.payload});
      }});
    });
    Arguments arguments{
        "--concurrency", "2", "--answer-timeout", "1", "--retry-delay", "0.05:0.05", "-F", "%n %p",
        "--retries",     "3"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(ask(broker, arguments, "a\nb\n"));
    CAPTURE(outcome.err);
    CHECK(outcome.code == code);
    CHECK(outcome.out == (code == 0 ? "1 a\n2 b\n" : ""));
    CHECK(broker.records(PacketType::publish).size() == requests);
  }
}

TEST_CASE("lines as JSON objects have topics, QoS, properties and correlation data of their own") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
    peer.answer(request);
    const std::string answer = std::string(request.topic) + " " + std::string(correlation_of(request)) + " " +
                               std::string(request.payload);
    send_answer(peer, request, {.payload = answer});
  }});
  const Outcome outcome =
      run(with_input(rr(broker.port(), {"-l", "--input", "json", "-F", "%p"}),
                     R"({"topic":"x","payload":"1","properties":{"correlation_data":"Yzc="}}
{"topic":"y/z","qos":1,"payload":{"a":2},"properties":{"content_type":"application/json","correlation_data":"Yzg="}}
not json
)"));
  CHECK(outcome.code == 7);
  CHECK(outcome.out == "x c7 1\ny/z c8 {\"a\":2}\n");
  CHECK(holds(outcome.err, "error: line 3: "));
}

TEST_CASE("answers that say they failed, break their schema or an expectation: exit code 9") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
    PropertyList properties;
    REQUIRE(properties.add(PropertyId::correlation_data, correlation_of(request)));
    if (request.payload == "fail") {
      REQUIRE(properties.add_user("responder", "r1"));
      REQUIRE(properties.add_user("status", "3"));
    } else {
      REQUIRE(properties.add_user("status", "200"));  // somebody else's
    }
    const Buffer topic(*request.properties.bytes(PropertyId::response_topic));
    peer.send(Publish{.topic = topic, .properties = properties.view(), .payload = request.payload});
  }});
  Outcome outcome = run(rr(broker.port(), {"-t", "ask", "-m", "fail"}));
  CHECK(failed_with(outcome, 9, "the answer says '3': 'fail'"));
  CHECK(outcome.out == "");
  outcome = run(ask(broker, {"--expect", ".payload.n > 1", "-F", "%p"}, "{\"n\":2}\n{\"n\":1}\n{\"n\":3}\n"));
  CHECK(outcome.code == 9);
  CHECK(outcome.out == "{\"n\":2}\n{\"n\":1}\n{\"n\":3}\n");
  CHECK(holds(outcome.err, "error: line 2: expected '.payload.n > 1'"));
  CHECK(holds(outcome.err, "3 requests, 1 failed; 3 answers"));
}

TEST_CASE("requests are no faster than --rate, and --repeat sends the same one again") {
  FakeBroker broker(answering({{"yes"}}));
  const Outcome outcome =
      run(rr(broker.port(), {"-t", "ask", "-m", "?", "--repeat", "5", "--rate", "20", "-F", "%n"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "1\n2\n3\n4\n5\n");
  const auto requests = broker.records(PacketType::publish);
  REQUIRE(requests.size() == 5);
  // 200 ms, of which a tenth of a second may be made up for.
  CHECK(requests[4]->when - requests[0]->when >= std::chrono::milliseconds(100));
}

TEST_CASE("Ctrl-C ends it with what has come, and says what had not") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
    if (request.payload != "silence") send_answer(peer, request, {.payload = request.payload});
  }});
  Process asker(ask(broker, {"--concurrency", "3", "--unordered", "-F", "%p"}, "a\nsilence\nb\n"));
  broker.await(PacketType::publish, 3);
  asker.await_lines(2);
  asker.signal(SIGINT);
  const Outcome outcome = asker.wait();
  CHECK(outcome.code == 130);
  CHECK(outcome.out == "a\nb\n");
  CHECK(holds(outcome.err, "; 1 had no answer yet"));
}
