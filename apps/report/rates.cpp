#include "report/rates.hpp"

#include <array>

namespace mq {
namespace {

using enum MessageCount;

constexpr std::array<RateRow, 10> rows{{
    {"sent", "sent", "msg", sent, {}},
    {"acknowledged", "acknowledged", "msg", acknowledged, {}, false},
    {"received", "received", "msg", received, {}},
    {"requests", "requests", "requests", {}, Count::requests, false},
    {"answers", "answered", "requests", {}, Count::answers},
    {"connected", "connected", "connections", {}, Count::connected},
    {"replayed", "replayed", "msg", {}, {}, true, true},
    {"unstamped", "foreign", "msg", {}, Count::unstamped},
    {"bytes_sent", "bytes out", "B", {}, Count::bytes_sent},
    {"bytes_received", "bytes in", "B", {}, Count::bytes_received},
}};

}  // namespace

std::span<const RateRow> rate_rows() { return rows; }

std::uint64_t amount(const Tally& tally, const RateRow& row) {
  if (row.replay) return tally[Latency::replay].due.count();
  return row.message ? tally.all(*row.message) : tally[*row.count];
}

std::uint64_t amount(const LoadOutcome& outcome, const RateRow& row) {
  if (row.replay) return amount(outcome.tally, row);
  return row.message ? measured(outcome, *row.message) : measured(outcome, *row.count);
}

std::uint64_t amount(const Interval& interval, const RateRow& row) {
  if (row.replay) return interval.due[static_cast<std::size_t>(Latency::replay)].count;
  return row.message ? interval.messages[static_cast<std::size_t>(*row.message)]
                     : interval.counts[static_cast<std::size_t>(*row.count)];
}

double rate(const LoadOutcome& outcome, const RateRow& row) {
  return per_second(amount(outcome, row), row.replay ? outcome.replay_seconds : outcome.seconds);
}

double per_second(std::uint64_t amount, double seconds) {
  return seconds > 0 ? static_cast<double>(amount) / seconds : 0;
}

const RateRow& main_rate(const Tally& tally) {
  constexpr std::array<std::size_t, 5> by_subject{0, 2, 4, 5, 7};
  return rows[by_subject[static_cast<std::size_t>(subject_of(tally))]];
}

std::optional<Latency> main_latency(const Tally& tally) {
  using enum Latency;
  for (const Latency kind : {end_to_end, request, acknowledge, replay, connect})
    if (tally[kind].due.count() > 0) return kind;
  return std::nullopt;
}

}  // namespace mq
