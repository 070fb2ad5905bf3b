// What mqtt-pub is told to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "payload/compression.hpp"
#include "shared/payload_settings.hpp"
#include "shared/settings.hpp"

namespace mq {

struct PubSettings {
  ConnectionSettings connection;
  std::vector<std::string> topics;  // each message goes to every one of them, in this order

  enum class Source : std::uint8_t { none, message, file, whole_stdin, lines, null };
  Source source = Source::none;  // -m, -f, -s, -l, -n
  Buffer message;                // -m
  std::string file;              // -f

  QoS qos = QoS::at_most_once;
  bool retain = false;
  PropertyList properties;   // -D publish
  std::uint64_t repeat = 1;  // --repeat: times that each message is sent
  Duration repeat_delay{};   // --repeat-delay

  PayloadSettings payload;
  std::optional<Compression> compress;  // --compress
  bool skip_invalid = false;            // --on-invalid skip
};

}  // namespace mq
