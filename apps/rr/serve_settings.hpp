// What mqtt-rr serve is told to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exec/command_settings.hpp"
#include "payload/compression.hpp"
#include "rr/topic_pattern.hpp"
#include "shared/command_line.hpp"
#include "shared/payload_settings.hpp"
#include "shared/settings.hpp"
#include "wire/packet.hpp"

namespace mq {

struct ServeSettings : CommandSettings {
  ConnectionSettings connection;
  std::vector<std::string> filters;   // -t
  QoS qos = QoS::exactly_once;        // -q: each request keeps its own
  std::uint64_t count = 0;            // -C: answers until the end; 0 = no end
  PropertyList subscribe_properties;  // -D subscribe
  PayloadSettings payload;            // of the requests
  PayloadSettings answer_payload;
  std::optional<Compression> compress;  // --compress: of the answers

  std::optional<TopicPattern> pattern;  // -e, for requests that name no response topic
  std::vector<std::string> allowed;     // --allow-response; empty: any
  std::string correlation_field;        // --correlation-field; empty: none
  PropertyList properties;              // -D publish: of the answers

  enum class How : std::uint8_t { none, exec, echo, reply, jq, file };
  How how = How::none;
  std::string_view how_option;  // as messages show it
  std::string reply, jq, file;
  Environment environment;  // for {env NAME} in --reply

  static constexpr std::size_t usual_max_answer = 16U << 20;
  std::optional<std::size_t> max_answer;  // --max-answer, of --exec and --jq

  // Of --exec alone.
  std::optional<Duration> request_timeout;  // --request-timeout
  static constexpr std::uint32_t usual_queue = 1000;
  std::uint32_t queue = usual_queue;  // --queue

  bool verbose = false;  // -v
};

}  // namespace mq
