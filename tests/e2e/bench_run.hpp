// mqtt-bench run to its end, and its report read as JSON.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "e2e/programs.hpp"

namespace mq {

// "pubsub" at 127.0.0.1:PORT.
Launch bench(const std::string& command, std::uint16_t port, const Arguments& arguments);
// Without a server.
Launch bench(const std::string& command, const Arguments& arguments);

struct BenchReport {
  Outcome outcome;
  nlohmann::json json;

  std::uint64_t count(const std::string& name) const { return json.at("counts").at(name); }
  // Of messages at that QoS.
  std::uint64_t messages(int qos, const std::string& name) const {
    return json.at("messages").at("qos" + std::to_string(qos)).at(name);
  }
  std::uint64_t measured(const std::string& latency) const {
    return json.at("latencies").contains(latency)
               ? json["latencies"][latency]["corrected"]["count"].get<std::uint64_t>()
               : 0;
  }
};

// With --output json. Throws what it said when it came to no report.
BenchReport report_of(Launch launch, Duration limit = patience);

// A shell command that makes FILE of docs/bench-scenario.toml, with little time for each of its parts, and
// few clients.
std::string make_small_scenario(const std::string& file);

}  // namespace mq
