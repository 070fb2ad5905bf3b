#include "shared/json_message.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "shared/message.hpp"

namespace mq {
namespace {

constexpr std::string_view timestamp = "2026-11-22T06:47:58.597706+01:00";

std::string line_of(const Publish& publish, JsonPayload payload) {
  Buffer out;
  append_json(publish, timestamp, payload, out);
  return out;
}

// The line's part from the payload on.
std::string payload_part(Bytes payload, JsonPayload how) {
  const std::string line = line_of(test::message("t", payload), how);
  return line.substr(line.find(",\"payload\":") + 1);
}

TEST_CASE("the members of a line") {
  PropertyList properties;
  REQUIRE(properties.add_user("k", "v"));
  REQUIRE(properties.add(PropertyId::content_type, "application/json"));
  REQUIRE(properties.add_user("k", "\"w\""));
  REQUIRE(properties.add(PropertyId::payload_format_indicator, 1));
  REQUIRE(properties.add(PropertyId::message_expiry_interval, 4'294'967'295));
  REQUIRE(properties.add(PropertyId::response_topic, "r/\u00E9"));
  REQUIRE(properties.add(PropertyId::subscription_identifier, 268'435'455));
  REQUIRE(properties.add(PropertyId::topic_alias, 3));
  const Publish publish{.qos = QoS::at_least_once,
                        .retain = true,
                        .topic = "s/1",
                        .packet_id = 65535,
                        .properties = properties.view(),
                        .payload = R"({"a":1})"};
  const std::string head =
      R"({"tst":"2026-11-22T06:47:58.597706+01:00","topic":"s/1","qos":1,"retain":true,"payloadlen":7,"mid":65535,)"
      R"("properties":{"user-properties":[{"k":"v"},{"k":"\"w\""}],"content-type":"application/json",)"
      R"("payload-format-indicator":1,"message-expiry-interval":4294967295,"response-topic":"r/é",)"
      R"("subscription-identifier":268435455,"topic-alias":3},"payload":)";
  CHECK(line_of(publish, JsonPayload::text) == head + R"("{\"a\":1}"})");
  CHECK(line_of(publish, JsonPayload::value) == head + R"({"a":1}})");
}

TEST_CASE("a plain message has neither packet identifier nor properties") {
  CHECK(
      line_of(test::message("t", "x"), JsonPayload::text) ==
      R"({"tst":"2026-11-22T06:47:58.597706+01:00","topic":"t","qos":0,"retain":false,"payloadlen":1,"payload":"x"})");
}

TEST_CASE("payloads as text") {
  CHECK(payload_part("", JsonPayload::text) == R"("payload":null})");
  CHECK(payload_part("null", JsonPayload::text) == R"("payload":"null"})");
  CHECK(payload_part(Bytes("a\0b", 3), JsonPayload::text) == R"("payload":"a\u0000b"})");
  CHECK(payload_part("\xFF\xFE", JsonPayload::text) == R"("payload":"//4=","payload-encoding":"base64"})");
}

TEST_CASE("payloads as JSON values keep their spelling") {
  CHECK(payload_part("", JsonPayload::value) == R"("payload":null})");
  CHECK(payload_part(R"({"b": 1.50, "a": 12345678901234567890123, "a": 0})", JsonPayload::value) ==
        R"("payload":{"b": 1.50, "a": 12345678901234567890123, "a": 0}})");
  CHECK(payload_part("\"text\"", JsonPayload::value) == R"("payload":"text"})");
  CHECK(payload_part("[1,\n 2]\r\n", JsonPayload::value) == R"("payload":[1,2]})");
}

TEST_CASE("payloads that are no JSON are shown all the same") {
  CHECK(payload_part("hello", JsonPayload::value) == R"("payload":"hello","payload-encoding":"utf8"})");
  CHECK(payload_part("{\"a\":", JsonPayload::value) == R"("payload":"{\"a\":","payload-encoding":"utf8"})");
  CHECK(payload_part(Bytes("1\0", 2), JsonPayload::value) ==
        R"("payload":"1\u0000","payload-encoding":"utf8"})");
  CHECK(payload_part("1e999", JsonPayload::value) == R"("payload":"1e999","payload-encoding":"utf8"})");
  CHECK(payload_part("\x80", JsonPayload::value) == R"("payload":"gA==","payload-encoding":"base64"})");
  CHECK(payload_part(std::string(600, '[') + std::string(600, ']'), JsonPayload::value)
            .ends_with(R"(]","payload-encoding":"utf8"})"));
}

TEST_CASE("correlation data is text or base64") {
  PropertyList text;
  REQUIRE(text.add(PropertyId::correlation_data, Bytes("id\0\n", 4)));
  CHECK(line_of(test::message("t", {}, text.view()), JsonPayload::text)
            .contains(R"("properties":{"correlation-data":"id\u0000\n"},)"));
  PropertyList binary;
  REQUIRE(binary.add(PropertyId::correlation_data, "\xC0\xAF"));
  CHECK(line_of(test::message("t", {}, binary.view()), JsonPayload::text)
            .contains(R"("properties":{"correlation-data":"wK8=","correlation-data-encoding":"base64"},)"));
}

TEST_CASE("several subscription identifiers are a list, not a name twice") {
  PropertyList properties;
  REQUIRE(properties.add(PropertyId::subscription_identifier, 2));
  REQUIRE(properties.add(PropertyId::content_type, "c"));
  REQUIRE(properties.add(PropertyId::subscription_identifier, 1));
  CHECK(line_of(test::message("t", {}, properties.view()), JsonPayload::text)
            .contains(R"("properties":{"subscription-identifier":[2,1],"content-type":"c"},)"));
}

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  std::string bytes(std::size_t most) {
    std::string out(random_() % (most + 1), '\0');
    for (char& c : out) c = static_cast<char>(random_());
    return out;
  }

  // Valid UTF-8 with what JSON has to escape in it, NUL only where it may be.
  std::string text(std::size_t most, bool with_nul) {
    static constexpr std::string_view parts[] = {"a",    "\"",     "\\",     "\n",        "\x01",
                                                 "\x7F", "\u00E9", "\u2028", "\U0001F600"};
    std::string out;
    for (std::size_t i = random_() % (most + 1); i > 0; --i) out += parts[random_() % std::size(parts)];
    if (with_nul && random_() % 2 == 0) out += '\0';
    return out;
  }

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }

