// What mqtt-rr is told to do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "input/settings.hpp"
#include "payload/compression.hpp"
#include "shared/output_settings.hpp"
#include "shared/settings.hpp"

namespace mq {

// How answers are shown, and what their payloads are, is in OutputSettings.
struct RrSettings : OutputSettings {
  ConnectionSettings connection;
  InputSettings input;                  // the requests; one topic at most
  PayloadSettings request_payload;      // --format, --schema, ...
  std::optional<Compression> compress;  // --compress
  bool skip_invalid = false;            // --on-invalid skip

  std::string response_topic;         // -e: a TopicPattern; empty: one is made
  std::string correlation_field;      // --correlation-field; empty: none
  PropertyList subscribe_properties;  // -D subscribe

  std::uint32_t concurrency = 1;           // requests that wait for answers at the same time
  std::optional<Duration> every;           // --rate: from one request to the next
  bool unordered = false;                  // answers are shown as they come
  std::uint64_t replies = 1;               // answers to each request; 0: all that come in time
  std::optional<Duration> answer_timeout;  // of each try
  std::uint32_t request_retries = 0;
  bool same_id = false;  // --retry-id same

  // Of mosquitto_rr alone.
  bool any_answer = false;  // whatever comes to the response topic answers; no correlation data
  bool hide_retained = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::always;
  bool latency = false;  // say how long the answer took

  // More than one request, so that it must be told which one something is about.
  bool many() const { return input.source == InputSettings::Source::lines || input.repeat > 1; }
};

}  // namespace mq
