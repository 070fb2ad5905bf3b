#include "report/compare.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "report/merge.hpp"
#include "report/noise.hpp"
#include "report/outcome_json.hpp"
#include "report/rates.hpp"
#include "report/sentences.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

using Verdict = Difference::Verdict;

// All runs of a side as one; counts stay sums.
LoadOutcome pooled(const Side& side) {
  LoadOutcome sum;
  sum.accounted = true;
  for (const LoadOutcome& run : side.runs) {
    sum.tally.add(run.tally);
    sum.outside.add(run.outside);
    sum.seconds += run.seconds;
    sum.replay_seconds += run.replay_seconds;
    sum.violation_count += run.violation_count;
    sum.accounted = sum.accounted && run.accounted;
    for (const auto& [text, count] : run.errors) sum.errors[text] += count;
    sum.threads.insert(sum.threads.end(), run.threads.begin(), run.threads.end());
    if (run.ceiling) sum.ceiling = std::max(sum.ceiling.value_or(0), *run.ceiling);
  }
  return sum;
}

bool is_sum(const Metric& metric) {
  return metric.unit() == Metric::Unit::things || metric.unit() == Metric::Unit::bytes;
}

std::optional<double> value_of(const Metric& metric, const Side& side, const LoadOutcome& sum) {
  auto value = metric.value(sum);
  if (value && is_sum(metric)) *value /= static_cast<double>(std::max<std::size_t>(side.runs.size(), 1));
  return value;
}

// Counts stay what they are, a run each.
std::vector<double> counts_of(const Metric& metric, const Side& side) {
  std::vector<double> counts;
  for (const LoadOutcome& run : side.runs) counts.push_back(metric.value(run).value_or(0));
  return counts;
}

// The greatest chance that is still held for none, with so many asked about at once.
double greatest_chance(const std::vector<Difference>& differences) {
  constexpr double wrong = 0.05;
  std::vector<double> chances;
  for (const Difference& one : differences)
    if (one.noise) chances.push_back(one.noise->chance);
  std::ranges::sort(chances);
  for (std::size_t i = chances.size(); i-- > 0;)
    if (chances[i] <= wrong * static_cast<double>(i + 1) / static_cast<double>(chances.size()))
      return chances[i];
  return -1;
}

Verdict verdict_of(const Difference& difference, double greatest) {
  if (!difference.before || !difference.after) return Verdict::unknown;
  const double change = *difference.after - *difference.before;
  const Metric::Wish wish = difference.metric.wish();
  // A fault that there was none of before is news, however rare.
  const bool fault = is_sum(difference.metric) && wish == Metric::Wish::less;
  const bool sure = fault && change != 0 && (*difference.before == 0 || *difference.after == 0);
  if (!sure) {
    if (!difference.noise) return change == 0 ? Verdict::noise : Verdict::unknown;
    if (!(std::abs(change) > difference.noise->half_width)) return Verdict::noise;
    if (!difference.noise->between_runs || difference.noise->chance > greatest) return Verdict::perhaps;
  }
  if (wish == Metric::Wish::neither) return Verdict::changed;
  return (change > 0) == (wish == Metric::Wish::more) ? Verdict::better : Verdict::worse;
}

// The figures that are compared, in their order.
std::vector<Metric> candidates() {
  std::vector<Metric> metrics;
  const auto add = [&metrics](const std::string& name) {
    if (auto metric = parse_metric(name)) metrics.push_back(*metric);
  };
  for (const RateRow& row : rate_rows())
    if (row.count != Count::requests) add(std::string(row.name) + ".rate");
  for (const TallyRow& row : latency_rows()) {
    for (const std::string_view value : {"p50", "p90", "p99", "p99.9", "max"})
      add(fmt::format("{}.{}", row.name, value));
    for (const std::string_view value : {"p50", "p99"})
      add(fmt::format("{}.uncorrected.{}", row.name, value));
  }
  for (const TallyRow& row : message_count_rows())
    if (parse_metric(row.name)->wish() == Metric::Wish::less) add(std::string(row.name));
  for (const TallyRow& row : count_rows())
    if (parse_metric(row.name)->wish() == Metric::Wish::less) add(std::string(row.name));
  for (const std::string_view name : {"violations", "errors", "cpu"}) add(std::string(name));
  return metrics;
}

// Uncorrected latencies only where they tell something else, and the rate of connections only where runs are
// about them: else they are mostly made before anything is measured.
bool is_wanted(const Metric& metric, const LoadOutcome& before, const LoadOutcome& after) {
  if (metric.rate && metric.of == Metric::Of::count &&
      metric.row == static_cast<std::size_t>(Count::connected))
    return main_rate(before.tally).count == Count::connected &&
           main_rate(after.tally).count == Count::connected;
  if (metric.of != Metric::Of::latency || !metric.uncorrected) return true;
  return differs(before.tally.latencies[metric.row]) || differs(after.tally.latencies[metric.row]);
}

