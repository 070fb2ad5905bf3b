#include "report/percentile_text.hpp"

#include <fmt/core.h>

#include <cmath>
#include <iterator>
#include <string>

#include "report/sentences.hpp"

namespace mq {
namespace {

constexpr double scale = 1000;  // microseconds in what is written

// From 0 % on in steps each of which is a fifth of the half distance to 100 % that it lies in.
double next_level(double level) {
  constexpr double ticks_per_half = 5;
  const double ticks = ticks_per_half * std::pow(2, std::floor(std::log2(100 / (100 - level))) + 1);
  return level + 100 / ticks;
}

// With so many decimals, halves rounded up as others do, which fmt does not.
std::string fixed(double number, unsigned decimals) {
  std::uint64_t unit = 1;
  for (unsigned i = 0; i < decimals; ++i) unit *= 10;
  const double parts = std::floor(number * static_cast<double>(unit) + 0.5);
  if (!(parts < 1e18)) return fmt::format("{:.{}f}", number, decimals);
  const auto whole = static_cast<std::uint64_t>(parts);
  return fmt::format("{}.{:0{}}", whole / unit, whole % unit, decimals);
}

std::string value_text(double microseconds) { return fixed(microseconds / scale, 3); }

}  // namespace

void append_percentile_text(const Histogram& histogram, Buffer& out) {
  const auto to = std::back_inserter(out);
  out += "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
  const auto total = static_cast<double>(histogram.count());
  const std::vector<Histogram::Bucket> buckets = histogram.buckets();
  std::uint64_t seen = 0;
  double level = 0;
  for (const auto& [highest, times] : buckets) {
    seen += times;
    const std::string value = value_text(static_cast<double>(highest));
    // Of the last value one line, and then that of 100 %.
    while (level < 100 && 100 * static_cast<double>(seen) / total >= level) {
      fmt::format_to(to, "{:>12} {} {:10} {:>14}\n", value, fixed(level / 100, 12), seen,
                     fixed(1 / (1 - level / 100), 2));
      level = next_level(level);
      if (seen == histogram.count()) break;
    }
    if (seen == histogram.count()) fmt::format_to(to, "{:>12} {} {:10}\n", value, fixed(1, 12), seen);
  }
  fmt::format_to(to, "#[Mean    = {:>12}, StdDeviation   = {:>12}]\n", value_text(histogram.mean()),
                 value_text(histogram.standard_deviation()));
  fmt::format_to(to, "#[Max     = {:>12}, Total count    = {:12}]\n",
                 value_text(static_cast<double>(histogram.max())), histogram.count());
  fmt::format_to(to, "#[Buckets = {:12}, SubBuckets     = {:12}]\n", Histogram::powers,
                 Histogram::single_values);
}

std::vector<NamedHistogram> histograms_of(const LoadOutcome& outcome) {
  std::vector<NamedHistogram> named;
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    const Timing& timing = outcome.tally.latencies[i];
    const std::string name(latency_rows()[i].name);
    if (timing.due.count() > 0) named.push_back({name, &timing.due});
    if (differs(timing)) named.push_back({name + "-uncorrected", &timing.done});
  }
  return named;
}

}  // namespace mq
