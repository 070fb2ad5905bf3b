#include "report/metric.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "report/amounts.hpp"
#include "report/rates.hpp"
#include "report/sentences.hpp"
#include "report/tally_json.hpp"
#include "shared/nearest.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

using Unit = Metric::Unit;
using Wish = Metric::Wish;
using Statistic = Metric::Statistic;

struct Reckoned {
  std::string_view name;
  std::string_view title;
  Unit unit;
  Wish wish;
  std::optional<double> (*value)(const LoadOutcome&);
};

double main_amount(const LoadOutcome& outcome) { return rate(outcome, main_rate(outcome.tally)); }

std::optional<double> busiest_thread(const LoadOutcome& outcome) {
  std::optional<double> most;
  for (const ThreadHealth& thread : outcome.threads)
    if (thread.seconds > 0) most = std::max(most.value_or(0), 100 * thread.cpu_seconds / thread.seconds);
  return most;
}

std::optional<double> replay_rate(const LoadOutcome& outcome) {
  const auto count = static_cast<double>(outcome.tally[Latency::replay].due.count());
  return outcome.replay_seconds > 0 ? std::optional(count / outcome.replay_seconds) : std::nullopt;
}

double error_count(const LoadOutcome& outcome) {
  double sum = 0;
  for (const auto& [text, count] : outcome.errors) sum += static_cast<double>(count);
  return sum;
}

using Run = const LoadOutcome&;
constexpr std::array<Reckoned, 6> reckoned{{
    {"rate", "rate", Unit::per_second, Wish::more,
     [](Run run) { return run.seconds > 0 ? std::optional(main_amount(run)) : std::nullopt; }},
    {"replayed.rate", "replayed a second", Unit::per_second, Wish::more, replay_rate},
    {"errors", "errors", Unit::things, Wish::less, [](Run run) { return std::optional(error_count(run)); }},
    {"violations", "broken promises", Unit::things, Wish::less,
     [](Run run) { return std::optional(static_cast<double>(run.violation_count)); }},
    {"cpu", "CPU of the busiest thread", Unit::percent, Wish::less, busiest_thread},
    {"ceiling", "the generator's ceiling", Unit::per_second, Wish::neither,
     [](Run run) { return run.ceiling; }},
}};

constexpr std::array<std::pair<std::string_view, Statistic>, 4> statistics{{{"min", Statistic::min},
                                                                            {"mean", Statistic::mean},
                                                                            {"max", Statistic::max},
                                                                            {"count", Statistic::count}}};

bool is_bytes(const Metric& metric) {
  const auto count = static_cast<Count>(metric.row);
  return metric.of == Metric::Of::count && (count == Count::bytes_sent || count == Count::bytes_received);
}

std::optional<std::size_t> row_of(std::span<const TallyRow> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &TallyRow::name);
  return found == rows.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - rows.begin()));
}

std::span<const TallyRow> table(Metric::Of of) {
  if (of == Metric::Of::latency) return latency_rows();
  return of == Metric::Of::count ? count_rows() : message_count_rows();
}

// "p99.9", "max": which value of a latency.
std::string word_of(const Metric& metric) {
  if (metric.statistic == Statistic::percentile) return fmt::format("p{}", metric.percent);
  return std::string(
      std::ranges::find(statistics, metric.statistic, &std::pair<std::string_view, Statistic>::second)
          ->first);
}

// "p99.9": from above 0 to 100, with at most as many digits as names are made of.
std::optional<double> percent_of(std::string_view word) {
  if (!word.starts_with('p') || word.size() < 2 || word.size() > 10) return std::nullopt;
  word.remove_prefix(1);
  if (word.find_first_not_of("0123456789.") != word.npos) return std::nullopt;
  const auto percent = parse_number<double>(word);
  return percent && *percent > 0 && *percent <= 100 ? percent : std::nullopt;
}

std::unexpected<Error> unknown(std::string_view name) {
  const std::vector<std::string> names = metric_names();
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view near = nearest(name, views);
  return usage(fmt::format("there is no figure {}", quoted(name)),
               near.empty() ? "figures are such as rate, lost, received.rate, e2e.p99, ack.uncorrected.p99.9"
                            : fmt::format("did you mean {}?", near));
}

