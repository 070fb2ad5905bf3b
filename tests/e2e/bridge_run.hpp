// mqtt-bridge between brokers of a test's own, and what a checker publishes and gets.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

namespace mq {

// A persistent session is never refused a message for its length, and nothing is lost at a restart.
MosquittoConfig keeping_broker();
// For receivers whose order is judged: mosquitto 2.0.11 under load lets a message overtake those that wait
// for their receiver's window, so there is none.
MosquittoConfig ordering_broker();

// The configuration: `top` lines, endpoints "a", "b", "c" at these ports with `endpoint` lines each, then
// `routes`.
std::string bridge_file(const std::vector<std::uint16_t>& ports, const std::string& top,
                        const std::string& endpoint, const std::string& routes);

// The same with lines for each endpoint.
std::string bridge_file(const std::vector<std::uint16_t>& ports, const std::string& top,
                        const std::vector<std::string>& endpoints, const std::string& routes);

// `program`: MQTT_BRIDGE, or one with fault points.
Launch bridge(const std::string& file, const std::string& program);
Launch bridge(const std::string& file);

// A number from the environment: how long a run is, and its seed.
std::uint32_t number_asked(const char* name, std::uint32_t otherwise);

// Waits until both ends of the bridge stand: its subscriptions are acknowledged.
void await_bridge(Process& process, std::size_t connections);

// Numbered messages, "QOS/TOPIC NUMBER", and what has come of them.
struct Numbered {
  std::size_t topics = 10, each = 100;  // of each QoS
  std::string lines() const;            // for mqtt-pub --input json
};
struct CarriedVerdict {
  std::size_t lost = 0, doubled = 0, reordered = 0, strange = 0;
};
// Waits until nothing of that QoS is lost any more; throws when nothing has come for too long.
void await_carried(const Numbered& expected, int qos, const Process& checker);
// `out`: lines "%t %p" of mqtt-sub.
CarriedVerdict judge_carried(const Numbered& expected, int qos, const std::string& out);

}  // namespace mq
