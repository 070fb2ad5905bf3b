// What a route's treatment makes of messages: its contracts and its doubles.
#include "bridge/treatment.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "base/utf8.hpp"
#include "bridge/treated.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;
using test::properties_of;
using test::Treated;
using test::TreatedRoute;

}  // namespace

TEST_CASE("a route that asks for no treatment has none, and wrong files and programs show when it is made") {
  RoutePlan plain;
  plain.treatment.most_per_second = 5;
  const auto none = Treatment::make(plain);
  REQUIRE(none);
  CHECK(*none == nullptr);

  TreatedRoute route;
  CHECK(route.error() == "none");
  route.treatment().jq = "select(";
  CHECK(route.error().starts_with("'select(' is no jq program"));
  route.treatment().jq.clear();
  route.treatment().to_format = "yaml";
  CHECK(route.error() == "there is no format 'yaml'");
  route.treatment().to_format.clear();
  route.treatment().from_format = "yaml";
  CHECK(route.error() == "there is no format 'yaml'");
  route.treatment().from_format.clear();
  route.map_is("[[rule]]\ntopic = \"#\"\nschema = \"none.json\"\n");
  CHECK(route.error().contains("none.json"));
  route.treatment().payload_map = route.dir.file("none.toml");
  CHECK(route.error().contains("none.toml"));
}

TEST_CASE("what breaks its schema is marked, and else as it was") {
  TreatedRoute route;
  const PropertyList properties = properties_of("application/json", true);
  Treated made = route.one(R"({"temp": 50})", properties);
  CHECK_FALSE(route.invalid);
  CHECK(made.properties.view() == properties.view());
  CHECK(made.payload == R"({"temp": 50})");
  CHECK(made.topic == "there");

  route.retain = true;
  made = route.one(R"({"temp": 61})", properties);
  CHECK(route.invalid);
  CHECK(made.payload == R"({"temp": 61})");
  CHECK(made.topic == "there");
  CHECK(made.retain);
  CHECK(made.user("mqttkit-invalid") == "/temp: maximum: expected at most 50, found 61");
  CHECK(made.user("kept") == "yes");
  CHECK(made.content_type() == "application/json");

  made = route.one("{");
  CHECK(route.invalid);
  CHECK(made.user("mqttkit-invalid").starts_with("the payload: format: "));
  route.topic = "elsewhere";
  CHECK(route.one("{").user("mqttkit-invalid").empty());
  CHECK_FALSE(route.invalid);
}

TEST_CASE("what breaks its schema is dropped") {
  TreatedRoute route;
  route.treatment().invalid = InvalidPolicy::drop;
  CHECK(route.treat(R"({"temp": 61})").empty());
  CHECK(route.ends == Fate::invalid);
  CHECK(route.invalid);
  CHECK(route.treat(R"({"temp": 6})").size() == 1);
}

TEST_CASE("what breaks its schema goes to the dead letters, with what was wrong and where it is from") {
  TreatedRoute route;
  route.dead_letters();
  route.retain = true;
  const PropertyList properties = properties_of("application/json", true);
  const Treated made = route.one(R"({"temp": 61})", properties);
  CHECK(route.invalid);
  CHECK(made.topic == "dead");
  CHECK(made.payload == R"({"temp": 61})");
  CHECK_FALSE(made.retain);
  CHECK(made.user("mqttkit-invalid") == "/temp: maximum: expected at most 50, found 61");
  CHECK(made.user("mqttkit-topic") == "reading/1");
  CHECK(made.user("mqttkit-route") == "checked");
  CHECK(made.user("kept") == "yes");
  CHECK(made.content_type() == "application/json");
  CHECK(route.one(R"({"temp": 6})").topic == "there");
}

TEST_CASE("[MQTT-1.5.4-1] [MQTT-1.5.4-2] a reason is short, whole text without control characters") {
  TreatedRoute route;
  std::string versions;
  for (int i = 0; i < 400; ++i)
    versions += "\"\u00e9\\u0085\\u0007" + std::to_string(i) + "\" = \"s.json\", ";
  route.map_is("[[rule]]\ntopic = \"#\"\nversion = \"/v\"\nversions = { " + versions + "z = \"s.json\" }\n");
  const std::string reason = route.one(R"({"v": "none"})").user("mqttkit-invalid");
  CAPTURE(reason);
  CHECK(reason.contains("\u00e9??"));
  CHECK(reason.size() <= 1000);
  CHECK(reason.size() > 990);
  CHECK(is_utf8(reason));
  for (const char c : reason) CHECK(octet(c) >= 0x20);
  CHECK_FALSE(reason.contains("\u0085"));
}

TEST_CASE("equal messages within a time are one, but for what came marked as a duplicate") {
  TreatedRoute route;
  route.plan.treatment = {};
  route.treatment().doubles_within = 10s;
  CHECK(route.treat("1").size() == 1);
  route.now += 9999ms;
  CHECK(route.treat("1").empty());
  CHECK(route.ends == Fate::doubled);
  CHECK_FALSE(route.invalid);
  CHECK(route.treat("2").size() == 1);
  route.topic = "reading/2";
  CHECK(route.treat("1").size() == 1);
  route.topic = "reading/1";
  // [MQTT-3.3.1-1]: it may be the first of which anything is known here.
  CHECK(route.treat("1", {}, true).size() == 1);
  // It is the first that counts, not its doubles.
  route.now += 1ms;
  CHECK(route.treat("2").empty());
  route.now += 10s;
  CHECK(route.treat("2").size() == 1);
}

TEST_CASE("only what was valid and went on has doubles") {
  TreatedRoute route;
  route.treatment().doubles_within = 10s;
  for (int i = 0; i < 2; ++i) {
    CHECK(route.treat(R"({"temp": 61})").size() == 1);
    CHECK(route.invalid);
  }
  CHECK(route.treat(R"({"temp": 1})").size() == 1);
  CHECK(route.treat(R"({"temp": 1})").empty());
  route.made.reset();
  route.treatment().jq = "if .payload.temp == 1 then error else empty end";
  for (int i = 0; i < 2; ++i) {
    CHECK(route.treat(R"({"temp": 1})").size() == 1);
    CHECK(route.invalid);
    CHECK(route.treat(R"({"temp": 2})").empty());
    CHECK(route.ends == Fate::filtered);
  }
}

TEST_CASE("the destination retains what the source does, whatever is left out as a double") {
  TreatedRoute route;
  route.plan.treatment = {};
  route.treatment().doubles_within = 10s;
  route.retain = true;
  CHECK(route.treat("on").size() == 1);
  CHECK(route.treat("on").empty());
  CHECK(route.treat("off").size() == 1);
  CHECK(route.treat("on").size() == 1);
  CHECK(route.treat("").size() == 1);
  CHECK(route.treat("on").size() == 1);
}

TEST_CASE("[MQTT-3.3.1-6] what deletes a retained message passes untouched") {
  TreatedRoute route;
  route.treatment().doubles_within = 10s;
  route.treatment().jq = "error";
  route.treatment().to_format = "cbor";
  route.dead_letters();
  route.retain = true;
  const PropertyList properties = properties_of("application/json", true);
  for (int i = 0; i < 2; ++i) {
    const Treated made = route.one("", properties);
    CHECK_FALSE(route.invalid);
    CHECK(made.payload.empty());
    CHECK(made.retain);
    CHECK(made.topic == "there");
    CHECK(made.properties.view() == properties.view());
  }
}

}  // namespace mq
