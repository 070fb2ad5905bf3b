#include "report/compare.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "payload/json.hpp"
#include "peers/temp_dir.hpp"
#include "report/noise.hpp"
#include "report/outcome_json.hpp"
#include "report/outcomes.hpp"

using namespace mq;
using Verdict = Difference::Verdict;

namespace {

const Difference* find(const Comparison& comparison, std::string_view name) {
  const auto found = std::ranges::find_if(
      comparison.differences, [name](const Difference& one) { return one.metric.name() == name; });
  return found == comparison.differences.end() ? nullptr : &*found;
}

Verdict verdict_of(const Comparison& comparison, std::string_view name) {
  const Difference* found = find(comparison, name);
  REQUIRE_MESSAGE(found != nullptr, std::string(name));
  return found->verdict;
}

Side side(std::vector<std::uint32_t> seeds) {
  Side made{"side", {}};
  for (const std::uint32_t seed : seeds) made.runs.push_back(testing::outcome(seed));
  return made;
}

// All latencies longer by so much, as if the server had become slower.
LoadOutcome slower(LoadOutcome outcome, double factor) {
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    for (Histogram* histogram : {&outcome.tally.latencies[i].due, &outcome.tally.latencies[i].done}) {
      const Histogram before = *histogram;
      histogram->clear();
      for (const auto& [highest, times] : before.buckets())
        histogram->record(static_cast<std::uint64_t>(static_cast<double>(highest) * factor), times);
    }
    for (Interval& interval : outcome.series)
      for (Percentiles* one : {&interval.due[i], &interval.done[i]})
        for (std::uint64_t* value : {&one->p50, &one->p90, &one->p99, &one->p999, &one->max})
          *value = static_cast<std::uint64_t>(static_cast<double>(*value) * factor);
  }
  return outcome;
}

constexpr const char* single =
    "a run each: how much runs differ by chance is not known; repeat them and compare A1,A2,A3 with B1,B2,B3";

// No second in which nothing moves.
LoadOutcome steady(std::uint32_t seed) {
  LoadOutcome outcome = testing::outcome(seed);
  outcome.series[5] = outcome.series[4];
  outcome.series[5].at = 6;
  return outcome;
}

}  // namespace

TEST_CASE("equal sides differ by noise alone") {
  const Comparison comparison = compare(side({1}), side({2}));
  for (const Difference& one : comparison.differences) {
    CAPTURE(one.metric.name());
    CHECK((one.verdict == Verdict::noise || one.verdict == Verdict::unknown));
  }
  CHECK(comparison.notes == std::vector<std::string>{single});
  const Comparison same = compare(side({1}), side({1}));
  for (const Difference& one : same.differences)
    CHECK((one.verdict == Verdict::noise || one.verdict == Verdict::unknown));
}

TEST_CASE("a difference that is more than noise is told, with its direction") {
  const Side fast{"a", {steady(1), steady(3)}};
  const Side slow{"b", {slower(steady(2), 1.5), slower(steady(4), 1.5)}};
  Comparison comparison = compare(fast, slow);
  CHECK(comparison.notes.empty());
  CHECK(verdict_of(comparison, "e2e.uncorrected.p50") == Verdict::worse);
  CHECK(verdict_of(comparison, "e2e.p50") == Verdict::worse);
  CHECK(verdict_of(comparison, "sent.rate") == Verdict::noise);
  comparison = compare(slow, fast);
  CHECK(verdict_of(comparison, "e2e.uncorrected.p50") == Verdict::better);
  // A second in which hardly anything moved has few messages, and little weight; in the rate it has its own.
  comparison = compare(side({1, 3}), {"b", {slower(testing::outcome(2), 2), slower(testing::outcome(4), 2)}});
  CHECK(verdict_of(comparison, "e2e.uncorrected.p50") == Verdict::worse);
  CHECK(find(compare(side({1}), side({2})), "sent.rate")->noise->half_width > 100);
  CHECK(find(compare(fast, slow), "sent.rate")->noise->half_width < 20);
}

