#include "report/outcomes.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>

namespace mq::testing {
namespace {

Percentiles around(std::uint32_t seed, std::uint64_t count, double middle) {
  Histogram histogram;
  fill(histogram, seed, count, middle);
  return percentiles(histogram);
}

Interval interval(std::uint32_t seed, unsigned second) {
  const bool stall = second == 6;
  Interval made{.at = second + 0.001 * (seed % 7), .seconds = 1, .measured = true, .open = 20};
  const auto count = [&made](Count kind) -> std::uint64_t& {
    return made.counts[static_cast<std::size_t>(kind)];
  };
  const auto message = [&made](MessageCount kind) -> std::uint64_t& {
    return made.messages[static_cast<std::size_t>(kind)];
  };
  std::mt19937 random(seed * 100 + second);
  const std::uint64_t sent = stall ? 20 : 990 + random() % 21;
  message(MessageCount::sent) = message(MessageCount::expected) = message(MessageCount::received) = sent;
  message(MessageCount::acknowledged) = sent / 2;
  count(Count::bytes_sent) = count(Count::bytes_received) = sent * 80;
  if (second == 1) count(Count::connects) = count(Count::connected) = 20;
  const auto at = [](Latency kind) { return static_cast<std::size_t>(kind); };
  const double slow = stall ? 400'000 : 300 + static_cast<double>(random() % 50);
  made.due[at(Latency::end_to_end)] = around(seed + second, sent, slow);
  made.done[at(Latency::end_to_end)] = around(seed + second + 50, sent, 250);
  made.due[at(Latency::acknowledge)] = around(seed + second, sent / 2, slow * 0.8);
  made.done[at(Latency::acknowledge)] = around(seed + second + 50, sent / 2, 200);
  made.due[at(Latency::lag)] = around(seed + second, sent, 8);
  return made;
}

auto parts(const Percentiles& p) { return std::tie(p.count, p.p50, p.p90, p.p99, p.p999, p.max); }
auto parts(const Shard& s) { return std::tie(s.index, s.count); }
auto parts(const PopulationOutcome& p) { return std::tie(p.name, p.clients, p.connected); }
auto parts(const Breach& b) { return std::tie(b.kind, b.qos, b.stream, b.first, b.last, b.subscriber); }
auto parts(const ThreadHealth& t) { return std::tie(t.name, t.cpu_seconds, t.seconds); }
auto parts(const ClockOffset& c) { return std::tie(c.shard, c.microseconds, c.uncertainty); }

template <class List>
bool all_equal(const List& left, const List& right) {
  return std::ranges::equal(left, right, [](const auto& a, const auto& b) { return parts(a) == parts(b); });
}

}  // namespace

void fill(Histogram& histogram, std::uint32_t seed, std::size_t count, double middle, double spread) {
  std::mt19937 random(seed);
  std::lognormal_distribution<double> shape(std::log(middle), spread);
  for (std::size_t i = 0; i < count; ++i) histogram.record(static_cast<std::uint64_t>(shape(random)));
}

LoadOutcome outcome(std::uint32_t seed) {
  LoadOutcome made;
  made.version = "0.1.0";
  made.scenario = "pubsub";
  made.title = "nightly";
  made.run = 0x1A2B3C4D;
  made.started = 1'790'000'000'123'456;
  made.seconds = 10;
  made.shards = {{0, 1}};
  made.servers = {"mqtt://127.0.0.1:1883", "mqtt://[::1]:1884"};
  made.populations = {{"publishers", 10, 10}, {"subscribers", 10, 10}};
  Tally& tally = made.tally;
  for (unsigned second = 1; second <= 10; ++second) {
    const Interval& one = made.series.emplace_back(interval(seed, second));
    for (std::size_t i = 0; i < count_kinds; ++i) tally.counts[i] += one.counts[i];
    const std::uint64_t sent = one.messages[static_cast<std::size_t>(MessageCount::sent)];
    for (const int qos : {0, 1}) {
      const std::uint64_t half = qos == 0 ? sent - sent / 2 : sent / 2;
      tally.at(qos, MessageCount::sent) += half;
      tally.at(qos, MessageCount::expected) += half;
      tally.at(qos, MessageCount::received) += half;
      if (qos == 1) tally.at(qos, MessageCount::acknowledged) += half;
    }
    const double slow = second == 6 ? 400'000 : 310;
    fill(tally[Latency::end_to_end].due, seed + second, sent, slow);
    fill(tally[Latency::end_to_end].done, seed + second + 50, sent, 250);
    fill(tally[Latency::acknowledge].due, seed + second, sent / 2, slow * 0.8);
    fill(tally[Latency::acknowledge].done, seed + second + 50, sent / 2, 200);
    fill(tally[Latency::lag].due, seed + second, sent, 8);
  }
  fill(tally[Latency::connect].due, seed, 20, 900);
  tally[Latency::connect].done = tally[Latency::connect].due;
  fill(tally[Latency::subscribe].due, seed, 10, 400);
  tally[Latency::subscribe].done = tally[Latency::subscribe].due;
  tally[Count::subscriptions] = 10;
  for (const auto& [qos, lost] : {std::pair(0, 1U), {1, 2U}}) {
    tally.at(qos, MessageCount::received) -= lost;
    tally.at(qos, MessageCount::lost) = lost;
  }
  made.violations = {{Breach::Kind::lost, 1, 7, 123, 124, 17}};
  made.violation_count = 1;
  made.errors = {{"connection refused", 2}, {"the server ended the connection", 1}};
  made.threads = {{"main", 0.31, 10}, {"load-1", 5.6, 10, 0.2}};
  made.ceiling = 123'456;
  made.limit = {Bound::server,
                "the generator managed 123 k/s against the sink, its threads were busy for 56 %"};
  made.notes = {"the server keeps at most 20 messages in flight"};
  return made;
}

bool equal(const Tally& left, const Tally& right) {
  return left.counts == right.counts && left.messages == right.messages &&
         std::ranges::equal(left.latencies, right.latencies, [](const Timing& a, const Timing& b) {
           return a.due == b.due && a.done == b.done;
         });
}

bool equal(const Interval& left, const Interval& right) {
  return std::tie(left.at, left.seconds, left.measured, left.open, left.counts, left.messages) ==
             std::tie(right.at, right.seconds, right.measured, right.open, right.counts, right.messages) &&
         all_equal(left.due, right.due) && all_equal(left.done, right.done);
}

bool equal(const LoadOutcome& left, const LoadOutcome& right) {
  const auto plain = [](const LoadOutcome& o) {
    return std::tie(o.version, o.scenario, o.title, o.run, o.started, o.seconds, o.warm_up, o.replay_seconds,
                    o.servers, o.processes, o.interrupted, o.complete, o.accounted, o.violation_count,
                    o.errors, o.ceiling, o.limit.bound, o.limit.why, o.notes);
  };
  const auto same_failure = [&] {
    if (!left.failure || !right.failure) return left.failure.has_value() == right.failure.has_value();
    return left.failure->kind == right.failure->kind && left.failure->text == right.failure->text;
  };
  return plain(left) == plain(right) && same_failure() && all_equal(left.shards, right.shards) &&
         all_equal(left.populations, right.populations) && equal(left.tally, right.tally) &&
         std::ranges::equal(left.series, right.series,
                            [](const Interval& a, const Interval& b) { return equal(a, b); }) &&
         all_equal(left.violations, right.violations) && all_equal(left.threads, right.threads) &&
         all_equal(left.clocks, right.clocks);
}

}  // namespace mq::testing
