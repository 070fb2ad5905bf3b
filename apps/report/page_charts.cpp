#include "report/page_charts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "report/amounts.hpp"
#include "report/page_tables.hpp"
#include "report/rates.hpp"
#include "report/sentences.hpp"

namespace mq {
namespace {

using Dash = ChartLine::Dash;
using Points = std::vector<std::pair<double, double>>;

constexpr double gap = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t most_points = 400;

std::string clock_text(double seconds) {
  if (seconds < 600) return fmt::format("{:g} s", std::round(seconds * 10) / 10);
  const auto whole = static_cast<std::uint64_t>(std::min(seconds, 1e12));
  if (seconds < 6 * 3600) return fmt::format("{}:{:02} min", whole / 60, whole % 60);
  return fmt::format("{}:{:02} h", whole / 3600, whole / 60 % 60);
}

// Seconds, with ticks at round times of day.
ChartAxis time_axis(const LoadOutcome& outcome) {
  constexpr double steps[] = {0.5,   1,     2,     5,      10,     15,     30,      60,
                              120,   300,   600,   900,    1800,   3600,   7200,    14400,
                              21600, 43200, 86400, 172800, 432000, 864000, 2592000, 8640000};
  constexpr double most_ticks = 8;
  ChartAxis axis{.text = clock_text};
  const double last = outcome.series.empty() ? 0 : outcome.series.back().at;
  for (const double step : steps) {
    if (last / step > most_ticks) continue;
    for (double tick = 0; tick <= last + step; tick += step) axis.ticks.push_back(tick);
    break;
  }
  return axis;
}

// Of round numbers, with nothing behind the point.
std::string time_tick(double microseconds) {
  if (microseconds < 1e3) return fmt::format("{:g} \u00b5s", microseconds);
  return microseconds < 1e6 ? fmt::format("{:g} ms", microseconds / 1e3)
                            : fmt::format("{:g} s", microseconds / 1e6);
}

std::string number_tick(double number) {
  if (number < 1e5)
    return number < 1 || number != std::floor(number) ? fmt::format("{:g}", number)
                                                      : grouped(static_cast<std::uint64_t>(number));
  return number < 1e6 ? fmt::format("{:g} k", number / 1e3) : fmt::format("{:g} M", number / 1e6);
}

std::string time_in_page(double microseconds) { return in_page(time_text(microseconds)); }

std::string per_second_text(double value) { return value < 1e5 ? rate_text(value) : scaled(value) + "/s"; }

std::string share_text(double share) { return fmt::format("{:.3g} %", share); }

// "99.9 %" of the axis on which every step is a tenth of what remains.
std::string inverse_text(double inverse) {
  const int decimals = std::max(0, static_cast<int>(std::ceil(std::log10(inverse) - 1e-9)) - 1);
  std::string text = fmt::format("{:.{}f}", 100 * (1 - 1 / inverse), decimals);
  if (text.contains('.')) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text + " %";
}

// One point for each interval, or for so many that there are not more than can be seen: their mean, or the
// greatest of them.
template <class ValueOf>
Points over_time(const LoadOutcome& outcome, bool mean, ValueOf value_of) {
  const std::size_t each = (outcome.series.size() + most_points - 1) / most_points;
  Points points;
  for (std::size_t begin = 0; begin < outcome.series.size(); begin += each) {
    const std::size_t end = std::min(begin + each, outcome.series.size());
    double sum = 0;
    double length = 0;  // the last interval may be shorter than others
    double greatest = gap;
    for (std::size_t i = begin; i < end; ++i) {
      const double value = value_of(outcome.series[i]);
      if (!std::isfinite(value)) continue;
      sum += value * outcome.series[i].seconds;
      length += outcome.series[i].seconds;
      greatest = std::isfinite(greatest) ? std::max(greatest, value) : value;
    }
    points.emplace_back(outcome.series[end - 1].at, mean ? (length > 0 ? sum / length : gap) : greatest);
  }
  return points;
}

Points rate_over_time(const LoadOutcome& outcome, const RateRow& row) {
  return over_time(outcome, true, [&row](const Interval& interval) {
    return interval.seconds > 0 ? per_second(amount(interval, row), interval.seconds) : gap;
  });
}

Points latency_over_time(const LoadOutcome& outcome, Latency kind, std::uint64_t Percentiles::* value) {
  return over_time(outcome, false, [kind, value](const Interval& interval) {
    const Percentiles& percentiles = interval.due[static_cast<std::size_t>(kind)];
    return percentiles.count > 0 ? static_cast<double>(percentiles.*value) : gap;
  });
}

Points by_percentile(const Histogram& histogram) {
  constexpr double per_decade = 24;
  Points points;
  const auto count = static_cast<double>(histogram.count());
  const auto add = [&](double inverse) {
    points.emplace_back(inverse, static_cast<double>(histogram.percentile(100 * (1 - 1 / inverse))));
  };
  for (double step = 0; std::pow(10, step / per_decade) < count; ++step) add(std::pow(10, step / per_decade));
  if (count > 0) add(count);
  return points;
}

// Shares of all values in bins of equal width on a logarithmic axis; none is narrower than a microsecond.
Points shares(const Histogram& histogram, double least, double greatest) {
  constexpr double bins = 72;
  std::vector<double> edges;
  for (double bin = 0; bin <= bins; ++bin) {
    const double edge = std::ceil(least * std::pow(greatest / least, bin / bins));
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  }
  edges.push_back(edges.back() + 1);
  std::vector<double> counts(edges.size());
  for (const auto& [highest, times] : histogram.buckets()) {
    const auto above =
        std::ranges::upper_bound(edges, static_cast<double>(std::min(highest, histogram.max())));
    const auto bin = std::max<std::ptrdiff_t>(above - edges.begin() - 1, 0);
    counts[static_cast<std::size_t>(bin)] += static_cast<double>(times);
  }
  Points points;
  const double all = std::max(1.0, static_cast<double>(histogram.count()));
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) points.emplace_back(edges[i], 100 * counts[i] / all);
  points.emplace_back(edges.back(), points.back().second);
  return points;
}

std::string title_of(Latency kind) {
  std::string title(latency_rows()[static_cast<std::size_t>(kind)].title);
  if (title.front() >= 'a' && title.front() <= 'z')
    title.front() = static_cast<char>(title.front() - 'a' + 'A');
  return title;
}

Chart throughput(const LoadOutcome& outcome, const LoadOutcome* earlier) {
  const RateRow& main = main_rate(outcome.tally);
  Chart chart{.title = "Throughput over time", .note = std::string(main.unit) + " a second"};
  chart.x = time_axis(outcome);
  chart.y = {.from_zero = true, .text = per_second_text, .tick = number_tick};
  if (main.unit == "msg") chart.note = "messages a second";
  chart.lines.push_back({.name = std::string(main.title), .points = rate_over_time(outcome, main)});
  unsigned colour = 1;
  for (const RateRow& row : rate_rows()) {
    const bool same = &row == &main || row.unit != main.unit || row.name == "acknowledged";
    if (same || amount(outcome.tally, row) == 0) continue;
    chart.lines.push_back(
        {std::string(row.title), colour++, Dash::dashes, false, rate_over_time(outcome, row)});
  }
  if (earlier != nullptr)
    chart.lines.push_back({"earlier", 3, Dash::dots, false, rate_over_time(*earlier, main)});
  return chart;
}

Chart latency_chart(const LoadOutcome& outcome, const LoadOutcome* earlier, Latency kind) {
  Chart chart{.title = title_of(kind) + " latency over time", .note = "as scheduled; logarithmic"};
  chart.x = time_axis(outcome);
  chart.y = {.logarithmic = true, .text = time_in_page, .tick = time_tick};
  const auto add = [&](const LoadOutcome& of, std::string name, unsigned colour, Dash dash,
                       std::uint64_t Percentiles::* value) {
    chart.lines.push_back({std::move(name), colour, dash, false, latency_over_time(of, kind, value)});
  };
  add(outcome, "p50", 0, Dash::solid, &Percentiles::p50);
  if (earlier == nullptr) add(outcome, "p90", 1, Dash::dash_dot, &Percentiles::p90);
  add(outcome, "p99", 2, earlier == nullptr ? Dash::dashes : Dash::solid, &Percentiles::p99);
  if (earlier == nullptr) {
    add(outcome, "max", 3, Dash::dots, &Percentiles::max);
    return chart;
  }
  add(*earlier, "p50 earlier", 0, Dash::dots, &Percentiles::p50);
  add(*earlier, "p99 earlier", 2, Dash::dots, &Percentiles::p99);
  return chart;
}

void prepare_percentile_axes(Chart& chart) {
  chart.note = "share of values at or below";
  chart.x = {
      .logarithmic = true, .text = inverse_text, .ticks = {1, 2, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}};
  chart.y = {.logarithmic = true, .text = time_in_page, .tick = time_tick};
}

Chart distribution(const LoadOutcome& outcome, const LoadOutcome* earlier, Latency kind) {
  Chart chart{.title = title_of(kind) + " latency by percentile"};
  prepare_percentile_axes(chart);
  const Timing& timing = outcome.tally[kind];
  const bool both = differs(timing);
  chart.lines.push_back({.name = both ? "as scheduled" : "this run", .points = by_percentile(timing.due)});
  if (both) chart.lines.push_back({"as sent", 1, Dash::dashes, false, by_percentile(timing.done)});
  if (earlier != nullptr && (*earlier).tally[kind].due.count() > 0)
    chart.lines.push_back({"earlier", 3, Dash::dots, false, by_percentile(earlier->tally[kind].due)});
  return chart;
}

// The other latencies beside each other.
Chart others(const LoadOutcome& outcome, Latency main) {
  Chart chart{.title = "Other latencies by percentile"};
  prepare_percentile_axes(chart);
  constexpr Dash dashes[] = {Dash::solid, Dash::dashes, Dash::dots, Dash::dash_dot};
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    const auto kind = static_cast<Latency>(i);
    const std::size_t number = chart.lines.size();
    if (kind == main || kind == Latency::lag || outcome.tally[kind].due.count() < 2 || number == 4) continue;
    chart.lines.push_back({std::string(latency_rows()[i].name), static_cast<unsigned>(number), dashes[number],
                           false, by_percentile(outcome.tally[kind].due)});
  }
  return chart;
}

