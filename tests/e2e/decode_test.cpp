// What people see of payloads: decoded, laid out, filtered, and as they came where nobody asked.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

struct Sent {
  std::string topic;
  Buffer payload;
  Arguments options = {};
};

// What mqtt-sub with `options` says of messages published one after the other.
Outcome seen(Mosquitto& broker, Arguments options, const std::vector<Sent>& messages) {
  options.insert(options.end(), {"-i", "reader", "-t", "d/#", "-q", "1"});
  Process reader(sub(broker.port(), options));
  broker.await_subscription("reader", "d/#");
  for (const Sent& message : messages) {
    Arguments publish{"-q", "1", "-t", message.topic, "-s"};
    publish.insert(publish.end(), message.options.begin(), message.options.end());
    const Outcome outcome = message.payload.empty()
                                ? run(pub(broker.port(), {"-t", message.topic, "-n"}))
                                : run(with_input(pub(broker.port(), publish), message.payload));
    CHECK(outcome.code == 0);
  }
  return reader.wait();
}

std::string message_schema() { return std::string(MQTTKIT_SOURCE_DIR) + "/docs/message.schema.json"; }

const std::vector<Sent> mixed{{"d/json", R"( {"temp": 1.50, "id": 12345678901234567890, "id": 1} )"},
                              {"d/text", "caf\u00E9 \x1b[31m"},
                              {"d/bytes", Buffer("\xFF\x00\x01", 3)},
                              {"d/none", ""}};

}  // namespace

TEST_CASE("through a pipe payloads come as they are, unless a format is asked for") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Outcome plain = seen(broker, {"-C", "4"}, mixed);
  CHECK(plain.out == mixed[0].payload + "\n" + mixed[1].payload + "\n" + mixed[2].payload + "\n\n");
  const Outcome decoded = seen(broker, {"-C", "4", "-v", "--format", "auto"}, mixed);
  CHECK(decoded.out ==
        "d/json {\"temp\":1.50,\"id\":12345678901234567890,\"id\":1}\n"
        "d/text caf\u00E9 \x1b[31m\n"
        "d/bytes ff0001\n"
        "d/none (null)\n");
  CHECK(decoded.err.empty());
}

TEST_CASE("a payload that is not what it should be is shown in hexadecimal, and the program goes on") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Outcome outcome = seen(broker, {"-C", "2", "--format", "json"}, {{"d/a", "oops"}, {"d/b", "[1]"}});
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "6f6f7073\n[1]\n");
  CHECK(holds(outcome.err, "'d/a': this is not JSON: line 1, column 1"));
  CHECK(count_of("\n", outcome.err) == 1);
}

TEST_CASE("text, hexadecimal, dumps and base64 go both ways") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Buffer bytes("\x00\x01hi\xFF", 5);
  const auto shown = [&](const std::string& format, const Buffer& payload, const Arguments& options = {}) {
    return seen(broker, {"-C", "1", "--format", format}, {{"d/x", payload, options}}).out;
  };
  CHECK(shown("hex", bytes) == "00016869ff\n");
  CHECK(shown("base64", bytes) == "AAFoaf8=\n");
  CHECK(shown("hexdump", bytes) == "00000000  00 01 68 69 ff                                    |..hi.|\n");
  CHECK(shown("raw", bytes) == bytes + "\n");
  CHECK(shown("hex", "0001 6869FF", {"--format", "hex"}) == "00016869ff\n");
  CHECK(shown("hex", "AAFoaf8=", {"--format", "base64"}) == "00016869ff\n");
  CHECK(shown("hex", "00000000  00 01 68 69 ff   |..hi.|\n00000005\n", {"--format", "hexdump"}) ==
        "00016869ff\n");
  CHECK(failed_with(run(pub(broker.port(), {"-t", "d/x", "-m", "0g", "--format", "hex"})), 7,
                    "this is not hexadecimal"));
}

TEST_CASE("a terminal shows JSON indented and in colour, and obeys nothing that comes from a payload") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const auto on_terminal = [&](Arguments options,
                               std::vector<std::pair<std::string, std::optional<std::string>>> set) {
    options.insert(options.end(), {"-i", "reader", "-t", "d/#", "-C", "3"});
    Launch launch = with_output(with_input(sub(broker.port(), options), Input::terminal), Output::terminal);
    set.insert(set.begin(), {{"TERM", "xterm"}, {"NO_COLOR", std::nullopt}});
    launch.environment.insert(launch.environment.end(), set.begin(), set.end());
    Process reader(launch);
    broker.await_subscription("reader", "d/#");
    for (const char* payload : {R"({"a":[1.50,"x\u001b"]})", "text \x1b[31m\x07", "\xFF"})
      CHECK(run(pub(broker.port(), {"-t", "d/x", "-m", payload})).code == 0);
    reader.wait();
    return reader.terminal();
  };
  CHECK(on_terminal({}, {}) ==
        "{\r\n  \x1b[34m\"a\"\x1b[0m: [\r\n    \x1b[36m1.50\x1b[0m,\r\n    \x1b[32m\"x\\u001b\"\x1b[0m\r\n  "
        "]\r\n}\r\n"
        "text \x1b[2m\\x1b\x1b[0m[31m\x1b[2m\\x07\x1b[0m\r\n"
        "\x1b[36mff\x1b[0m\r\n");
  const std::string plain =
      "{\r\n  \"a\": [\r\n    1.50,\r\n    \"x\\u001b\"\r\n  ]\r\n}\r\ntext \\x1b[31m\\x07\r\nff\r\n";
  CHECK(on_terminal({}, {{"NO_COLOR", "1"}}) == plain);
  CHECK(on_terminal({"--color", "never"}, {}) == plain);
  CHECK(on_terminal({"--format", "raw"}, {}) ==
        "{\"a\":[1.50,\"x\\u001b\"]}\r\ntext \x1b[31m\x07\r\n\xFF\r\n");
}

