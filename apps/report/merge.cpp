#include "report/merge.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.hpp"
#include "load/series.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::uint32_t most_shards = 100'000;

// That all belong to the same run, and which shard stands in which file.
Result<void> check_run(const std::vector<NamedOutcome>& parts) {
  const LoadOutcome& first = parts.front().outcome;
  for (const NamedOutcome& part : parts) {
    const auto differs = [&](std::string_view what, std::string_view here, std::string_view there) {
      return usage(fmt::format("{} is of {} {}, and {} of {}", quoted(part.name), what, here,
                               quoted(parts.front().name), there),
                   "only shards of one run can be added up");
    };
    const LoadOutcome& one = part.outcome;
    if (one.run != first.run)
      return differs("run", fmt::format("{:08x}", one.run), fmt::format("{:08x}", first.run));
    if (one.scenario != first.scenario)
      return differs("scenario", quoted(one.scenario), quoted(first.scenario));
    if (one.version != first.version) return differs("version", quoted(one.version), quoted(first.version));
  }
  return {};
}

Result<void> check_shards(const std::vector<NamedOutcome>& parts) {
  std::map<std::uint32_t, std::string_view> files;
  std::uint32_t count = 0;
  for (const NamedOutcome& part : parts) {
    if (part.outcome.shards.empty())
      return usage(fmt::format("{} does not say which shard it is", quoted(part.name)));
    for (const Shard& shard : part.outcome.shards) {
      if (count == 0) count = shard.count;
      if (shard.count != count)
        return usage(fmt::format("{} is shard {}/{}, others are of {}", quoted(part.name), shard.index,
                                 shard.count, count));
      const auto [had, is_new] = files.try_emplace(shard.index, part.name);
      if (!is_new)
        return usage(fmt::format("shard {}/{} is in {} and in {}", shard.index, count, quoted(had->second),
                                 quoted(part.name)));
    }
  }
  if (count > most_shards) return usage(fmt::format("{} shards are more than {}", count, most_shards));
  if (files.size() == count) return {};
  constexpr std::size_t most_named = 5;
  std::string missing;
  std::size_t named = 0;
  for (std::uint32_t index = 0; index < count && named <= most_named; ++index) {
    if (files.contains(index)) continue;
    missing +=
        named == most_named ? ", ..." : fmt::format("{}{}/{}", missing.empty() ? "" : ", ", index, count);
    ++named;
  }
  return usage(fmt::format("{} of {} shards {} missing: {}", count - files.size(), count,
                           count - files.size() == 1 ? "is" : "are", missing),
               "all shards of a run are added up, or none");
}

// Its start by the clock of shard 0, in microseconds.
std::int64_t start_of(const LoadOutcome& outcome) {
  const auto own = std::ranges::find(outcome.clocks, outcome.shards.front().index, &ClockOffset::shard);
  if (own == outcome.clocks.end() || std::abs(own->microseconds) > 1e15) return outcome.started;
  return outcome.started + static_cast<std::int64_t>(own->microseconds);
}

void add_percentiles(const Percentiles& part, Percentiles& sum) {
  sum.count += part.count;
  // No percentile of the sum is above the greatest of its parts.
  sum.p50 = std::max(sum.p50, part.p50);
  sum.p90 = std::max(sum.p90, part.p90);
  sum.p99 = std::max(sum.p99, part.p99);
  sum.p999 = std::max(sum.p999, part.p999);
  sum.max = std::max(sum.max, part.max);
}

// What came at the same time in another shard.
void add_interval(const Interval& part, Interval& sum) {
  sum.measured = sum.measured && part.measured;
  sum.seconds = std::max(sum.seconds, part.seconds);
  sum.open += part.open;
  for (std::size_t i = 0; i < count_kinds; ++i) sum.counts[i] += part.counts[i];
  for (std::size_t i = 0; i < message_count_kinds; ++i) sum.messages[i] += part.messages[i];
}

void add_percentiles(const Interval& part, Interval& sum) {
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    add_percentiles(part.due[i], sum.due[i]);
    add_percentiles(part.done[i], sum.done[i]);
  }
}