Chart histogram_chart(const LoadOutcome& outcome, const LoadOutcome* earlier, Latency kind) {
  Chart chart{.title = title_of(kind) + " latency, how often", .note = "share of all values, as scheduled"};
  chart.x = {.logarithmic = true, .text = time_in_page, .tick = time_tick};
  chart.y = {.from_zero = true, .text = share_text};
  const Histogram& now = outcome.tally[kind].due;
  const Histogram* before = earlier != nullptr ? &earlier->tally[kind].due : nullptr;
  if (before != nullptr && before->count() == 0) before = nullptr;
  const auto least = static_cast<double>(before == nullptr ? now.min() : std::min(now.min(), before->min()));
  const auto most = static_cast<double>(before == nullptr ? now.max() : std::max(now.max(), before->max()));
  chart.lines.push_back({.name = "this run", .filled = true, .points = shares(now, least, most)});
  if (before == nullptr) return chart;
  Points steps;
  for (const auto& [edge, share] : shares(*before, least, most)) {
    if (!steps.empty()) steps.emplace_back(edge, steps.back().second);
    steps.emplace_back(edge, share);
  }
  chart.lines.push_back({"earlier", 3, Dash::dashes, false, std::move(steps)});
  return chart;
}

Chart lag_chart(const LoadOutcome& outcome) {
  Chart chart{.title = "Schedule lag over time", .note = "how late the generator itself was; logarithmic"};
  chart.x = time_axis(outcome);
  chart.y = {.logarithmic = true, .text = time_in_page, .tick = time_tick};
  chart.lines.push_back(
      {"p50", 0, Dash::solid, false, latency_over_time(outcome, Latency::lag, &Percentiles::p50)});
  chart.lines.push_back(
      {"p99", 1, Dash::dashes, false, latency_over_time(outcome, Latency::lag, &Percentiles::p99)});
  chart.lines.push_back(
      {"max", 3, Dash::dots, false, latency_over_time(outcome, Latency::lag, &Percentiles::max)});
  return chart;
}

Chart connections(const LoadOutcome& outcome) {
  Chart chart{.title = "Connections over time", .note = "open at the same time"};
  chart.x = time_axis(outcome);
  chart.y = {.from_zero = true, .text = number_tick};
  chart.lines.push_back({.name = "open", .points = over_time(outcome, true, [](const Interval& interval) {
                                           return static_cast<double>(interval.open);
                                         })});
  return chart;
}

}  // namespace

std::vector<Chart> charts_of(const LoadOutcome& outcome, const LoadOutcome* earlier) {
  std::vector<Chart> charts{throughput(outcome, earlier)};
  const auto kind = main_latency(outcome.tally);
  if (kind) {
    charts.push_back(latency_chart(outcome, earlier, *kind));
    charts.push_back(distribution(outcome, earlier, *kind));
    charts.push_back(histogram_chart(outcome, earlier, *kind));
    charts.push_back(others(outcome, *kind));
  }
  charts.push_back(lag_chart(outcome));
  const auto open = [](const Interval& interval) { return interval.open; };
  if (const auto [least, most] = std::ranges::minmax_element(outcome.series, {}, open);
      !outcome.series.empty() && least->open != most->open)
    charts.push_back(connections(outcome));
  return charts;
}

}  // namespace mq
