// What is counted, as a rate over the measured time or over an interval: the rates that reports show.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "load/outcome.hpp"

namespace mq {

struct RateRow {
  std::string_view name;   // "sent": in JSON "sent_per_s", in thresholds "sent.rate"
  std::string_view title;  // "sent"
  std::string_view unit;   // "msg"
  std::optional<MessageCount> message{};
  std::optional<Count> count{};
  bool headline = true;  // of the report for people
  // Queued and retained messages: not in the measured time but in that of their own.
  bool replay = false;
};
std::span<const RateRow> rate_rows();

std::uint64_t amount(const Tally& tally, const RateRow& row);          // of all QoS
std::uint64_t amount(const LoadOutcome& outcome, const RateRow& row);  // in its measured time
std::uint64_t amount(const Interval& interval, const RateRow& row);
double rate(const LoadOutcome& outcome, const RateRow& row);  // a second of that time
double per_second(std::uint64_t amount, double seconds);      // 0 for no time

// The row that a run is about: of messages sent, else received, else of answers, else of other people's
// messages, else of connections.
const RateRow& main_rate(const Tally& tally);

// The latency that a run is about; nullopt: none was measured.
std::optional<Latency> main_latency(const Tally& tally);

}  // namespace mq
