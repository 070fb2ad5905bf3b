#include "report/noise.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace mq {
namespace {

struct Spread {
  double error = 0;  // standard error of the mean, or of a difference of two
  double degrees = 0;
};

constexpr double many_degrees = 1000;

struct Sample {
  double value = 0;
  double weight = 1;
};
using Samples = std::vector<Sample>;

Sample mean_of(const Samples& samples) {
  Sample mean{0, 0};
  for (const Sample& one : samples) {
    mean.value += one.value * one.weight;
    mean.weight += one.weight;
  }
  if (mean.weight > 0) mean.value /= mean.weight;
  return mean;
}

std::optional<Spread> spread_of(const Samples& samples) {
  const Sample mean = mean_of(samples);
  if (samples.size() < 2 || !(mean.weight > 0)) return std::nullopt;
  const auto count = static_cast<double>(samples.size());
  double squares = 0;
  for (const Sample& one : samples) {
    const double away = one.weight / mean.weight * (one.value - mean.value);
    squares += away * away;
  }
  return Spread{std::sqrt(squares * count / (count - 1)), count - 1};
}

bool is_latency(const Metric& metric) { return metric.of == Metric::Of::latency; }

// Latencies vary by factors.
double scaled_value(const Metric& metric, double value) {
  return is_latency(metric) ? std::log(std::max(value, 1.0)) : value;
}

// Those intervals that are measured and whole: the first and the last one seldom are. Each counts as much as
// it does in the whole run's figure: by its length or by its messages.
Samples samples_of(const Metric& metric, const LoadOutcome& run) {
  Samples samples;
  double longest = 0;
  for (const Interval& interval : run.series) longest = std::max(longest, interval.seconds);
  for (const Interval& interval : run.series) {
    const auto value = metric.value(interval);
    if (!interval.measured || interval.seconds < longest / 2 || !value) continue;
    const auto& percentiles = metric.uncorrected ? interval.done : interval.due;
    samples.push_back({scaled_value(metric, *value), is_latency(metric)
                                                         ? static_cast<double>(percentiles[metric.row].count)
                                                         : interval.seconds});
  }
  return samples;
}

// Neighbouring intervals are alike: of many, means of ten batches are taken for independent.
Samples batches(const Samples& samples) {
  constexpr std::size_t wanted = 10;
  if (samples.size() < 2 * wanted) return samples;
  Samples means;
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto at = [&samples](std::size_t part) {
      return samples.begin() + static_cast<std::ptrdiff_t>(part * samples.size() / wanted);
    };
    means.push_back(mean_of({at(i), at(i + 1)}));
  }
  return means;
}

// The greatest of a run says nothing about the greatest of its intervals.
bool has_series(const Metric& metric) {
  return !is_latency(metric) || metric.statistic == Metric::Statistic::percentile;
}

// How uncertain a percentile is by the number of values alone: its rank is binomially distributed.
std::optional<Spread> rank_spread(const Metric& metric, const std::vector<LoadOutcome>& runs) {
  Histogram all;
  for (const LoadOutcome& run : runs) {
    const Timing& timing = run.tally.latencies[metric.row];
    all.add(metric.uncorrected ? timing.done : timing.due);
  }
  constexpr double fewest_beyond = 3;
  const auto count = static_cast<double>(all.count());
  const double share = metric.percent / 100;
  if (count * (1 - share) < fewest_beyond) return std::nullopt;
  const double error = std::sqrt(share * (1 - share) / count);
  const auto at = [&](double rank) {
    return scaled_value(metric, static_cast<double>(all.percentile(100 * rank)));
  };
  constexpr double wide = 1.96;
  return Spread{(at(share + wide * error) - at(share - wide * error)) / (2 * wide), many_degrees};
}

std::optional<Spread> greater(const std::optional<Spread>& left, const std::optional<Spread>& right) {
  if (!left || !right) return left ? left : right;
  return left->error >= right->error ? left : right;
}

