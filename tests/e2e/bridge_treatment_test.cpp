// Contracts on the way: what treatments make of messages between real brokers, and what the bridge counts.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "e2e/bridge_run.hpp"

using namespace mq;

namespace {

const std::string schema = R"({"type": "object", "properties": {"temp": {"type": "number", "maximum": 50}}})";
const std::string definitions = "syntax = \"proto3\"; package p; message M { int32 temp = 1; }";

std::string map_of(const std::string& topic, const std::string& format, const std::string& further) {
  return "[[rule]]\ntopic = \"" + topic + "/#\"\nformat = \"" + format + "\"\n" + further;
}

std::string route_of(const std::string& name, const std::string& treatment) {
  return "[[route]]\nname = \"" + name + "\"\nfrom = \"a\"\nto = \"b\"\ntopics = [{ from = \"" + name +
         "/#\", to = \"" + name + "/there/$1\" }]\n[route.treatment]\n" + treatment + "\n";
}

struct Sent {
  std::string topic;
  nlohmann::json payload;
  bool retain = false;
};

std::string lines_of(const std::vector<Sent>& messages, int qos) {
  std::string lines;
  for (const Sent& each : messages) {
    const nlohmann::json line{{"topic", each.topic + "/" + std::to_string(qos)},
                              {"payload", each.payload},
                              {"qos", qos},
                              {"retain", each.retain},
                              {"properties", {{"content_type", "application/json"}}}};
    lines += line.dump() + "\n";
  }
  return lines;
}

using Arrived = std::map<std::string, std::vector<nlohmann::json>>;  // by topic, in their order

Arrived arrived(const std::string& out) {
  Arrived messages;
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t end = out.find('\n', at);
    auto message = nlohmann::json::parse(out.substr(at, end - at));
    messages[message["topic"]].push_back(std::move(message));
    at = end + 1;
  }
  return messages;
}

std::string user(const nlohmann::json& message, const std::string& name) {
  if (!message.contains("properties") || !message["properties"].contains("user_properties")) return "none";
  for (const auto& pair : message["properties"]["user_properties"])
    if (pair[0] == name) return pair[1];
  return "none";
}

std::string content_type(const nlohmann::json& message) {
  if (!message.contains("properties")) return "no properties";
  return message["properties"].value("content_type", "none");
}

}  // namespace

TEST_CASE("invalid messages are marked, dropped or dead letters, and counted, at every QoS and version") {
  if (!have_mosquitto()) return;
  for (const std::string version : {"5", "311"}) {
    for (const std::string store : {"memory", "through"}) {
      CAPTURE(version);
      CAPTURE(store);
      Mosquitto a(keeping_broker()), b(keeping_broker());
      const TempDir dir;
      dir.write("s.json", schema);
      dir.write("map.toml", map_of("+", "json", "schema = \"s.json\"\n"));
      const std::string map = "payload-map = \"" + dir.file("map.toml") + "\"\n";
      const std::string file = dir.write(
          "bridge.toml",
          bridge_file(
              {a.port(), b.port()}, "store = \"" + store + "\"", "protocol-version = " + version,
              route_of("mark", map) + route_of("drop", map + "invalid = \"drop\"") +
                  route_of("dead", map + "invalid = \"dead-letter\"\ndead-letter-topic = \"letters\"")));
      Process carrier(bridge(file));
      await_bridge(carrier, 2);
      for (const char* filter : {"mark/#", "drop/#", "dead/#"}) a.await_subscription("bridge-a", filter);
      Process checker(sub(b.port(), {"-t", "#", "-q", "2", "--output", "json", "-i", "checker"}));
      b.await_subscription("checker", "#");
      std::string lines;
      for (const int qos : {0, 1, 2})
        lines += lines_of({{"mark", {{"temp", 50}}},
                           {"mark", {{"temp", 61}}},
                           {"drop", {{"temp", 61}}},
                           {"drop", {{"temp", 1}}},
                           {"dead", {{"temp", 62}}, true},
                           {"dead", {{"temp", 2}}},
                           {"dead", "", true}},
                          qos);
      CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json"}), lines)).code == 0);
      checker.await_lines(18);
      const Arrived messages = arrived(checker.out());
      for (const std::string qos : {"0", "1", "2"}) {
        CAPTURE(qos);
        const auto& marked = messages.at("mark/there/" + qos);
        REQUIRE(marked.size() == 2);
        CHECK(marked[0]["payload"]["temp"] == 50);
        CHECK(marked[1]["payload"]["temp"] == 61);
        CHECK(user(marked[0], "mqttkit-invalid") == "none");
        const std::string reason = "/temp: maximum: expected at most 50, found 61";
        CHECK(user(marked[1], "mqttkit-invalid") == (version == "5" ? reason : "none"));
        const auto& left = messages.at("drop/there/" + qos);
        REQUIRE(left.size() == 1);
        CHECK(left[0]["payload"]["temp"] == 1);
        const auto& valid = messages.at("dead/there/" + qos);
        REQUIRE(valid.size() == 2);
        CHECK(valid[0]["payload"]["temp"] == 2);
        CHECK(valid[1]["payload"] == "");
      }
      auto letters = messages.at("letters");
      REQUIRE(letters.size() == 3);
      std::ranges::sort(letters, {}, [](const nlohmann::json& one) { return one["qos"].get<int>(); });
      for (std::size_t i = 0; i < letters.size(); ++i) {
        CHECK(letters[i]["payload"]["temp"] == 62);
        CHECK(letters[i]["retain"] == false);
        CHECK(letters[i]["qos"] == i);
        if (version != "5") continue;
        CHECK(user(letters[i], "mqttkit-invalid") == "/temp: maximum: expected at most 50, found 62");
        CHECK(user(letters[i], "mqttkit-topic") == "dead/" + std::to_string(i));
        CHECK(user(letters[i], "mqttkit-route") == "dead");
        CHECK(content_type(letters[i]) == "application/json");
      }
      carrier.signal(SIGTERM);
      const Outcome outcome = carrier.wait();
      CHECK(outcome.code == 0);
      CHECK(holds(outcome.err, "mark: 6 came, 6 delivered, 3 carried though invalid"));
      CHECK(holds(outcome.err, "drop: 6 came, 3 delivered, 3 dropped as invalid\n"));
      CHECK(holds(outcome.err, "dead: 9 came, 9 delivered, 3 carried though invalid"));
    }
  }
}