std::vector<std::string> runs_of(const Side& side) {
  std::vector<std::string> texts;
  for (const LoadOutcome& run : side.runs)
    texts.push_back(fmt::format("{}, {}, {}", name_text(run), clients_text(run), measured_text(run)));
  return texts;
}

std::vector<std::string> notes_of(const Side& before, const Side& after) {
  std::vector<std::string> notes;
  const LoadOutcome& left = before.runs.front();
  const LoadOutcome& right = after.runs.front();
  if (left.scenario != right.scenario) notes.emplace_back("the scenarios differ");
  if (clients_text(left) != clients_text(right)) notes.emplace_back("the numbers of clients differ");
  if (left.version != right.version) notes.emplace_back("the versions of the toolkit differ");
  constexpr double alike = 0.1;
  if (std::abs(left.seconds - right.seconds) > alike * std::max(left.seconds, right.seconds))
    notes.emplace_back("the runs are not of the same length: counts are for each as long as it was");
  if (before.runs.size() == 1 && after.runs.size() == 1)
    notes.emplace_back(
        "a run each: how much runs differ by chance is not known; repeat them and compare A1,A2,A3 with "
        "B1,B2,B3");
  for (const Side* side : {&before, &after}) {
    const auto weak = [](const LoadOutcome& run) { return run.limit.bound == Bound::generator; };
    if (std::ranges::any_of(side->runs, weak))
      notes.push_back(fmt::format("{} was limited by the generator, not by the server", quoted(side->name)));
    if (!std::ranges::all_of(side->runs, &LoadOutcome::complete))
      notes.push_back(fmt::format("{} is without what a lost process has counted", quoted(side->name)));
    if (std::ranges::any_of(side->runs,
                            [](const LoadOutcome& run) { return run.complete && run.failure.has_value(); }))
      notes.push_back(fmt::format("{} failed in part", quoted(side->name)));
    if (std::ranges::any_of(side->runs, &LoadOutcome::interrupted))
      notes.push_back(fmt::format("{} was interrupted", quoted(side->name)));
  }
  return notes;
}

}  // namespace

Result<Side> read_side(std::string_view files) {
  Side side{std::string(files), {}};
  std::vector<NamedOutcome> read;
  while (true) {
    const std::string name(files.substr(0, files.find(',')));
    if (name.empty()) return usage(fmt::format("{} has an empty name of a file", quoted(side.name)));
    auto outcome = read_outcome(name);
    if (!outcome) return std::unexpected(std::move(outcome.error()));
    read.push_back({name, std::move(*outcome)});
    if (name.size() == files.size()) break;
    files.remove_prefix(name.size() + 1);
  }
  const auto is_part = [&read](const NamedOutcome& one) {
    return !one.outcome.shards.empty() && one.outcome.shards.front().count > one.outcome.shards.size() &&
           one.outcome.run == read.front().outcome.run;
  };
  if (std::ranges::all_of(read, is_part)) {
    auto merged = merge_shards(read);
    if (!merged) return std::unexpected(std::move(merged.error()));
    side.runs.push_back(std::move(*merged));
    return side;
  }
  for (NamedOutcome& one : read) side.runs.push_back(std::move(one.outcome));
  return side;
}

Comparison compare(const Side& before, const Side& after) {
  Comparison comparison{before.name,    after.name, runs_of(before),
                        runs_of(after), {},         notes_of(before, after)};
  const LoadOutcome left = pooled(before);
  const LoadOutcome right = pooled(after);
  for (const Metric& metric : candidates()) {
    Difference difference{
        .metric = metric, .before = value_of(metric, before, left), .after = value_of(metric, after, right)};
    const bool nothing = difference.before.value_or(0) == 0 && difference.after.value_or(0) == 0;
    if (nothing || !is_wanted(metric, left, right)) continue;
    if (difference.before && difference.after) {
      if (is_sum(metric))
        difference.noise = noise_of_counts(counts_of(metric, before), counts_of(metric, after));
      else
        difference.noise =
            noise_of_series(metric, *difference.before, *difference.after, before.runs, after.runs);
      const double least = metric.unit() == Metric::Unit::microseconds ? 1.0 : 0.0;
      if (difference.noise)
        difference.noise->half_width =
            std::max({difference.noise->half_width, least, 0.001 * *difference.before});
    }
    comparison.differences.push_back(difference);
  }
  const double greatest = greatest_chance(comparison.differences);
  for (Difference& one : comparison.differences) one.verdict = verdict_of(one, greatest);
  return comparison;
}

}  // namespace mq
