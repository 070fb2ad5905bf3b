#include "report/sentences.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/amounts.hpp"
#include "report/outcome_json.hpp"
#include "report/rates.hpp"

namespace mq {
namespace {

constexpr std::array<MessageCount, 4> faults{MessageCount::lost, MessageCount::duplicated,
                                             MessageCount::reordered, MessageCount::corrupted};

void add(std::string& list, const std::string& item) { list.append(list.empty() ? "" : ", ").append(item); }

double busy(const ThreadHealth& thread) {
  return thread.seconds > 0 ? 100 * thread.cpu_seconds / thread.seconds : 0;
}

// For a processor.
double waited(const ThreadHealth& thread) {
  return thread.seconds > 0 ? std::min(100.0, 100 * thread.waited_seconds / thread.seconds) : 0;
}

}  // namespace

std::string name_text(const LoadOutcome& outcome) {
  std::string text = shown(outcome.scenario, 80);
  if (!outcome.title.empty()) text += fmt::format(" \"{}\"", shown(outcome.title, 80));
  return text;
}

std::string clients_text(const LoadOutcome& outcome) {
  constexpr std::size_t most_named = 6;
  std::uint64_t all = 0;
  std::string names;
  for (std::size_t i = 0; i < outcome.populations.size(); ++i) {
    const PopulationOutcome& population = outcome.populations[i];
    all += population.clients;
    if (i == most_named) add(names, "...");
    if (i >= most_named) continue;
    const std::string name = shown(population.name, 40);
    if (population.connected == population.clients)
      add(names, fmt::format("{} {}", name, grouped(population.clients)));
    else
      add(names, fmt::format("{} {}, of which {} connected", name, grouped(population.clients),
                             grouped(population.connected)));
  }
  std::string text = so_many(all, "client");
  if (outcome.populations.size() > 1 || names.contains("connected")) text += " (" + names + ")";
  return text;
}

std::string servers_text(const LoadOutcome& outcome) {
  constexpr std::size_t most_named = 2;
  std::string text;
  for (std::size_t i = 0; i < std::min(outcome.servers.size(), most_named); ++i)
    add(text, shown(outcome.servers[i], 80));
  if (outcome.servers.size() > most_named)
    text += fmt::format(" and {} more", outcome.servers.size() - most_named);
  return text;
}

std::string measured_text(const LoadOutcome& outcome) {
  std::string text = seconds_text(outcome.seconds) + " s";
  if (outcome.warm_up > 0) text += fmt::format(" after {} s of warm-up", seconds_text(outcome.warm_up));
  if (outcome.interrupted) text += ", interrupted";
  if (!outcome.complete) text += ", without what a lost process has counted";
  text += fmt::format(", from {}", utc_text(outcome.started));
  if (outcome.shards.size() > 1)
    text += fmt::format(", {} shards", outcome.shards.size());
  else if (!outcome.shards.empty() && outcome.shards[0].count > 1)
    text += fmt::format(", shard {} of {}", outcome.shards[0].index, outcome.shards[0].count);
  if (outcome.processes > 1) text += fmt::format(", {} processes", outcome.processes);
  return text + fmt::format(", run {:08x}", outcome.run);
}

std::string failure_text(const LoadOutcome& outcome) {
  return outcome.failure ? shown(outcome.failure->text, 600) : std::string();
}

std::string rate_text(double per_second, bool bytes) {
  if (bytes) {
    const std::string number = scaled(per_second);
    return number + (number.back() >= 'A' ? "B/s" : " B/s");
  }
  if (per_second >= 99.5) return grouped(static_cast<std::uint64_t>(std::min(per_second + 0.5, 1e18))) + "/s";
  return fmt::format("{:.3g}/s", per_second);
}

std::string rates_text(const LoadOutcome& outcome) {
  const RateRow& main = main_rate(outcome.tally);
  std::string text;
  for (const RateRow& row : rate_rows()) {
    const std::uint64_t counted = amount(outcome, row);
    const bool wanted = &row == &main || (row.headline && counted > 0);
    // Connections are mostly made before anything is measured.
    if (!wanted || (row.count == Count::connected && &row != &main)) continue;
    add(text,
        fmt::format("{} {}", row.title, rate_text(rate(outcome, row), row.unit == std::string_view("B"))));
  }
  return text;
}

std::string events_text(const LoadOutcome& outcome) {
  std::string text;
  for (std::size_t i = 0; i < count_kinds; ++i) {
    const auto kind = static_cast<Count>(i);
    const std::uint64_t count = outcome.tally.counts[i];
    const bool elsewhere =
        kind == Count::connects || (kind >= Count::bytes_sent && kind <= Count::bytes_received);
    if (count > 0 && !elsewhere) add(text, fmt::format("{} {}", grouped(count), count_rows()[i].title));
  }
  return text;
}

std::string faults_text(const LoadOutcome& outcome) {
  const Tally& tally = outcome.tally;
  if (tally.all(MessageCount::expected) == 0 && tally.all(MessageCount::received) == 0) return {};
  const auto came = [&tally](MessageCount kind) { return tally.all(kind) > 0; };
  const bool known = outcome.accounted;
  if (std::ranges::none_of(faults, came))
    return known ? "none was lost, duplicated, reordered or corrupted"
                 : "none was duplicated, reordered or corrupted; whether some were lost is not known";
  return known ? "" : "not every delivery is accounted for: lost ones are not all known";
}

std::string sentence(const Breach& breach) {
  const bool one = breach.first == breach.last;
  const std::string which = one ? fmt::format("message {}", breach.first)
                                : fmt::format("messages {} to {}", breach.first, breach.last);
  std::string text = fmt::format("QoS {}: {} of stream {} ", breach.qos, which, breach.stream);
  switch (breach.kind) {
    case Breach::Kind::lost:
      text += "never reached";
      break;
    case Breach::Kind::duplicated:
      text += one ? "came again to" : "came again each to";
      break;
    case Breach::Kind::reordered:
      text += "came after a later one to";
      break;
    case Breach::Kind::corrupted:
      text += "came changed to";
      break;
  }
  return text + fmt::format(" client {}", breach.subscriber);
}

std::vector<ErrorCount> errors_by_count(const LoadOutcome& outcome) {
  std::vector<ErrorCount> rows;
  for (const auto& [text, count] : outcome.errors) rows.push_back({count, text});
  std::ranges::sort(rows, [](const ErrorCount& left, const ErrorCount& right) {
    return left.count != right.count ? left.count > right.count : left.text < right.text;
  });
  return rows;
}

std::string lag_text(const LoadOutcome& outcome) {
  const Histogram& lag = outcome.tally[Latency::lag].due;
  if (lag.count() == 0) return {};
  const auto text = [](std::uint64_t value) { return time_text(static_cast<double>(value)); };
  return fmt::format("p50 {}, p99 {}, p99.9 {}, max {}", text(lag.percentile(50)), text(lag.percentile(99)),
                     text(lag.percentile(99.9)), text(lag.max()));
}

std::string cpu_text(const LoadOutcome& outcome) {
  constexpr std::size_t most_named = 6;
  std::vector<ThreadHealth> threads = outcome.threads;
  std::ranges::sort(
      threads, {}, [](const ThreadHealth& one) { return std::pair(-busy(one), std::string_view(one.name)); });
  std::string text;
  double all = 0;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    all += busy(threads[i]);
    if (i >= most_named) continue;
    add(text, fmt::format("{} {:.0f} %", shown(threads[i].name, 40), busy(threads[i])));
    if (waited(threads[i]) >= 5) text += fmt::format(" (waited {:.0f} %)", waited(threads[i]));
  }
  if (threads.size() > most_named)
    text += fmt::format("; all {} on average {:.0f} %", threads.size(),
                        all / static_cast<double>(threads.size()));
  return text;
}

