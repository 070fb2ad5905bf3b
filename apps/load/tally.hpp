// What is counted and measured in a run, or in a part of it: plain data that adds up exactly over threads,
// seconds, processes and machines. One writer each; whoever wants to see it gets a copy. Names and meanings
// of all figures stand in the tables of tally.cpp, which reports, thresholds and metrics share.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/histogram.hpp"
#include "base/time.hpp"

namespace mq {

// Whole microseconds. `due` counts from when it was due by the schedule (coordinated omission is corrected),
// `done` from when it was really begun; where nothing is scheduled both are the same.
enum class Latency : std::uint8_t {
  connect,      // to CONNACK, TCP and TLS included
  tls,          // the TLS handshake alone
  subscribe,    // to SUBACK
  acknowledge,  // PUBLISH to PUBACK or PUBCOMP
  end_to_end,   // PUBLISH to its arrival at a subscriber
  request,      // request to its answer
  replay,       // SUBSCRIBE to a retained message; connecting to a queued one
  lag           // how late something was begun; `done` is empty
};
inline constexpr std::size_t latency_kinds = 8;

enum class Count : std::uint8_t {
  connects,            // connections begun
  connected,           // CONNACK with success
  connect_failures,    // none: no TCP, no TLS, no CONNACK in time
  refused,             // CONNACK with a failure
  connections_lost,    // after CONNACK, not by us
  disconnects,         // by us
  subscriptions,       // filters granted
  subscribe_failures,  // filters refused
  requests,            // sent
  answers,             // the first one to each
  late_answers,        // after the time limit, or more than one
  requests_failed,     // no answer within the time limit
  bytes_sent,          // of MQTT, without what carries it
  bytes_received,
  unstamped  // messages received that are not of this run
};
inline constexpr std::size_t count_kinds = 15;

// Of each QoS: that with which it is published.
enum class MessageCount : std::uint8_t {
  sent,            // handed to the connection
  unsent,          // due, or asked for by number, and never sent
  acknowledged,    // PUBACK or PUBCOMP with success
  refused,         // by a reason code
  unacknowledged,  // QoS 1 and 2: no answer up to the end
  expected,        // at subscribers: every message sent, times the subscribers that it was for
  received,        // different ones
  lost,            // expected and not received
  duplicated,      // copies beyond the first
  reordered,       // arrived after a later one of their stream
  corrupted        // stamp or payload changed on the way
};
inline constexpr std::size_t message_count_kinds = 11;

struct TallyRow {
  std::string_view name;     // "e2e", "connects", "lost": for JSON, thresholds and metrics
  std::string_view title;    // "end to end": for people
  std::string_view meaning;  // a sentence without its full stop
};
std::span<const TallyRow> latency_rows();  // in the order of the enumerations
std::span<const TallyRow> count_rows();
std::span<const TallyRow> message_count_rows();

struct Timing {
  Histogram due, done;

  void record(std::uint64_t since_due, std::uint64_t since_done) {
    due.record(since_due);
    done.record(since_done);
  }
  void record(Duration since_due, Duration since_done) {
    record(microseconds(since_due), microseconds(since_done));
  }
  void record(Duration since) { record(since, since); }

 private:
  static std::uint64_t microseconds(Duration duration) {
    return duration.count() <= 0 ? 0 : static_cast<std::uint64_t>(duration.count()) / 1000;
  }
};

struct Tally {
  std::array<Timing, latency_kinds> latencies;
  std::array<std::uint64_t, count_kinds> counts{};
  std::array<std::array<std::uint64_t, message_count_kinds>, 3> messages{};  // by QoS

  Timing& operator[](Latency kind) { return latencies[static_cast<std::size_t>(kind)]; }
  const Timing& operator[](Latency kind) const { return latencies[static_cast<std::size_t>(kind)]; }
  std::uint64_t& operator[](Count kind) { return counts[static_cast<std::size_t>(kind)]; }
  std::uint64_t operator[](Count kind) const { return counts[static_cast<std::size_t>(kind)]; }
  std::uint64_t& at(int qos, MessageCount kind) {
    return messages[static_cast<std::size_t>(qos)][static_cast<std::size_t>(kind)];
  }
  std::uint64_t at(int qos, MessageCount kind) const {
    return messages[static_cast<std::size_t>(qos)][static_cast<std::size_t>(kind)];
  }
  std::uint64_t all(MessageCount kind) const;  // of all QoS

  void add(const Tally& other);
  void clear();
};

}  // namespace mq
