// Answering requests: the ways to make an answer, where it goes, what is refused, and what is told.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "payload/json.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

Launch serve(const Mosquitto& broker, const Arguments& options) {
  Launch launched = rr(broker.port(), options);
  launched.command.insert(launched.command.begin() + 1, "serve");
  return launched;
}

// A responder to `filter`, ready for requests.
Process serving(Mosquitto& broker, Arguments options, const std::string& filter = "svc") {
  options.insert(options.end(), {"-i", "server", "-t", filter});
  Process server(serve(broker, options));
  broker.await_subscription("server", filter);
  return server;
}

// Payload and user properties of the answer, failed or not.
std::string answer_to(const Mosquitto& broker, const std::string& request, Arguments more = {}) {
  more.insert(more.end(), {"-t", "svc", "-m", request, "--answer-format", "text", "--output", "json"});
  const Outcome outcome = run(rr(broker.port(), more));
  const auto message = parse_json(outcome.out);
  if (!message) return outcome.err;
  std::string properties;
  for (const Value& each : at_pointer(*message, "/properties/user_properties")->items)
    properties += (properties.empty() ? "" : " ") + each.items[0].text + ":" + each.items[1].text;
  return message->member("payload")->text + " [" + properties + "]\n";
}

Outcome interrupted(Process& server) {
  server.signal(SIGINT);
  return server.wait();
}

}  // namespace

TEST_CASE("an answer is what came, a text, what a file holds, or what a jq program makes") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string file = dir.write("answer", "bytes\n");
  struct Row {
    Arguments way;
    const char* answer;
  };
  for (const Row& row :
       {Row{{"--echo"}, R"({"a":[1.50]} [responder:server])"},
        {{"--reply", "{topic}: {payload} {count}"}, R"(svc: {"a":[1.50]} 1 [responder:server])"},
        {{"--file", file}, "bytes\n [responder:server]"},
        {{"--jq", ".payload.a[0], .topic"}, "1.5\nsvc [responder:server]"},
        {{"--exec", "cat"}, R"({"a":[1.50]} [responder:server])"}}) {
    CAPTURE(row.way.front());
    Process server = serving(broker, row.way);
    CHECK(answer_to(broker, R"({"a":[1.50]})") == std::string(row.answer) + "\n");
    const Outcome ended = interrupted(server);
    CHECK(ended.code == 130);
    CHECK(ended.out.empty());
    CHECK(ended.err == "1 answered, 0 failed, 0 refused, 0 without response topic, 0 busy\n");
  }
}

TEST_CASE("an answer keeps correlation data and QoS, has what -D says, and is not retained") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process server = serving(broker, {"--echo", "-C", "3", "-D", "publish", "user-property", "k", "v"});
  for (const char* qos : {"0", "1", "2"}) {
    Process reader(
        sub(broker.port(), {"-i", "reader", "-t", "ans", "-q", "2", "-C", "1", "-F", "%q %r %D %C %P %p"}));
    broker.await_subscription("reader", "ans");
    CHECK(run(pub(broker.port(),
                  {"-t", "svc", "-q", qos, "-m", "x", "-D", "publish", "response-topic", "ans", "-D",
                   "publish", "correlation-data", "a b", "-D", "publish", "content-type", "text/x"}))
              .code == 0);
    CHECK(reader.wait().out == fmt::format("{} 0 a b text/x k:v responder:server x\n", qos));
  }
  CHECK(server.wait().code == 0);
}

