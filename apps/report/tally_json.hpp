// Tallies and intervals as JSON and back, exactly: part of a report, and of what worker processes send to
// their parent each second. Histograms stand there bucket by bucket. Names are those of the tables of
// load/tally.cpp, with units: `_us`, `_s`.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "load/outcome.hpp"
#include "payload/value.hpp"
#include "report/members.hpp"

namespace mq {

// What a reader of a report wants to see of a histogram beside its buckets costs time; a process needs none.
enum class Detail : std::uint8_t { buckets, everything };

// The members "latencies", "counts" and "messages" are added to `object`, and taken from it. Kinds of
// latencies that nothing was recorded for are left out.
void add_tally(const Tally& tally, Detail detail, Value& object);
void take_tally(Members& members, Tally& tally);

Value interval_value(const Interval& interval);
void take_interval(Members& members, Interval& interval);

// Of the corrected and the uncorrected value of a latency, in JSON, thresholds and elsewhere.
inline constexpr std::string_view corrected_name = "corrected";
inline constexpr std::string_view uncorrected_name = "uncorrected";

// The percentiles that intervals have.
inline constexpr std::pair<std::string_view, std::uint64_t Percentiles::*> interval_percentiles[] = {
    {"p50_us", &Percentiles::p50},    {"p90_us", &Percentiles::p90}, {"p99_us", &Percentiles::p99},
    {"p99_9_us", &Percentiles::p999}, {"max_us", &Percentiles::max},
};

// The percentiles that reports show.
struct PercentileRow {
  double percent;
  std::string_view name;   // "p99.9"
  std::string_view field;  // "p99_9_us"
};
inline constexpr PercentileRow percentile_rows[] = {
    {50, "p50", "p50_us"},          {75, "p75", "p75_us"},
    {90, "p90", "p90_us"},          {95, "p95", "p95_us"},
    {99, "p99", "p99_us"},          {99.9, "p99.9", "p99_9_us"},
    {99.99, "p99.99", "p99_99_us"}, {99.999, "p99.999", "p99_999_us"},
};

}  // namespace mq
