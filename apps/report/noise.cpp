#include "report/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace mq {
namespace {

struct Spread {
  double error = 0;  // standard error of the mean
  std::size_t degrees = 0;
};

constexpr std::size_t many_degrees = 1000;

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
  return Spread{std::sqrt(squares * count / (count - 1)), samples.size() - 1};
}

bool is_latency(const Metric& metric) { return metric.of == Metric::Of::latency; }

// Latencies vary by factors.
double scaled_value(const Metric& metric, double value) {
  return is_latency(metric) ? std::log(std::max(value, 1.0)) : value;
}

// Those intervals that are whole: the first and the last one seldom are, and warm-up is not measured. Each
// counts as much as it does in the whole run's figure: by its length or by its messages.
Samples samples_of(const Metric& metric, const LoadOutcome& run) {
  Samples samples;
  double longest = 0;
  for (const Interval& interval : run.series) longest = std::max(longest, interval.seconds);
  for (const Interval& interval : run.series) {
    const bool measured = interval.at > run.warm_up && interval.at <= run.warm_up + run.seconds + longest / 2;
    const auto value = metric.value(interval);
    if (!measured || interval.seconds < longest / 2 || !value) continue;
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

std::optional<Spread> spread_of(const Metric& metric, const std::vector<LoadOutcome>& runs) {
  constexpr std::size_t fewest = 3;
  double squares = 0;
  std::size_t degrees = 0;
  Samples wholes;
  bool within_known = has_series(metric);
  for (const LoadOutcome& run : runs) {
    const Samples samples = batches(samples_of(metric, run));
    const auto spread = samples.size() < fewest ? std::nullopt : spread_of(samples);
    within_known = within_known && spread.has_value();
    squares += spread ? spread->error * spread->error : 0;
    degrees += spread ? spread->degrees : 0;
    if (const auto whole = metric.value(run)) wholes.push_back({scaled_value(metric, *whole)});
  }
  std::optional<Spread> within;
  if (within_known && !runs.empty())
    within = Spread{std::sqrt(squares) / static_cast<double>(runs.size()), degrees};
  if (!has_series(metric)) return spread_of(wholes);
  // Of a few values the greatest can't be known, however alike the intervals are.
  const auto of_rank = is_latency(metric) ? rank_spread(metric, runs) : within;
  if (!of_rank) return std::nullopt;
  return greater(greater(within, of_rank), spread_of(wholes));
}

}  // namespace

double students_factor(std::size_t degrees) {
  constexpr std::array<double, 10> factors{12.71, 4.303, 3.182, 2.776, 2.571,
                                           2.447, 2.365, 2.306, 2.262, 2.228};
  if (degrees == 0) return factors[0];
  if (degrees <= factors.size()) return factors[degrees - 1];
  return 1.96 + 2.6 / static_cast<double>(degrees);
}

std::optional<double> noise_of_series(const Metric& metric, double value,
                                      const std::vector<LoadOutcome>& before,
                                      const std::vector<LoadOutcome>& after) {
  const auto left = spread_of(metric, before);
  const auto right = spread_of(metric, after);
  if (!left || !right) return std::nullopt;
  const double noise =
      students_factor(std::min(left->degrees, right->degrees)) * std::hypot(left->error, right->error);
  return is_latency(metric) ? value * std::expm1(std::min(noise, 20.0)) : noise;
}

double noise_of_counts(double before, std::size_t before_runs, double after, std::size_t after_runs) {
  const auto variance = [](double mean, std::size_t runs) {
    return mean / static_cast<double>(std::max<std::size_t>(runs, 1));
  };
  return 1.96 * std::sqrt(variance(before, before_runs) + variance(after, after_runs));
}

}  // namespace mq