TEST_CASE("what is not answered is told ten times and counted") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  CHECK(run(pub(broker.port(), {"-t", "svc", "-r", "-m", "old", "-D", "publish", "response-topic", "ans"}))
            .code == 0);
  Process server = serving(broker, {"--echo", "--allow-response", "ans/+", "-C", "1"});
  const auto ask = [&](const char* response) {
    CHECK(run(pub(broker.port(),
                  {"-q", "1", "-t", "svc", "-m", "x", "-D", "publish", "response-topic", response}))
              .code == 0);
  };
  for (const char* topic : {"$SYS/x", "svc", "other"}) ask(topic);
  CHECK(run(pub(broker.port(), {"-q", "1", "-t", "svc", "-m", "x", "--repeat", "12"})).code == 0);
  ask("ans/1");
  const Outcome outcome = server.wait();
  CHECK(outcome.code == 0);
  CHECK(holds(outcome.err, "'svc': no answer: the response topic '$SYS/x' is one of the server's own\n"));
  CHECK(holds(outcome.err, "'svc': no answer: the response topic 'svc' would lead back here, by 'svc'\n"));
  CHECK(holds(outcome.err, "'svc': no answer: the response topic 'other' is not allowed\n"));
  CHECK(count_of("'svc': no answer: the request names no response topic\n", outcome.err) == 10);
  CHECK(count_of("further requests of that kind (no-response-topic) are only counted\n", outcome.err) == 1);
  CHECK(outcome.err.ends_with("1 answered, 0 failed, 3 refused, 12 without response topic, 0 busy\n"));
}

TEST_CASE("failures have a status, their reason is the payload") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string schema = dir.write("s.json", R"({"type":"object","required":["a"]})");
  const std::string script =
      "case $MQTT_FIELD_a in 1) echo well;; 2) echo no >&2; exit 3;; 3) exit 4;; 4) kill -9 $$;; esac";
  Process server = serving(broker, {"--shell", "--schema", schema, "-D", "publish", "content-type",
                                    "image/png", "--exec", script});
  CHECK(answer_to(broker, R"({"a":1})") == "well\n [responder:server]\n");
  CHECK(answer_to(broker, R"({"a":2})") == "no\n [responder:server status:failed exit-code:3]\n");
  CHECK(answer_to(broker, R"({"a":3})") ==
        "the command ended with status 4 [responder:server status:failed exit-code:4]\n");
  CHECK(answer_to(broker, R"({"a":4})") ==
        "the command was ended by signal 9 (Killed) [responder:server status:failed]\n");
  CHECK(answer_to(broker, "{}") ==
        "the payload: required: expected member 'a', found no such member [responder:server "
        "status:invalid]\n");
  CHECK(answer_to(broker, "") == "the request is empty [responder:server status:invalid]\n");
  const Outcome ended = interrupted(server);
  CHECK(holds(ended.err, "'svc': the request failed: the command ended with status 3\n"));
  CHECK(ended.err.ends_with("1 answered, 5 failed, 0 refused, 0 without response topic, 0 busy\n"));
}

TEST_CASE("over 3.1.1 answers go by convention, and a JSON member tells them apart") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process server(serve(broker, {"-i", "server", "-V", "311", "-t", "svc", "--correlation-field", "id", "--jq",
                                "if .payload.bad then \"text\" else {n: .payload.n} end"}));
  broker.await_subscription("server", "svc/+/+");
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "svc/+/+/answer", "-C", "3", "-v"}));
  broker.await_subscription("reader", "svc/+/+/answer");
  for (const auto& [topic, request] : {std::pair("svc/me/1", R"({"id":"x","n":1.5})"),
                                       {"svc/you/2", R"({"n":2})"},
                                       {"svc/me/3", R"({"id":7,"bad":true})"}})
    CHECK(run(pub(broker.port(), {"-V", "311", "-q", "1", "-t", topic, "-m", request})).code == 0);
  CHECK(reader.wait().out ==
        "svc/me/1/answer {\"n\":1.5,\"id\":\"x\"}\n"
        "svc/you/2/answer {\"n\":2}\n"
        "svc/me/3/answer {\"error\":\"the answer is no JSON object that could carry the request's member\","
        "\"status\":\"failed\",\"id\":7}\n");
}

TEST_CASE("-v shows a line for each answer") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process server = serving(broker, {"--echo", "-v", "-C", "2"});
  for (int i = 0; i < 2; ++i) answer_to(broker, "x");
  const std::string out = server.wait().out;
  CHECK(count_of("'svc' -> 'mqttkit/", out) == 2);
  CHECK(count_of(" ms ok\n", out) == 2);
}

