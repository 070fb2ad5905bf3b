// What a sink has seen, as plain data.
#pragma once

#include <array>
#include <cstdint>

namespace mq {

// A sink's own thread counts; others see it as it was at the end of one of its turns, in any case before the
// answers of that turn went out.
struct SinkCounts {
  std::uint64_t accepted = 0;       // TCP connections, so far
  std::uint64_t connections = 0;    // that have their CONNACK, now
  std::uint64_t sessions = 0;       // connected and absent, now
  std::uint64_t subscriptions = 0;  // now
  std::uint64_t retained = 0;       // messages, now
  std::uint64_t stored_bytes = 0;   // of messages that are retained, queued or not acknowledged, now
  std::uint64_t packets_received = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::array<std::uint64_t, 3> received{};  // different messages, by QoS
  std::array<std::uint64_t, 3> sent{};      // to subscribers, by QoS, without repeats
  std::uint64_t acknowledged = 0;           // of those, by PUBACK or PUBCOMP
  std::uint64_t queued = 0;                 // messages that had to wait for a window or a client, so far
  std::uint64_t refused = 0;                // messages
  std::uint64_t too_large = 0;              // for the subscriber's maximum packet size: not sent
  std::uint64_t expired = 0;
  std::uint64_t malformed = 0;  // connections closed for what they sent
  std::uint64_t held = 0;       // messages held because a subscriber was slow
};

}  // namespace mq