// Of a side's value, by the course of its runs.
std::optional<Spread> within_runs(const Metric& metric, const std::vector<LoadOutcome>& runs) {
  constexpr std::size_t fewest = 3;
  if (!has_series(metric) || runs.empty()) return std::nullopt;
  double squares = 0;
  double degrees = 0;
  bool known = true;
  for (const LoadOutcome& run : runs) {
    const Samples samples = batches(samples_of(metric, run));
    const auto spread = samples.size() < fewest ? std::nullopt : spread_of(samples);
    if (!spread) {
      known = false;
      continue;
    }
    squares += spread->error * spread->error;
    degrees += spread->degrees;
  }
  std::optional<Spread> within;
  if (known) within = Spread{std::sqrt(squares) / static_cast<double>(runs.size()), degrees};
  if (!is_latency(metric)) return within;
  // Of a few values the greatest can't be known, however alike the intervals are.
  const auto of_rank = rank_spread(metric, runs);
  return of_rank ? greater(within, of_rank) : std::nullopt;
}

// Of the difference, by how far the runs of a side are from each other; both sides are taken to be alike in
// that.
std::optional<Spread> between_runs(const std::vector<double>& before, const std::vector<double>& after) {
  if (before.empty() || after.empty() || before.size() + after.size() < 3) return std::nullopt;
  double squares = 0;
  for (const std::vector<double>* side : {&before, &after}) {
    double mean = 0;
    for (const double value : *side) mean += value / static_cast<double>(side->size());
    for (const double value : *side) squares += (value - mean) * (value - mean);
  }
  const auto left = static_cast<double>(before.size());
  const auto right = static_cast<double>(after.size());
  const double degrees = left + right - 2;
  return Spread{std::sqrt(squares / degrees * (1 / left + 1 / right)), degrees};
}

// Welch's: as many degrees of freedom as two different spreads leave.
Spread sum_of(const Spread& left, const Spread& right) {
  const double a = left.error * left.error;
  const double b = right.error * right.error;
  const double degrees = a + b > 0 ? (a + b) * (a + b) / (a * a / left.degrees + b * b / right.degrees)
                                   : std::min(left.degrees, right.degrees);
  return {std::sqrt(a + b), std::max(degrees, 1.0)};
}

Noise noise_of(const Spread& spread, double change, bool of_runs) {
  const boost::math::students_t students(spread.degrees);
  constexpr double one_side = 0.975;
  if (!(spread.error > 0)) return {0, change == 0 ? 1.0 : 0.0, of_runs};
  return {boost::math::quantile(students, one_side) * spread.error,
          2 * boost::math::cdf(boost::math::complement(students, std::abs(change) / spread.error)), of_runs};
}

std::vector<double> wholes(const Metric& metric, const std::vector<LoadOutcome>& runs) {
  std::vector<double> values;
  for (const LoadOutcome& run : runs)
    if (const auto whole = metric.value(run)) values.push_back(scaled_value(metric, *whole));
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

}  // namespace

std::optional<Noise> noise_of_series(const Metric& metric, double before, double after,
                                     const std::vector<LoadOutcome>& before_runs,
                                     const std::vector<LoadOutcome>& after_runs) {
  const auto left = within_runs(metric, before_runs);
  const auto right = within_runs(metric, after_runs);
  std::optional<Spread> within;
  if (left && right) within = sum_of(*left, *right);
  const auto between = between_runs(wholes(metric, before_runs), wholes(metric, after_runs));
  const auto spread = greater(within, between);
  if (!spread) return std::nullopt;
  Noise noise =
      noise_of(*spread, scaled_value(metric, after) - scaled_value(metric, before), between.has_value());
  if (is_latency(metric)) noise.half_width = before * std::expm1(std::min(noise.half_width, 20.0));
  return noise;
}

Noise noise_of_counts(const std::vector<double>& before, const std::vector<double>& after) {
  const auto error = [](const std::vector<double>& side) {
    return Spread{std::sqrt(mean_of(side) / static_cast<double>(side.size())), many_degrees};
  };
  const Spread rare = sum_of(error(before), error(after));
  const auto between = between_runs(before, after);
  return noise_of(*greater(rare, between), mean_of(after) - mean_of(before), between.has_value());
}

}  // namespace mq
