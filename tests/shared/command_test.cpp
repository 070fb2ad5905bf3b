#include "exec/command.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "payload/json.hpp"

using namespace mq;

namespace {

using Words = std::vector<std::string>;

std::string fault_of(std::string_view text) {
  const auto words = split_words(text);
  return words ? "none" : words.error().text;
}

// The value of a variable; "(none)" without one.
std::string value_of(const std::vector<std::string>& environment, const std::string& name) {
  const auto found = std::ranges::find_if(
      environment, [&](const std::string& variable) { return variable.starts_with(name + "="); });
  return found == environment.end() ? "(none)" : found->substr(name.size() + 1);
}

Publish plain() { return {.topic = "t", .properties = {}, .payload = {}}; }

std::vector<std::string> environment_of(const Publish& publish, std::string_view json) {
  Reading reading;
  reading.format = "json";
  reading.value = parse_json(json).value();
  return message_environment(publish, "2026-11-22T10:00:00Z", reading);
}

}  // namespace

TEST_CASE("a command is split as a shell splits it, and nothing of it is expanded") {
  CHECK(split_words("a b\t c\n") == Words{"a", "b", "c"});
  CHECK(split_words(R"(say 'a b' "c d" e\ f '' "")") == Words{"say", "a b", "c d", "e f", "", ""});
  CHECK(split_words(R"(a'b'"c"d)") == Words{"abcd"});
  CHECK(split_words(R"('\' "\"\\\n\$" \")") == Words{"\\", "\"\\\\n$", "\""});
  CHECK(split_words("echo $HOME `id` *;|>") == Words{"echo", "$HOME", "`id`", "*;|>"});
  CHECK(fault_of("") == "the command is empty");
  CHECK(fault_of(" \t") == "the command is empty");
  CHECK(fault_of("a 'b") == "the command has a ' without its end");
  CHECK(fault_of("a \"b\\\"") == "the command has a \" without its end");
  CHECK(fault_of("a \\") == "the command ends with a backslash");
}

TEST_CASE("a command's environment holds the message and its fields") {
  PropertyList properties;
  REQUIRE(properties.add(PropertyId::content_type, "text/x"));
  REQUIRE(properties.add(PropertyId::message_expiry_interval, 60));
  REQUIRE(properties.add(PropertyId::correlation_data, Bytes("\0\xFF", 2)));
  REQUIRE(properties.add_user("a b", "1"));
  REQUIRE(properties.add_user("a-b", "2"));
  const Publish publish{.qos = QoS::at_least_once,
                        .retain = true,
                        .topic = "t/1",
                        .packet_id = 1,
                        .properties = properties.view(),
                        .payload = {}};
  const auto environment =
      environment_of(publish, R"({"temp":20.50,"name":"a \"b\"","on":true,"no":null,"o":{"x":[1, 2]}})");
  CHECK(value_of(environment, "MQTT_TOPIC") == "t/1");
  CHECK(value_of(environment, "MQTT_QOS") == "1");
  CHECK(value_of(environment, "MQTT_RETAIN") == "1");
  CHECK(value_of(environment, "MQTT_DUP") == "0");
  CHECK(value_of(environment, "MQTT_TIME") == "2026-11-22T10:00:00Z");
  CHECK(value_of(environment, "MQTT_FORMAT") == "json");
  CHECK(value_of(environment, "MQTT_CONTENT_TYPE") == "text/x");
  CHECK(value_of(environment, "MQTT_MESSAGE_EXPIRY_INTERVAL") == "60");
  CHECK(value_of(environment, "MQTT_CORRELATION_DATA") == "AP8=");
  CHECK(value_of(environment, "MQTT_USER") == "2");
  CHECK(value_of(environment, "MQTT_USER_a_b") == "2");
  CHECK(value_of(environment, "MQTT_FIELD") == "5");
  CHECK(value_of(environment, "MQTT_FIELD_temp") == "20.50");
  CHECK(value_of(environment, "MQTT_FIELD_name") == "a \"b\"");
  CHECK(value_of(environment, "MQTT_FIELD_on") == "true");
  CHECK(value_of(environment, "MQTT_FIELD_no") == "null");
  CHECK(value_of(environment, "MQTT_FIELD_o") == R"({"x":[1,2]})");
  CHECK(value_of(environment, "MQTT_LEFT_OUT") == "(none)");
  for (const std::string& variable : environment) CHECK(is_of_a_message(variable));
  CHECK_FALSE(is_of_a_message("MQTT_HOST=x"));
  CHECK_FALSE(is_of_a_message("PATH=/bin"));
}

TEST_CASE("what an environment can't hold is left out and counted") {
  const std::string large(40'000, 'x');
  const auto environment =
      environment_of(plain(), R"({"nul":"a\u0000b","large":")" + large + R"(","small":1})");
  CHECK(value_of(environment, "MQTT_FIELD") == "3");
  CHECK(value_of(environment, "MQTT_FIELD_nul") == "(none)");
  CHECK(value_of(environment, "MQTT_FIELD_large") == "(none)");
  CHECK(value_of(environment, "MQTT_FIELD_small") == "1");
  CHECK(value_of(environment, "MQTT_LEFT_OUT") == "2");

  std::string many = "{";
  for (int i = 0; i < 40'000; ++i) many += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":1";
  const auto bounded = environment_of(plain(), many + "}");
  std::size_t size = 0;
  for (const std::string& variable : bounded) size += variable.size();
  CHECK(size <= longest_environment + 100);
  CHECK(value_of(bounded, "MQTT_FIELD_f0") == "1");
  CHECK(value_of(bounded, "MQTT_LEFT_OUT") != "(none)");
  CHECK(value_of(environment_of(plain(), "[1]"), "MQTT_FIELD") == "0");
}