 private:
  std::mt19937 random_;
};

std::string decoded(const nlohmann::json& parent, const std::string& name) {
  const nlohmann::json& value = parent.at(name);
  if (value.is_null()) return {};
  auto text = value.get<std::string>();
  if (!parent.contains(name + "-encoding")) return text;
  if (parent.at(name + "-encoding") == "utf8") return text;
  const auto bytes = from_base64(text);
  REQUIRE(bytes);
  return *bytes;
}

TEST_CASE("whatever a message holds, its line is JSON and gives it back") {
  Maker make(7);
  for (int i = 0; i < 5000; ++i) {
    const std::string topic = make.text(6, false);
    const std::string payload = make.below(2) == 0 ? make.bytes(40) : make.text(20, true);
    const std::string correlation = make.below(2) == 0 ? make.bytes(8) : make.text(4, true);
    std::vector<std::pair<std::string, std::string>> pairs;
    PropertyList properties;
    for (unsigned n = make.below(4); n > 0; --n) {
      pairs.emplace_back(make.text(2, false), make.text(3, false));
      properties.add(
          {.id = PropertyId::user_property, .name = pairs.back().first, .value = pairs.back().second});
    }
    REQUIRE(properties.add(PropertyId::correlation_data, correlation));
    const Publish publish = test::message(topic, payload, properties.view());

    for (const JsonPayload how : {JsonPayload::text, JsonPayload::value}) {
      const std::string line = line_of(publish, how);
      CAPTURE(line);
      CHECK_FALSE(line.contains('\n'));
      const auto parsed = nlohmann::json::parse(line, nullptr, false);
      REQUIRE_FALSE(parsed.is_discarded());
      CHECK(parsed.at("topic") == topic);
      CHECK(parsed.at("payloadlen") == payload.size());
      CHECK(decoded(parsed.at("properties"), "correlation-data") == correlation);
      if (!pairs.empty()) {
        const auto& list = parsed.at("properties").at("user-properties");
        REQUIRE(list.size() == pairs.size());
        for (std::size_t k = 0; k < pairs.size(); ++k) CHECK(list[k].at(pairs[k].first) == pairs[k].second);
      }
      if (how == JsonPayload::text || parsed.contains("payload-encoding") || payload.empty()) {
        CHECK(decoded(parsed, "payload") == payload);
        CHECK(parsed.contains("payload-encoding") ==
              (!payload.empty() && (how == JsonPayload::value || !is_utf8(payload))));
      } else {
        CHECK(parsed.at("payload") == nlohmann::json::parse(payload));
      }
    }
  }
}

}  // namespace
}  // namespace mq