// What follows a latency's name.
bool take_latency(std::string_view rest, Metric& metric) {
  constexpr std::string_view mark = "uncorrected.";
  if (rest.starts_with(mark)) {
    metric.uncorrected = true;
    rest.remove_prefix(mark.size());
  }
  if (const auto percent = percent_of(rest)) {
    metric.percent = *percent;
    return true;
  }
  const auto found = std::ranges::find(statistics, rest, &std::pair<std::string_view, Statistic>::first);
  if (found == statistics.end()) return false;
  metric.statistic = found->second;
  return true;
}

bool take_count(std::string_view rest, Metric& metric) {
  if (metric.of == Metric::Of::message && rest.starts_with("qos") && rest.size() >= 4 && rest[3] >= '0' &&
      rest[3] <= '2') {
    metric.qos = rest[3] - '0';
    rest.remove_prefix(4);
    if (rest.empty()) return true;
    if (!rest.starts_with('.')) return false;
    rest.remove_prefix(1);
  }
  metric.rate = rest == "rate";
  return metric.rate;
}

}  // namespace

std::string Metric::name() const {
  if (of == Of::reckoned) return std::string(reckoned[row].name);
  std::string text(table(of)[row].name);
  if (of == Of::latency) return text + (uncorrected ? ".uncorrected." : ".") + word_of(*this);
  if (qos >= 0) text += fmt::format(".qos{}", qos);
  return rate ? text + ".rate" : text;
}

std::string Metric::title() const {
  if (of == Of::reckoned) return std::string(reckoned[row].title);
  const std::string_view text = table(of)[row].title;
  if (of == Of::latency) return fmt::format("{} {}{}", text, word_of(*this), uncorrected ? ", as sent" : "");
  return fmt::format("{}{}{}", text, qos >= 0 ? fmt::format(" at QoS {}", qos) : "", rate ? " a second" : "");
}

Unit Metric::unit() const {
  if (of == Of::reckoned) return reckoned[row].unit;
  if (of == Of::latency) return statistic == Statistic::count ? Unit::things : Unit::microseconds;
  if (rate) return is_bytes(*this) ? Unit::bytes_per_second : Unit::per_second;
  return is_bytes(*this) ? Unit::bytes : Unit::things;
}

Wish Metric::wish() const {
  if (of == Of::reckoned) return reckoned[row].wish;
  if (of == Of::latency) return statistic == Statistic::count ? Wish::neither : Wish::less;
  if (of == Of::message) {
    switch (static_cast<MessageCount>(row)) {
      case MessageCount::sent:
      case MessageCount::acknowledged:
      case MessageCount::received:
        return Wish::more;
      case MessageCount::expected:
        return Wish::neither;
      default:
        return Wish::less;
    }
  }
  switch (static_cast<Count>(row)) {
    case Count::connected:
    case Count::subscriptions:
    case Count::answers:
      return Wish::more;
    case Count::connect_failures:
    case Count::refused:
    case Count::connections_lost:
    case Count::subscribe_failures:
    case Count::late_answers:
    case Count::requests_failed:
    case Count::unstamped:
      return Wish::less;
    default:
      return Wish::neither;
  }
}

std::optional<double> Metric::value(const LoadOutcome& outcome) const {
  const Tally& tally = outcome.tally;
  if (of == Of::reckoned) return reckoned[row].value(outcome);
  if (of == Of::latency) {
    const Timing& timing = tally.latencies[row];
    const Histogram& histogram = uncorrected ? timing.done : timing.due;
    if (statistic == Statistic::count) return static_cast<double>(histogram.count());
    if (histogram.count() == 0) return std::nullopt;
    if (statistic == Statistic::mean) return histogram.mean();
    if (statistic == Statistic::percentile) return static_cast<double>(histogram.percentile(percent));
    return static_cast<double>(statistic == Statistic::min ? histogram.min() : histogram.max());
  }
  std::uint64_t count = 0;
  if (rate && outcome.seconds > 0) {
    return per_second(of == Of::count ? measured(outcome, static_cast<Count>(row))
                                      : measured(outcome, static_cast<MessageCount>(row), qos),
                      outcome.seconds);
  }
  if (of == Of::count) {
    count = tally.counts[row];
  } else {
    const auto kind = static_cast<MessageCount>(row);
    if (kind == MessageCount::lost && !outcome.accounted) return std::nullopt;
    count = qos < 0 ? tally.all(kind) : tally.at(qos, kind);
  }
  return rate ? std::nullopt : std::optional(static_cast<double>(count));
}

