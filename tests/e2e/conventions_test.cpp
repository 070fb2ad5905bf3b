// How requests and answers find each other where MQTT has nothing for it: by topics that hold client and
// request, or by a member of JSON payloads.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "payload/json.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;

namespace {

Launch ask311(const FakeBroker& broker, Arguments more) {
  Arguments arguments{"-V", "311", "-i", "cl/1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return rr(broker.port(), arguments);
}

// What answers TOPIC by the convention, each request twice.
Reactions answering_by_topic() {
  return {.publish = [](Peer& peer, const Publish& request) {
    peer.answer(request);
    const std::string topic = std::string(request.topic) + "/answer";
    for (const char* wrong : {"/x", ""}) {
      const std::string to = topic + wrong;
      peer.send(Publish{.topic = to, .properties = {}, .payload = request.payload});
    }
    peer.send(Publish{.topic = topic, .properties = {}, .payload = "twice"});
  }};
}

}  // namespace

TEST_CASE("3.1.1: the request goes to TOPIC/CLIENT/ID, the answer to TOPIC/CLIENT/ID/answer") {
  FakeBroker broker(answering_by_topic());
  Outcome outcome = run(ask311(broker, {"-t", "svc", "-m", "?"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "?\n");
  CHECK(broker.await(PacketType::subscribe)->as<Subscribe>().subscriptions.front().filter ==
        "svc/cl_1/+/answer");
  const std::string topic(broker.await(PacketType::publish)->as<Publish>().topic);
  CHECK(topic.starts_with("svc/cl_1/"));
  CHECK(topic.size() == std::string_view("svc/cl_1/").size() + 32);
  outcome =
      run(with_input(ask311(broker, {"-t", "svc", "-l", "--concurrency", "4", "-F", "%n %p"}), "a\nb\nc\n"));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "1 a\n2 b\n3 c\n");
}

TEST_CASE("3.1.1: -e says where answers go") {
  FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
    const std::string topic = "answers" + std::string(request.topic).substr(request.topic.find('/'));
    peer.send(Publish{.topic = topic, .properties = {}, .payload = request.payload});
  }});
  const Outcome outcome = run(
      with_input(ask311(broker, {"-l", "--line-format", "%t %p", "-e", "answers/{client}/{id}", "-F", "%p"}),
                 "svc a\nother b\n"));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "a\nb\n");
  CHECK(broker.await(PacketType::subscribe)->as<Subscribe>().subscriptions.front().filter ==
        "answers/cl_1/+");
}

TEST_CASE("a member of JSON payloads says which request it is, at every version") {
  for (const char* version : {"311", "5"}) {
    CAPTURE(version);
    FakeBroker broker(Reactions{.publish = [](Peer& peer, const Publish& request) {
      auto value = parse_json(request.payload);
      REQUIRE(value);
      REQUIRE(value->member("id") != nullptr);
      REQUIRE(value->member("n") != nullptr);
      const std::string id = value->member("id")->text;
      for (const std::string& text : {std::string("no json"), std::string("{\"id\":\"other\"}"),
                                      "{\"n\":" + value->member("n")->text + ",\"id\":\"" + id + "\"}"})
        peer.send(Publish{.topic = "answers", .properties = {}, .payload = text});
    }});
    Launch launch = rr(broker.port(), {"-V", version, "-t", "svc", "-e", "answers", "-l", "--concurrency",
                                       "9", "--correlation-field", "id", "--jq", ".payload.n"});
    const Outcome outcome = run(with_input(std::move(launch), "{\"n\":1}\n{\"id\":7,\"n\":2}\nno object\n"));
    CHECK(outcome.code == 7);
    CHECK(outcome.out == "1\n2\n");
    CHECK(holds(outcome.err, "line 3: the request is no JSON object, so it can't have a member 'id'"));
  }
}

TEST_CASE("what can't work is refused before anything is sent") {
  const auto refused = [](const Arguments& arguments, std::string_view part) {
    const Outcome outcome = run(with_input(rr(arguments), "x\n"));
    CAPTURE(part);
    CHECK(failed_with(outcome, 2, part));
  };
  refused({"-V", "311", "-t", "a", "-e", "b", "-l"}, "answers to many requests can't be told apart");
  refused({"-V", "311", "-l", "--input", "json"}, "need a response topic below MQTT 5.0");
  refused({"-t", "a", "-e", "b/{topic}", "-l", "--input", "json"}, "-e with {topic} does not go with lines");
  refused({"-t", "a", "-e", "b/#", "-m", "x"}, "wildcard");
  refused({"-t", "a", "-l", "-D", "publish", "correlation-data", "x"}, "the same correlation data");
  refused({"-t", "a", "-m", "x", "--concurrency", "2"}, "about many requests");
  refused({"-t", "a", "-m", "x", "--retry-id", "same"}, "--retry-id is about --request-retries");
  refused({"-t", "a", "-m", "x", "--correlation-field", "id", "--format", "cbor"},
          "does not go with --format");
  refused({"-t", "a", "-m", "x", "-l"}, "another source of requests");
  refused({"-t", "a", "-m", "x", "--replies", "0"}, "neither a number from 1 nor all");
  refused({"-l"}, "no topic to publish the request to");
}
