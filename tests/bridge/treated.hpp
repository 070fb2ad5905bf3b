// A route with a treatment, and what that makes of one message after the other.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/treatment.hpp"
#include "peers/temp_dir.hpp"

namespace mq::test {

inline const std::string reading_schema =
    R"({"type": "object", "properties": {"temp": {"type": "number", "maximum": 50}}})";
inline const std::string reading_map =
    "[[rule]]\ntopic = \"reading/#\"\nformat = \"json\"\nschema = \"s.json\"\n";

struct Treated {
  std::string topic, payload;
  bool retain = false;
  PropertyList properties;

  std::string user(std::string_view name) const {
    std::string values;
    for (const Property& each : properties.view())
      if (each.id == PropertyId::user_property && each.name == name) values += each.value;
    return values;
  }
  std::string content_type() const {
    return std::string(properties.view().bytes(PropertyId::content_type).value_or("none"));
  }
  bool is_text() const { return properties.view().number(PropertyId::payload_format_indicator) == 1U; }
};

struct TreatedRoute {
  TreatedRoute() {
    plan.name = "checked";
    dir.write("s.json", reading_schema);
    map_is(reading_map);
  }
  TreatmentPlan& treatment() { return plan.treatment; }
  void map_is(const std::string& text) { treatment().payload_map = dir.write("map.toml", text); }
  void dead_letters() {
    treatment().invalid = InvalidPolicy::dead_letter;
    treatment().dead_letter_topic = "dead";
  }

  std::string error() {
    ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
    const auto result = Treatment::make(plan);
    if (result) return "none";
    CHECK((result.error().kind == ErrorKind::usage || result.error().kind == ErrorKind::io));
    const std::string_view lead = "route checked: ";
    CHECK(result.error().text.starts_with(lead));
    return result.error().text.substr(lead.size());
  }

  // All there is of one message.
  std::vector<Treated> treat(Bytes payload, const PropertyList& properties = {}, bool again = false) {
    if (!made) {
      ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
      auto result = Treatment::make(plan);
      if (!result) FAIL(result.error().text);
      made = std::move(*result);
    }
    const Parcel parcel{.qos = QoS::at_least_once,
                        .retain = retain,
                        .topic = "there",
                        .properties = properties.view(),
                        .payload = payload,
                        .arrived = 1'000'000};
    const Treatment::Treated treated = made->treat(topic, again, parcel, now);
    ends = treated.ends;
    invalid = treated.invalid;
    CHECK(ends.has_value() == treated.parcels.empty());
    std::vector<Treated> all;
    for (const Parcel& each : treated.parcels) {
      CHECK(each.qos == parcel.qos);
      CHECK(each.arrived == parcel.arrived);
      all.push_back(
          {std::string(each.topic), std::string(each.payload), each.retain, PropertyList(each.properties)});
    }
    return all;
  }
  Treated one(Bytes payload, const PropertyList& properties = {}) {
    auto all = treat(payload, properties);
    REQUIRE(all.size() == 1);
    return std::move(all.front());
  }

  TempDir dir;
  RoutePlan plan;
  std::unique_ptr<Treatment> made;
  std::string topic = "reading/1";
  bool retain = false;
  Time now{};
  std::optional<Fate> ends;
  bool invalid = false;
};

inline PropertyList properties_of(std::string_view content_type, bool is_text) {
  PropertyList properties;
  REQUIRE(properties.add_user("kept", "yes"));
  REQUIRE(properties.add(PropertyId::content_type, content_type));
  if (is_text) REQUIRE(properties.add(PropertyId::payload_format_indicator, 1U));
  return properties;
}

}  // namespace mq::test