std::optional<double> Metric::value(const Interval& interval) const {
  if (of == Of::latency) {
    const Percentiles& percentiles = uncorrected ? interval.done[row] : interval.due[row];
    if (statistic == Statistic::count) return static_cast<double>(percentiles.count);
    if (percentiles.count == 0) return std::nullopt;
    if (statistic == Statistic::max) return static_cast<double>(percentiles.max);
    if (statistic != Statistic::percentile) return std::nullopt;
    constexpr std::pair<double, std::uint64_t Percentiles::*> known[] = {{50, &Percentiles::p50},
                                                                         {90, &Percentiles::p90},
                                                                         {99, &Percentiles::p99},
                                                                         {99.9, &Percentiles::p999},
                                                                         {100, &Percentiles::max}};
    for (const auto& [of_percent, field] : known)
      if (of_percent == percent) return static_cast<double>(percentiles.*field);
    return std::nullopt;
  }
  if (!rate || qos >= 0 || !(interval.seconds > 0)) return std::nullopt;
  return per_second(of == Of::count ? interval.counts[row] : interval.messages[row], interval.seconds);
}

Result<Metric> parse_metric(std::string_view name) {
  const auto of_reckoned = std::ranges::find(reckoned, name, &Reckoned::name);
  if (of_reckoned != reckoned.end())
    return Metric{.row = static_cast<std::size_t>(of_reckoned - reckoned.begin())};
  const std::size_t dot = name.find('.');
  const std::string_view rest = dot == name.npos ? std::string_view() : name.substr(dot + 1);
  for (const Metric::Of of : {Metric::Of::latency, Metric::Of::count, Metric::Of::message}) {
    const auto row = row_of(table(of), name.substr(0, dot));
    if (!row) continue;
    Metric metric{.of = of, .row = *row};
    if (of == Metric::Of::latency) {
      if (take_latency(rest, metric)) return metric;
      return usage(
          fmt::format("{} does not say which value of the latency is meant", quoted(name)),
          fmt::format("such as {}.p99, {}.uncorrected.p99.9, {}.mean or {}.max", table(of)[*row].name,
                      table(of)[*row].name, table(of)[*row].name, table(of)[*row].name));
    }
    if (dot == name.npos || take_count(rest, metric)) return metric;
    return unknown(name);
  }
  return unknown(name);
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const Reckoned& row : reckoned) names.emplace_back(row.name);
  for (const TallyRow& row : latency_rows()) {
    for (const std::string_view mark : {".", ".uncorrected."}) {
      const std::string prefix = std::string(row.name).append(mark);
      for (const PercentileRow& percentile : percentile_rows)
        names.push_back(prefix + std::string(percentile.name));
      for (const auto& [word, statistic] : statistics) names.push_back(prefix + std::string(word));
    }
  }
  for (const TallyRow& row : count_rows()) {
    names.emplace_back(row.name);
    names.push_back(fmt::format("{}.rate", row.name));
  }
  for (const TallyRow& row : message_count_rows()) {
    names.emplace_back(row.name);
    names.push_back(fmt::format("{}.rate", row.name));
    for (int qos = 0; qos < 3; ++qos) names.push_back(fmt::format("{}.qos{}", row.name, qos));
  }
  return names;
}

std::string metrics_text() {
  const auto names_of = [](const auto& rows) {
    std::string names;
    for (const auto& row : rows) names += (names.empty() ? "" : ", ") + std::string(row.name);
    return names;
  };
  return fmt::format(
      "Figures are {}; the latencies {}, each with .p50, .p99.9 and the like, .min, .mean, .max or .count "
      "behind "
      "it, and .uncorrected before that for those as sent, which have a unit (us, ms, s); the counts {}, "
      "each "
      "also with .rate for so many a second; and of messages {}, which also have .qos0, .qos1 and .qos2. "
      "Numbers "
      "may have k, M or G. The rate is that of what the run is about: of messages sent, or of connections "
      "made "
      "where there are none. What is not known or was not measured fails.",
      names_of(reckoned), names_of(latency_rows()), names_of(count_rows()), names_of(message_count_rows()));
}

std::string value_text(double value, Unit unit) {
  switch (unit) {
    case Unit::microseconds:
      return time_text(value);
    case Unit::per_second:
      return rate_text(value);
    case Unit::bytes_per_second:
      return rate_text(value, true);
    case Unit::percent:
      return fmt::format("{:.1f} %", value);
    case Unit::bytes:
    case Unit::things:
      break;
  }
  if (value != std::floor(value) || !(value >= 0) || value > 1e18) return fmt::format("{:g}", value);
  return grouped(static_cast<std::uint64_t>(value)) + (unit == Unit::bytes ? " bytes" : "");
}

}  // namespace mq