TEST_CASE("messages change their format, go through a program and lose their doubles") {
  if (!have_mosquitto()) return;
  for (const std::string version : {"5", "311"}) {
    for (const std::string store : {"disk", "through"}) {
      CAPTURE(version);
      CAPTURE(store);
      Mosquitto a(keeping_broker()), b(keeping_broker());
      const TempDir dir;
      dir.write("p.proto", definitions);
      dir.write("map.toml", map_of("proto", "json", "proto = \"p.proto\"\nproto-type = \"p.M\"\n"));
      const std::string map = "payload-map = \"" + dir.file("map.toml") + "\"\n";
      std::string top = "store = \"" + store + "\"\n";
      if (store == "disk") top += "store-path = \"" + dir.file("s.sqlite") + "\"\n";
      const std::string file =
          dir.write("bridge.toml",
                    bridge_file({a.port(), b.port()}, top, "protocol-version = " + version,
                                route_of("cbor", "from-format = \"json\"\nto-format = \"cbor\"") +
                                    route_of("proto", map + "to-format = \"protobuf\"\ninvalid = \"drop\"") +
                                    route_of("many",
                                             "jq = 'select(.payload.n > 0) | .topic as $t | "
                                             "range(.payload.n) | {t: $t, i: .}'") +
                                    route_of("twice", "doubles-within = \"1h\"")));
      Process carrier(bridge(file));
      await_bridge(carrier, 2);
      for (const char* filter : {"cbor/#", "proto/#", "many/#", "twice/#"})
        a.await_subscription("bridge-a", filter);
      Process checker(sub(b.port(), {"-t", "#", "-q", "2", "--output", "json", "-i", "checker"}));
      b.await_subscription("checker", "#");
      std::string lines;
      for (const int qos : {0, 1, 2})
        lines += lines_of({{"cbor", {{"a", 1}}},
                           {"proto", {{"temp", 150}}},
                           {"proto", {{"other", 150}}},
                           {"many", {{"n", 3}}},
                           {"many", {{"n", 0}}},
                           {"twice", {{"x", 1}}},
                           {"twice", {{"x", 1}}},
                           {"twice", {{"x", 2}}}},
                          qos);
      CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json"}), lines)).code == 0);
      checker.await_lines(21);
      const Arrived messages = arrived(checker.out());
      for (const std::string qos : {"0", "1", "2"}) {
        CAPTURE(qos);
        const auto& cbor = messages.at("cbor/there/" + qos);
        REQUIRE(cbor.size() == 1);
        CHECK(cbor[0]["raw"] == "oWFhAQ==");  // a1 61 61 01
        const auto& proto = messages.at("proto/there/" + qos);
        REQUIRE(proto.size() == 1);
        CHECK(proto[0].value("raw", proto[0]["payload"]) == "CJYB");  // 08 96 01
        const auto& many = messages.at("many/there/" + qos);
        REQUIRE(many.size() == 3);
        for (std::size_t i = 0; i < many.size(); ++i) {
          CHECK(many[i]["payload"]["i"] == i);
          CHECK(many[i]["payload"]["t"] == "many/" + qos);
        }
        const auto& twice = messages.at("twice/there/" + qos);
        REQUIRE(twice.size() == 2);
        CHECK(twice[1]["payload"]["x"] == 2);
        CHECK(content_type(cbor[0]) == (version == "5" ? "application/cbor" : "no properties"));
        CHECK(content_type(proto[0]) == (version == "5" ? "application/protobuf" : "no properties"));
        CHECK(content_type(many[0]) == (version == "5" ? "application/json" : "no properties"));
        if (version != "5") continue;
        CHECK(many[0]["properties"]["payload_format_indicator"] == 1);
        CHECK_FALSE(cbor[0]["properties"].contains("payload_format_indicator"));
      }
      carrier.signal(SIGTERM);
      const Outcome outcome = carrier.wait();
      CHECK(outcome.code == 0);
      // With a disk what is under way at the end may stay there: it needs no answer then.
      const auto told = [&](const std::string& came, const std::string& delivered, const std::string& rest) {
        return holds(outcome.err, came + (store == "disk" ? ", " : delivered)) && holds(outcome.err, rest);
      };
      CHECK(told("cbor: 3 came", ", 3 delivered\n", ""));
      CHECK(told("proto: 6 came", ", 3 delivered", ", 3 dropped as invalid"));
      CHECK(told("many: 6 came", ", 9 delivered", ", 3 left out by the jq program"));
      CHECK(told("twice: 9 came", ", 6 delivered", ", 3 doubles"));
    }
  }
}