TEST_CASE("a jq program chooses and forms what is shown") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const std::vector<Sent> readings{{"d/1", R"({"temp":20,"id":9007199254740993})"},
                                   {"d/2", R"({"temp":31,"id":12345678901234567890})"},
                                   {"d/3", "no JSON"},
                                   {"d/4", R"({"temp":35})"}};
  const Outcome hot =
      seen(broker, {"-C", "2", "--jq", "select(.payload.temp? > 30) | .topic, .payload.id"}, readings);
  CHECK(hot.code == 0);
  CHECK(hot.out == "d/2\n12345678901234567890\nd/4\nnull\n");
  const Outcome changed = seen(broker, {"-C", "1", "--jq", ".payload.id? + 1"}, readings);
  CHECK(changed.code == 7);
  CHECK(changed.out == "1\n");
  CHECK(holds(changed.err, "does more than pass on the number 9007199254740993"));
  CHECK(failed_with(run(sub(broker.port(), {"-t", "x", "--jq", ".["})), 2, "is no jq program: syntax error"));
}

TEST_CASE("a jq program gets the whole message, whose bytes can always be had back") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Outcome outcome = seen(broker, {"-C", "4", "--jq", "."},
                               {{"d/a",
                                 R"({"a":1.5})",
                                 {"-r", "-D", "publish", "content-type", "application/json", "-D", "publish",
                                  "user-property", "k", "v", "-D", "publish", "correlation-data", "c"}},
                                {"d/b", R"({ "a": 1 })"},
                                {"d/c", "text"},
                                {"d/d", Buffer("\x00\xFF", 2)}});
  std::vector<nlohmann::json> messages;
  for (std::size_t at = 0; at < outcome.out.size(); at = outcome.out.find('\n', at) + 1)
    messages.push_back(nlohmann::json::parse(outcome.out.substr(at, outcome.out.find('\n', at) - at)));
  REQUIRE(messages.size() == 4);
  const Outcome held = run(
      with_input(pub(broker.port(), {"-t", "messages", "-l", "--schema", message_schema()}), outcome.out));
  CHECK(held.code == 0);
  CHECK(held.err.empty());
  const auto& first = messages[0];
  CHECK(first["topic"] == "d/a");
  CHECK(first["qos"] == 1);
  CHECK(first["packet_id"].is_number());
  CHECK(first["properties"]["content_type"] == "application/json");
  CHECK(first["properties"]["correlation_data"] == "Yw==");
  CHECK(first["properties"]["user_properties"] == nlohmann::json::parse(R"([["k","v"]])"));
  CHECK(first["encoding"] == "json");
  CHECK(messages[1]["encoding"] == "base64");
  CHECK(messages[1]["raw"] == "eyAiYSI6IDEgfQ==");
  CHECK(messages[1]["payload"]["a"] == 1);
  CHECK(messages[2]["encoding"] == "utf8");
  CHECK(messages[2]["payload"] == "text");
  CHECK(messages[3]["encoding"] == "base64");
  CHECK(messages[3]["payload"] == "AP8=");
}

TEST_CASE("JSON lines hold everything, whatever the payload") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Outcome outcome = seen(broker, {"-C", "4", "--output", "json"}, mixed);
  CHECK(outcome.code == 0);
  CHECK(count_of("\n", outcome.out) == 4);
  CHECK(holds(outcome.out, R"("payload":{"temp":1.50,"id":12345678901234567890,"id":1},"raw":)"));
  CHECK(holds(outcome.out, R"("encoding":"utf8","payload":"café \u001b[31m"})"));
  CHECK(holds(outcome.out, R"("encoding":"base64","payload":"/wAB"})"));
  CHECK(holds(outcome.out, R"("encoding":"utf8","payload":""})"));
  const Outcome held = run(
      with_input(pub(broker.port(), {"-t", "messages", "-l", "--schema", message_schema()}), outcome.out));
  CHECK(held.code == 0);
  CHECK(failed_with(run(sub({"-t", "x", "--output", "json", "-F", "%t"})), 2,
                    "goes neither with -F nor with --jq"));
}

TEST_CASE("options that make no sense together are refused before anything is sent") {
  const auto refused = [](const Arguments& arguments, std::string_view text) {
    return failed_with(run(sub(arguments)), 2, text);
  };
  CHECK(refused({"-t", "x", "--format", "yaml"}, "there is no format 'yaml'"));
  CHECK(refused({"-t", "x", "--format", "json", "--proto-type", "x.Y"}, "mean nothing with --format json"));
  CHECK(refused({"-t", "x", "--proto", "a.proto", "--avro-schema", "b.avsc"}, "--avro-schema means nothing"));
  CHECK(refused({"-t", "x", "--validate"}, "there is nothing to hold payloads to"));
  CHECK(refused({"-t", "x", "--jq", ".", "-F", "%t"}, "--jq and -F exclude each other"));
  CHECK(refused({"-t", "x", "--on-invalid", "hide"}, "--on-invalid means nothing without --validate"));
  CHECK(refused({"-t", "x", "--color", "green"}, "'green' is none of auto, always, never"));
  CHECK(failed_with(run(sub({"-t", "x", "--payload-map", "/nonexistent/map.toml"})), 2,
                    "the payload map '/nonexistent/map.toml' cannot be read: no such file"));
}