TEST_CASE("two responders share the requests") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  std::vector<Process> servers;
  for (const char* id : {"one", "two"}) {
    servers.emplace_back(serve(broker, {"-i", id, "-t", "$share/all/svc", "--echo"}));
    broker.await_subscription(id, "$share/all/svc");
  }
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "ans", "-q", "1", "-C", "100", "-F", "%P %p"}));
  broker.await_subscription("reader", "ans");
  CHECK(run(pub(broker.port(), {"-t", "svc", "-q", "1", "-m", "{count}", "--template", "--repeat", "100",
                                "-D", "publish", "response-topic", "ans"}))
            .code == 0);
  const std::string answers = reader.wait().out;
  const std::size_t one = count_of("responder:one ", answers);
  CHECK(one > 0);
  CHECK(one < 100);
  CHECK(one + count_of("responder:two ", answers) == 100);
  for (int i = 1; i <= 100; ++i) CHECK(count_of(fmt::format(" {}\n", i), answers) == 1);
}

TEST_CASE("a request that asks for an answer to its own topic does not go round") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  // Each would answer what the other answers, but for the mark.
  Process one(serve(broker, {"-i", "one", "-t", "a", "-e", "b", "--echo"}));
  Process two(serve(broker, {"-i", "two", "-t", "b", "-e", "a", "--echo"}));
  broker.await_subscription("one", "a");
  broker.await_subscription("two", "b");
  CHECK(run(pub(broker.port(), {"-t", "a", "-q", "1", "-m", "x"})).code == 0);
  two.await_err("'b': no answer: it is an answer itself\n");
  CHECK(interrupted(one).err == "1 answered, 0 failed, 0 refused, 0 without response topic, 0 busy\n");
}

TEST_CASE("requests in a format, or in one by the payload map, are not empty") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string map = dir.write("map.toml", "[[rule]]\ntopic = \"svc\"\nformat = \"json\"\n");
  for (const auto& [options, valid] : {std::pair(Arguments{"--format", "json"}, false),
                                       {Arguments{"--payload-map", map}, false},
                                       {Arguments{"--format", "text"}, true},
                                       {Arguments{}, true}}) {
    Arguments all = options;
    all.emplace_back("--echo");
    Process server = serving(broker, all);
    CHECK(answer_to(broker, "").contains("status:invalid") != valid);
    CHECK(interrupted(server).code == 130);
  }
}

TEST_CASE("two responders over 3.1.1 do not make each other's topics longer for ever") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process one(serve(broker, {"-i", "one", "-V", "311", "-t", "a/#", "-e", "b/{topic}", "--echo"}));
  Process two(serve(broker, {"-i", "two", "-V", "311", "-t", "b/#", "-e", "a/{topic}", "--echo"}));
  broker.await_subscription("one", "a/#");
  broker.await_subscription("two", "b/#");
  CHECK(run(pub(broker.port(), {"-t", "a/x", "-q", "1", "-m", "x"})).code == 0);
  one.await_err("'a/b/a/x': no answer: an answer of ours has come back in it\n");
  CHECK(
      interrupted(one).err.ends_with("1 answered, 0 failed, 1 refused, 0 without response topic, 0 busy\n"));
  CHECK(interrupted(two).err == "1 answered, 0 failed, 0 refused, 0 without response topic, 0 busy\n");
}

TEST_CASE("answers have a format and a schema of their own") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string schema = dir.write("answer.json", R"({"required":["sum"]})");
  Process server = serving(broker, {"--jq", "if .payload.a then {sum: (.payload.a + 1)} else {no: 1} end",
                                    "--answer-format", "cbor", "--answer-schema", schema});
  const auto ask = [&broker](const std::string& request) {
    return run(rr(broker.port(), {"-t", "svc", "-m", request, "-F", "%x"}));
  };
  CHECK(ask("{\"a\":1}").out == "a16373756d02\n");
  CHECK(failed_with(ask("{}"), 9, "'failed': 'the answer cannot be sent: the payload: required"));
  CHECK(interrupted(server).code == 130);
  CHECK(
      failed_with(run(serve(broker, {"-t", "x", "--echo", "--answer-format", "cbor"})), 2, "byte for byte"));
}
