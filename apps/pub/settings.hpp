// What mqtt-pub is told to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "input/settings.hpp"
#include "payload/compression.hpp"
#include "shared/command_line.hpp"
#include "shared/payload_settings.hpp"
#include "shared/settings.hpp"
#include "shared/topic_map.hpp"

namespace mq {

// The messages are what InputSettings say.
struct PubSettings : InputSettings {
  ConnectionSettings connection;
  TopicMap map;  // --map

  Duration repeat_delay{};        // --repeat-delay
  std::optional<Duration> every;  // --rate: from one message to the next

  bool templates = false;   // --template
  Environment environment;  // for {env NAME}

  enum class Lint : std::uint8_t { off, warn, error };
  Lint lint = Lint::warn;     // --lint
  bool lint_payload = false;  // --lint payload

  PayloadSettings payload;
  std::optional<Compression> compress;  // --compress
  bool skip_invalid = false;            // --on-invalid skip
};

}  // namespace mq
