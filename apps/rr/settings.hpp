// What mqtt-rr is told to do.
#pragma once

#include <cstdint>
#include <string>

#include "shared/output_settings.hpp"
#include "shared/settings.hpp"
#include "wire/packet.hpp"

namespace mq {

// How the answer is shown it has in common with others: OutputSettings.
struct RrSettings : OutputSettings {
  ConnectionSettings connection;
  std::string topic;           // -t
  std::string response_topic;  // -e; empty: one is made
  QoS qos = QoS::at_most_once;
  PropertyList properties;            // -D publish
  PropertyList subscribe_properties;  // -D subscribe

  enum class Source : std::uint8_t { none, message, file, whole_stdin, null };
  Source source = Source::none;  // -m, -f, -s, -n
  Buffer message;                // -m
  std::string file;              // -f

  // Of mosquitto_rr alone.
  bool any_answer = false;  // whatever comes to the response topic answers; no correlation data
  bool hide_retained = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::always;
  bool latency = false;  // say how long the answer took
};

}  // namespace mq