std::string clocks_text(const LoadOutcome& outcome) {
  constexpr std::size_t most_named = 4;
  std::vector<ClockOffset> clocks = outcome.clocks;
  std::ranges::sort(clocks, {},
                    [](const ClockOffset& clock) { return std::pair(-clock.uncertainty, clock.shard); });
  std::string text;
  for (std::size_t i = 0; i < std::min(clocks.size(), most_named); ++i) {
    const ClockOffset& clock = clocks[i];
    add(text, fmt::format("shard {} {}{} (within {})", clock.shard, clock.microseconds < 0 ? "-" : "+",
                          time_text(std::abs(clock.microseconds)), time_text(std::abs(clock.uncertainty))));
  }
  if (clocks.size() > most_named) text += fmt::format(" and {} surer ones", clocks.size() - most_named);
  return text;
}

std::string ceiling_text(const LoadOutcome& outcome) {
  if (!outcome.ceiling || !(*outcome.ceiling > 0)) return {};
  const RateRow& row = main_rate(outcome.tally);
  const double share = 100 * rate(outcome, row) / *outcome.ceiling;
  return fmt::format("{} against the sink; this run came to {:.0f} % of it", rate_text(*outcome.ceiling),
                     share);
}

std::string limit_text(const LoadOutcome& outcome) {
  constexpr std::array<std::string_view, 5> words{"not limited", "broker-limited", "generator-limited",
                                                  "network-limited", "not known"};
  std::string text(words[static_cast<std::size_t>(outcome.limit.bound)]);
  if (!outcome.limit.why.empty()) return text + ": " + shown(outcome.limit.why, 600);
  return outcome.limit.bound == Bound::unknown ? std::string() : text;
}

MessageTable message_table(const Tally& tally) {
  using enum MessageCount;
  MessageTable table;
  const auto any = [&tally](MessageCount kind) { return tally.all(kind) > 0; };
  for (std::size_t i = 0; i < message_count_kinds; ++i)
    if (any(static_cast<MessageCount>(i))) table.columns.push_back(static_cast<MessageCount>(i));
  for (int qos = 0; qos < 3; ++qos) {
    const auto& counts = tally.messages[static_cast<std::size_t>(qos)];
    if (std::ranges::any_of(counts, [](std::uint64_t count) { return count > 0; })) table.rows.push_back(qos);
  }
  return table;
}

std::string message_text(const Tally& tally, int qos, MessageCount kind) {
  const bool never = qos == 0 && kind > MessageCount::unsent && kind < MessageCount::expected;
  return never ? "-" : grouped(tally.at(qos, kind));
}

std::string percentile_text(const Histogram& histogram, double percent) {
  if (static_cast<double>(histogram.count()) * (100 - percent) < 99.999) return "-";
  return time_text(static_cast<double>(histogram.percentile(percent)));
}

bool differs(const Timing& timing) { return timing.done.count() > 0 && !(timing.due == timing.done); }

std::uint64_t unnamed(const LoadOutcome& outcome, std::size_t listed) {
  std::uint64_t left = outcome.violation_count;
  for (std::size_t i = 0; i < std::min(listed, outcome.violations.size()); ++i) {
    const Breach& breach = outcome.violations[i];
    left -= std::min(left, breach.last - breach.first + 1);
  }
  return left;
}

}  // namespace mq
