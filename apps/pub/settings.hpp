// What mqtt-pub is told to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "payload/compression.hpp"
#include "shared/command_line.hpp"
#include "shared/line_format.hpp"
#include "shared/payload_settings.hpp"
#include "shared/settings.hpp"
#include "shared/topic_map.hpp"

namespace mq {

struct PubSettings {
  ConnectionSettings connection;
  // Each message that has no topic of its own goes to every one of them, in this order.
  std::vector<std::string> topics;

  enum class Source : std::uint8_t { none, message, file, whole_stdin, lines, null, random, replay };
  Source source = Source::none;  // -m, -f, -s, -l, -n, --size, --replay
  Buffer message;                // -m
  bool line_in_message = false;  // -m and -l: each line goes into the one template
  std::string file;              // -f
  std::uint64_t size = 0;        // --size: bytes of a random payload
  std::string replay;            // --replay: a file, "-" for standard input

  char delimiter = '\n';                  // --delimiter, -0: what ends a line of input
  std::optional<LineFormat> line_format;  // --line-format
  bool json_input = false;                // --input json
  std::optional<double> speed;            // --speed: a factor, 0 for as fast as can be
  TopicMap map;                           // --map

  QoS qos = QoS::at_most_once;
  bool qos_given = false;
  bool retain = false;
  PropertyList properties;        // -D publish
  std::uint64_t repeat = 1;       // --repeat: times that each message is sent
  Duration repeat_delay{};        // --repeat-delay
  std::optional<Duration> every;  // --rate: from one message to the next

  bool templates = false;             // --template
  std::optional<std::uint64_t> seed;  // --seed
  Environment environment;            // for {env NAME}

  enum class Lint : std::uint8_t { off, warn, error };
  Lint lint = Lint::warn;     // --lint
  bool lint_payload = false;  // --lint payload

  PayloadSettings payload;
  std::optional<Compression> compress;  // --compress
  bool skip_invalid = false;            // --on-invalid skip

  // Messages bring their topics with them, or can.
  bool own_topics() const {
    return source == Source::replay || json_input || (line_format && line_format->gives_topic());
  }
};

}  // namespace mq