TEST_CASE("of single runs no more is said than perhaps") {
  const Comparison comparison = compare({"a", {steady(1)}}, {"b", {slower(steady(2), 1.5)}});
  CHECK(comparison.notes == std::vector<std::string>{single});
  CHECK(verdict_of(comparison, "e2e.p50") == Verdict::perhaps);
  CHECK(verdict_of(comparison, "e2e.max") == Verdict::unknown);
  CHECK(verdict_of(comparison, "sent.rate") == Verdict::noise);
}

TEST_CASE("runs that differ by chance alone are seldom called better or worse, and a change is found") {
  std::mt19937 random(7);
  std::lognormal_distribution<double> chance(0, 0.05);
  std::vector<LoadOutcome> runs;
  for (std::uint32_t seed = 1; seed <= 12; ++seed) runs.push_back(steady(seed));
  const auto some = [&](double factor) {
    Side made{"side", {}};
    for (int i = 0; i < 3; ++i)
      made.runs.push_back(slower(runs[random() % runs.size()], factor * chance(random)));
    return made;
  };
  constexpr int comparisons = 40;
  int wrong = 0;
  int found = 0;
  for (int i = 0; i < comparisons; ++i) {
    const Comparison equal = compare(some(1), some(1));
    wrong += std::ranges::any_of(equal.differences, [](const Difference& one) {
      return one.verdict == Verdict::better || one.verdict == Verdict::worse;
    });
    found += verdict_of(compare(some(1), some(1.5)), "e2e.p50") == Verdict::worse;
  }
  CHECK(wrong <= comparisons / 10);
  CHECK(found >= comparisons * 9 / 10);
}

TEST_CASE("a warm-up changes no rate") {
  LoadOutcome warmed = steady(1);
  const std::uint64_t sent = measured(warmed, MessageCount::sent);
  warmed.tally.at(1, MessageCount::sent) += 5000;
  warmed.outside.at(1, MessageCount::sent) += 5000;
  CHECK(measured(warmed, MessageCount::sent) == sent);
  const Comparison comparison = compare({"a", {steady(1)}}, {"b", {warmed}});
  CHECK(find(comparison, "sent.rate")->after == find(comparison, "sent.rate")->before);
}

TEST_CASE("a fault that was not there before is worse, however rare; others must be many") {
  Side before = side({1});
  Side after = side({1});
  before.runs[0].tally.at(0, MessageCount::duplicated) = 100;
  after.runs[0].tally.at(0, MessageCount::duplicated) = 110;
  after.runs[0].tally.at(1, MessageCount::corrupted) = 1;
  after.runs[0].tally.at(1, MessageCount::lost) = 200;
  after.runs[0].errors.clear();
  const Comparison comparison = compare(before, after);
  CHECK(verdict_of(comparison, "duplicated") == Verdict::noise);
  CHECK(verdict_of(comparison, "corrupted") == Verdict::worse);
  CHECK(verdict_of(comparison, "lost") == Verdict::perhaps);
  CHECK(verdict_of(comparison, "errors") == Verdict::better);
  CHECK(find(comparison, "reordered") == nullptr);
}

TEST_CASE("several runs of a side are taken together, and their spread counts") {
  const Comparison comparison = compare(side({1, 2, 3}), side({4, 5}));
  const Difference* lost = find(comparison, "lost");
  REQUIRE(lost != nullptr);
  CHECK(lost->before == 3);
  CHECK(lost->after == 3);
  CHECK(find(comparison, "sent.rate")->before == doctest::Approx(901).epsilon(0.01));
  // Runs that differ a lot among themselves make a difference uncertain.
  const Metric metric = *parse_metric("ack.uncorrected.p50");
  const auto alike = noise_of_series(metric, 100, 110, {steady(1), steady(2)}, {steady(3), steady(4)});
  const auto wide =
      noise_of_series(metric, 100, 110, {steady(1), slower(steady(2), 3)}, {steady(3), steady(4)});
  REQUIRE(alike);
  REQUIRE(wide);
  CHECK(wide->half_width > 5 * alike->half_width);
  CHECK(wide->chance > alike->chance);
  // As uneven counts are, so uncertain is their difference.
  CHECK(noise_of_counts({100, 100, 100}, {140, 140, 140}).chance < 0.001);
  CHECK(noise_of_counts({0, 300, 0}, {0, 0, 420}).chance > 0.5);
}

