// The figures of a run by their names: "rate", "lost", "e2e.p99", "ack.uncorrected.p99.9", "received.rate",
// "sent.qos1". Thresholds, comparisons and metrics ask for them here, so that a name means the same
// everywhere. Which ones there are follows from the tables of load/tally.cpp and a few that are reckoned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "load/outcome.hpp"

namespace mq {

struct Metric {
  enum class Unit : std::uint8_t { things, bytes, per_second, bytes_per_second, microseconds, percent };
  // Whether more of it is welcome.
  enum class Wish : std::uint8_t { more, less, neither };
  enum class Of : std::uint8_t { latency, count, message, reckoned };

  Of of = Of::reckoned;
  std::size_t row = 0;       // of its table
  int qos = -1;              // of a message count; -1: all
  bool rate = false;         // of a count: a second
  bool uncorrected = false;  // of a latency
  // Of a latency: a percentile, or one of these.
  enum class Statistic : std::uint8_t { percentile, min, mean, max, count };
  Statistic statistic = Statistic::percentile;
  double percent = 0;

  std::string name() const;
  std::string title() const;  // for people: "end to end p99, as sent"
  Unit unit() const;
  Wish wish() const;
  // nullopt: nothing of that kind was measured, or it can't be known.
  std::optional<double> value(const LoadOutcome& outcome) const;
  // In one interval, for rates and for the percentiles that intervals have.
  std::optional<double> value(const Interval& interval) const;
};

// Kind usage when there is no such figure; the hint names the nearest one.
Result<Metric> parse_metric(std::string_view name);

// Names of all, percentiles but for the usual ones left out, for help and completion.
std::vector<std::string> metric_names();

// The same for people, in a sentence or two.
std::string metrics_text();

// With its unit, as reports show it: "12.3 ms", "1,234", "1,234/s".
std::string value_text(double value, Metric::Unit unit);

}  // namespace mq