TEST_CASE("a program that never ends holds up no end, and its message comes again") {
  if (!have_mosquitto()) return;
  Mosquitto a(keeping_broker()), b(keeping_broker());
  const TempDir dir;
  const auto file = [&](const std::string& jq) {
    return dir.write("bridge.toml", bridge_file({a.port(), b.port()}, "store = \"memory\"", "",
                                                route_of("way", "jq = '" + jq + "'")));
  };
  Process first(bridge(file("def forever: forever; .payload | if . == 2 then forever else . end")));
  await_bridge(first, 2);
  a.await_subscription("bridge-a", "way/#");
  Process checker(sub(b.port(), {"-t", "way/#", "-q", "1", "-i", "checker"}));
  b.await_subscription("checker", "way/#");
  CHECK(run(pub(a.port(), {"-t", "way/x", "-q", "1", "-m", "1"})).code == 0);
  checker.await_lines(1);
  CHECK(run(pub(a.port(), {"-t", "way/x", "-q", "1", "-m", "2"})).code == 0);
  first.signal(SIGTERM);
  CHECK(first.wait().code == 0);
  Process second(bridge(file(".payload")));
  checker.await_lines(2);
  CHECK(checker.out() == "1\n2\n");
}

TEST_CASE("--check fails on a program, a map and a format that are no good, and warns of marks") {
  const TempDir dir;
  const auto checked = [&dir](const std::string& treatment, const std::string& endpoint = "") {
    return run(Launch{.command = {MQTT_BRIDGE, "-c",
                                  dir.write("bridge.toml", bridge_file({1, 2}, "store = \"memory\"", endpoint,
                                                                       route_of("way", treatment))),
                                  "--check"}});
  };
  CHECK(failed_with(checked("jq = \"select(\""), 2, "route way: 'select(' is no jq program"));
  CHECK(failed_with(checked("payload-map = \"none.toml\""), 2, "none.toml"));
  CHECK(failed_with(checked("to-format = \"yaml\""), 2, "there is no format 'yaml'"));
  CHECK(failed_with(checked("to-format = \"avro\""), 2, "to-format avro needs a payload-map"));
  const Outcome fine = checked("jq = \".payload\"");
  CHECK(fine.code == 0);
  CHECK(fine.err.empty());
  const Outcome old = checked("jq = \".payload\"", "protocol-version = 311");
  CHECK(old.code == 0);
  CHECK(holds(old.err, "warning: route way marks invalid messages, but b has no properties below MQTT 5.0"));
}
