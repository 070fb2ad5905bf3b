// What the options of a scenario command say, before it is a Scenario. The commands' rows store into it, each
// command's builder (scenarios.hpp) makes of it what it needs.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/settings.hpp"

namespace mq {

struct LoadSettings {
  BenchSettings bench;
  std::vector<std::string_view> given;  // names of the options below that were given, in their order

  std::uint64_t clients = 0, publishers = 0, subscribers = 0, responders = 0;
  std::optional<double> connect_rate;  // none: all at once
  double rate = 0;                     // of each client
  double total_rate = 0;               // --total-rate
  bool flood = false, poisson = false;
  std::uint32_t burst = 0;  // --burst
  std::uint64_t count = 0;  // -n; 0: no end by it
  std::optional<Duration> duration;
  Duration warm_up{}, drain{};

  std::string topic;  // -t
  QoS qos = QoS::at_most_once;
  bool retain = false;
  PayloadPlan payload;
  DataPlan data;
  std::uint16_t window = 0;  // --window; 0: not given
  std::optional<StampPlace> stamp;
  PropertyList publish_properties;

  std::vector<std::string> filters, default_filters;  // --filter; these hold when there is none
  std::string share;                                  // --share: name of the group
  PropertyList subscribe_properties;

  std::string response_topic;
  Duration answer_timeout{};
  Duration stay{};

  std::string run_name;  // --run

  bool has(std::string_view name) const { return std::ranges::find(given, name) != given.end(); }
};

}  // namespace mq