// Intervals whose middles are within the same second of the run become one; or within the same longer
// interval where any shard has longer ones.
std::vector<Interval> merged_series(const std::vector<NamedOutcome>& parts, std::int64_t start) {
  double usual = 1;
  for (const NamedOutcome& part : parts)
    for (const Interval& interval : part.outcome.series)
      usual = std::max(usual, std::min(interval.seconds, 86'400.0));
  std::map<std::int64_t, Interval> slots;
  for (const NamedOutcome& part : parts) {
    const double shift = static_cast<double>(start_of(part.outcome) - start) / 1e6;
    std::map<std::int64_t, Interval> own;
    for (Interval interval : part.outcome.series) {
      interval.at += shift;
      const auto number = static_cast<std::int64_t>(std::floor((interval.at - interval.seconds / 2) / usual));
      const auto [slot, is_new] = own.try_emplace(number, interval);
      if (is_new) continue;
      join(interval, slot->second);
      add_percentiles(interval, slot->second);
    }
    for (const auto& [number, interval] : own) {
      const auto [slot, is_new] = slots.try_emplace(number, interval);
      if (is_new) continue;
      slot->second.at = std::max(slot->second.at, interval.at);
      add_interval(interval, slot->second);
      add_percentiles(interval, slot->second);
    }
  }
  std::vector<Interval> series;
  for (auto& [number, interval] : slots) series.push_back(interval);
  return series;
}

// Whose figures can be trusted least says what the whole is worth.
Limit merged_limit(const std::vector<NamedOutcome>& parts) {
  constexpr Bound order[] = {Bound::generator, Bound::network, Bound::unknown, Bound::server, Bound::none};
  for (const Bound bound : order) {
    for (const NamedOutcome& part : parts) {
      const LoadOutcome& one = part.outcome;
      if (one.limit.bound != bound) continue;
      return {bound, one.limit.why.empty() || parts.size() == 1
                         ? one.limit.why
                         : fmt::format("shard {}: {}", one.shards.front().index, one.limit.why)};
    }
  }
  return {};
}

void add_texts(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& text : from)
    if (std::ranges::find(to, text) == to.end()) to.push_back(text);
}

void add_part(const LoadOutcome& part, LoadOutcome& sum) {
  sum.seconds = std::max(sum.seconds, part.seconds);
  sum.replay_seconds = std::max(sum.replay_seconds, part.replay_seconds);
  sum.warm_up = std::max(sum.warm_up, part.warm_up);
  sum.shards.insert(sum.shards.end(), part.shards.begin(), part.shards.end());
  add_texts(part.servers, sum.servers);
  add_texts(part.notes, sum.notes);
  sum.processes += part.processes;
  sum.interrupted = sum.interrupted || part.interrupted;
  sum.complete = sum.complete && part.complete;
  if (part.failure && !sum.failure) {
    sum.failure = part.failure;
    sum.failure->text.insert(0, fmt::format("shard {}: ", part.shards.front().index));
  }
  for (const PopulationOutcome& population : part.populations) {
    const auto found = std::ranges::find(sum.populations, population.name, &PopulationOutcome::name);
    PopulationOutcome& same =
        found == sum.populations.end() ? sum.populations.emplace_back(population.name) : *found;
    same.clients += population.clients;
    same.connected += population.connected;
  }
  sum.tally.add(part.tally);
  sum.outside.add(part.outside);
  for (const Breach& breach : part.violations)
    if (sum.violations.size() < most_breaches) sum.violations.push_back(breach);
  sum.violation_count += part.violation_count;
  for (const auto& [text, count] : part.errors) sum.errors[text] += count;
  for (ThreadHealth thread : part.threads) {
    thread.name = fmt::format("{}/{}", part.shards.front().index, thread.name);
    sum.threads.push_back(std::move(thread));
  }
  sum.clocks.insert(sum.clocks.end(), part.clocks.begin(), part.clocks.end());
}

}  // namespace

Result<LoadOutcome> merge_shards(const std::vector<NamedOutcome>& parts) {
  if (parts.empty()) return usage("there are no reports to add up");
  if (auto good = check_run(parts); !good) return std::unexpected(std::move(good.error()));
  if (auto good = check_shards(parts); !good) return std::unexpected(std::move(good.error()));
  if (parts.size() == 1) return parts.front().outcome;

  std::vector<const LoadOutcome*> order;
  for (const NamedOutcome& part : parts) order.push_back(&part.outcome);
  std::ranges::sort(order, {}, [](const LoadOutcome* one) { return one->shards.front().index; });
  const LoadOutcome& first = *order.front();
  LoadOutcome sum;
  sum.version = first.version;
  sum.scenario = first.scenario;
  sum.title = first.title;
  sum.run = first.run;
  sum.processes = 0;
  sum.started = start_of(first);
  std::int64_t last_start = sum.started;
  double ceiling = 0;
  bool ceilings = true;
  for (const LoadOutcome* part : order) {
    sum.started = std::min(sum.started, start_of(*part));
    last_start = std::max(last_start, start_of(*part));
    add_part(*part, sum);
    ceilings = ceilings && part->ceiling.has_value();
    ceiling += part->ceiling.value_or(0);
  }
  if (ceilings) sum.ceiling = ceiling;
  // With all shards there, every delivery is known whose message and whose subscriber are of the run.
  account(sum);
  sum.accounted = sum.accounted && !sum.interrupted;
  sum.series = merged_series(parts, sum.started);
  sum.limit = merged_limit(parts);
  sum.notes.emplace_back("percentiles over time are those of the shard where they were greatest");
  if (last_start - sum.started > 1'000'000)
    sum.notes.push_back(
        fmt::format("the shards did not begin together: the last one {:.1f} s after the first",
                    static_cast<double>(last_start - sum.started) / 1e6));
  return sum;
}

}  // namespace mq