TEST_CASE("only what is measured tells of noise, however long the clients took to connect") {
  const Metric metric = *parse_metric("sent.rate");
  const auto late = [](std::uint32_t seed) {
    LoadOutcome outcome = steady(seed);
    // Nothing is sent while they connect.
    for (Interval& interval : outcome.series) interval.at += 20;
    for (int second = 20; second > 0; --second)
      outcome.series.insert(outcome.series.begin(),
                            Interval{.at = static_cast<double>(second), .seconds = 1});
    return outcome;
  };
  const auto noise = noise_of_series(metric, 900, 900, {steady(1)}, {steady(2)});
  const auto same = noise_of_series(metric, 900, 900, {late(1)}, {late(2)});
  REQUIRE(noise);
  REQUIRE(same);
  CHECK(noise->half_width > 0);
  CHECK(same->half_width == doctest::Approx(noise->half_width));
}

TEST_CASE("of rates without a series, and of percentiles of too few values, nothing is claimed") {
  Side before = side({1});
  Side after{"b", {slower(testing::outcome(2), 3)}};
  before.runs[0].series.resize(2);
  const Comparison comparison = compare(before, after);
  CHECK(verdict_of(comparison, "sent.rate") == Verdict::unknown);
  CHECK(noise_text(*find(comparison, "sent.rate")).empty());
  CHECK(verdict_of(comparison, "connect.p99") == Verdict::unknown);
  CHECK(verdict_of(comparison, "connect.p50") == Verdict::perhaps);
  CHECK(verdict_of(comparison, "e2e.p99") == Verdict::perhaps);
}

TEST_CASE("a comparison is told as a table and as JSON, with what makes it doubtful") {
  Side before{"a.json", {steady(1), steady(2)}};
  Side after{"b.json", {slower(steady(1), 2), slower(steady(2), 2)}};
  after.runs[0].scenario = "fan\x1b";
  after.runs[0].limit.bound = Bound::generator;
  const Comparison comparison = compare(before, after);
  Buffer text;
  Ink ink(text, {});
  append_comparison(comparison, ink);
  CHECK(text.starts_with("before  a.json\n        pubsub \"nightly\", 20 clients"));
  CHECK(text.contains("note    the scenarios differ\n"));
  CHECK(text.contains("note    'b.json' was limited by the generator, not by the server\n"));
  CHECK(text.contains("end to end p50, as sent"));
  CHECK(text.contains("  worse\n"));
  CHECK_FALSE(text.contains('\x1b'));
  CHECK(text.contains(" +-"));
  Comparison vague = comparison;
  for (Difference& one : vague.differences) one.noise = Noise{.half_width = 1e18};
  text.clear();
  append_comparison(vague, ink);
  CHECK(text.contains("   > 1000 %"));
  CHECK_FALSE(text.contains("+->"));
  Buffer json;
  append_comparison_json(comparison, json);
  const auto value = parse_json(json);
  REQUIRE(value);
  const Value* first = at_pointer(*value, "/differences/0");
  REQUIRE(first != nullptr);
  CHECK(first->member("figure")->text == "sent.rate");
  CHECK(first->member("unit")->text == "per_s");
  CHECK(first->member("verdict")->text == "noise");
}

TEST_CASE("sides are read from files; shards of one run become that run") {
  const TempDir folder;
  const auto write = [&folder](const std::string& name, const LoadOutcome& outcome) {
    Buffer json;
    append_outcome(outcome, json);
    return folder.write(name, json);
  };
  const std::string a = write("a.json", testing::outcome(1));
  const std::string b = write("b.json", testing::outcome(2));
  CHECK(read_side(a)->runs.size() == 1);
  CHECK(read_side(a + "," + b)->runs.size() == 2);
  LoadOutcome shard = testing::outcome();
  shard.shards = {{0, 2}};
  const std::string left = write("0.json", shard);
  shard.shards = {{1, 2}};
  const std::string right = write("1.json", shard);
  CHECK(read_side(left + "," + right)->runs.size() == 1);
  CHECK(read_side(left).error().text == "1 of 2 shards is missing: 1/2");
  CHECK(read_side(a + ",").error().kind == ErrorKind::usage);
  CHECK(read_side("").error().kind == ErrorKind::usage);
}
