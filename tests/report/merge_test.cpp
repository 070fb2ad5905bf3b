#include "report/merge.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "load/series.hpp"
#include "report/outcome_json.hpp"
#include "report/outcomes.hpp"

using namespace mq;
using testing::equal;

namespace {

NamedOutcome shard(std::uint32_t index, std::uint32_t count) {
  NamedOutcome made{"shard-" + std::to_string(index) + ".json", testing::outcome(index + 1)};
  made.outcome.shards = {{index, count}};
  return made;
}

std::string error_of(const std::vector<NamedOutcome>& parts) {
  const auto merged = merge_shards(parts);
  REQUIRE_FALSE(merged);
  CHECK(merged.error().kind == ErrorKind::usage);
  return merged.error().text;
}

}  // namespace

TEST_CASE("shards add up exactly, in whatever order they come, after being read from JSON") {
  std::vector<NamedOutcome> parts;
  Tally sum;
  for (const std::uint32_t index : {2U, 0U, 3U, 1U}) {
    Buffer json;
    NamedOutcome part = shard(index, 4);
    append_outcome(part.outcome, json);
    sum.add(part.outcome.tally);
    parts.push_back({part.name, *parse_outcome(json)});
  }
  const auto merged = merge_shards(parts);
  REQUIRE_MESSAGE(merged, merged.error().text);
  CHECK(equal(merged->tally, sum));
  CHECK(merged->tally.all(MessageCount::lost) == 12);
  CHECK(merged->accounted);
  CHECK(merged->shards.size() == 4);
  CHECK(merged->shards[3].index == 3);
  CHECK(merged->processes == 4);
  CHECK(merged->populations.size() == 2);
  CHECK(merged->populations[0].clients == 40);
  CHECK(merged->servers.size() == 2);
  CHECK(merged->errors.at("connection refused") == 8);
  CHECK(merged->violation_count == 4);
  CHECK(merged->threads.size() == 8);
  CHECK(merged->threads[7].name == "3/load-1");
  CHECK(merged->ceiling == 4 * 123'456);
  CHECK(merged->seconds == 10);
  REQUIRE(merged->series.size() == 10);
  std::uint64_t sent = 0;
  for (const Interval& interval : merged->series) {
    CHECK(interval.open == 80);
    sent += interval.messages[0];
  }
  CHECK(sent == sum.all(MessageCount::sent));
  CHECK(merged->limit.bound == Bound::server);
  CHECK(merged->limit.why.starts_with("shard 2: "));
}

TEST_CASE("what one shard's subscribers missed and another's got is reckoned over all") {
  auto left = shard(0, 2);
  auto right = shard(1, 2);
  left.outcome.accounted = right.outcome.accounted = false;
  left.outcome.tally.messages = right.outcome.tally.messages = {};
  left.outcome.tally.at(1, MessageCount::expected) = 100;
  right.outcome.tally.at(1, MessageCount::received) = 98;
  left.outcome.tally.at(1, MessageCount::lost) = 100;
  auto merged = merge_shards({left, right});
  REQUIRE(merged);
  CHECK(merged->tally.at(1, MessageCount::lost) == 2);
  CHECK(merged->accounted);
  right.outcome.interrupted = true;
  CHECK_FALSE(merge_shards({left, right})->accounted);
  right.outcome.interrupted = false;
  right.outcome.tally.at(1, MessageCount::received) = 101;
  merged = merge_shards({left, right});
  CHECK(merged->tally.at(1, MessageCount::lost) == 0);
  CHECK_FALSE(merged->accounted);

  right.outcome.tally.at(1, MessageCount::received) = 99;
  CHECK(merge_shards({left, right})->accounted);
  right.outcome.failure = Error{.kind = ErrorKind::lost, .text = "all connections were lost"};
  merged = merge_shards({left, right});
  CHECK(merged->complete);
  CHECK(merged->accounted);
  REQUIRE(merged->failure.has_value());
  CHECK(merged->failure->kind == ErrorKind::lost);
  CHECK(merged->failure->text == "shard 1: all connections were lost");
  right.outcome.failure.reset();
  right.outcome.complete = false;
  merged = merge_shards({left, right});
  CHECK_FALSE(merged->complete);
  CHECK_FALSE(merged->accounted);
}

TEST_CASE("series are laid over each other by the clock of shard 0") {
  auto left = shard(0, 2);
  auto right = shard(1, 2);
  right.outcome.started += 3'000'000;
  auto merged = merge_shards({left, right});
  REQUIRE(merged);
  CHECK(merged->series.size() == 13);
  CHECK(merged->series[0].open == 20);
  CHECK(merged->series[3].open == 40);
  CHECK(std::ranges::all_of(merged->series, &Interval::measured));
  left.outcome.series[9].measured = false;
  CHECK_FALSE(merge_shards({left, right})->series[9].measured);
  left.outcome.series[9].measured = true;
  CHECK(merged->notes.back() == "the shards did not begin together: the last one 3.0 s after the first");
  // Its clock is ahead by the same three seconds.
  right.outcome.clocks = {{1, -3e6, 100}};
  merged = merge_shards({left, right});
  CHECK(merged->series.size() == 10);
  CHECK(merged->started == left.outcome.started);
  CHECK(merged->clocks.size() == 1);
}

TEST_CASE("series of unequal intervals are laid over each other without losing or doubling anything") {
  auto left = shard(0, 2);
  auto right = shard(1, 2);
  // The left one's run was so long that two seconds are one.
  std::vector<Interval> pairs;
  for (std::size_t i = 0; i < left.outcome.series.size(); i += 2) {
    pairs.push_back(left.outcome.series[i]);
    join(left.outcome.series[i + 1], pairs.back());
  }
  left.outcome.series = pairs;
  const auto merged = merge_shards({left, right});
  REQUIRE(merged);
  REQUIRE(merged->series.size() == 5);
  const auto sent = static_cast<std::size_t>(MessageCount::sent);
  for (std::size_t i = 0; i < 5; ++i) {
    const Interval& one = merged->series[i];
    CHECK(one.seconds == 2);
    CHECK(one.open == 40);
    CHECK(one.at == doctest::Approx(2.0 * static_cast<double>(i + 1)).epsilon(0.01));
    CHECK(one.messages[sent] == left.outcome.series[i].messages[sent] +
                                    right.outcome.series[2 * i].messages[sent] +
                                    right.outcome.series[2 * i + 1].messages[sent]);
  }
}

TEST_CASE("merged reports of some shards can be merged with the others") {
  auto left = shard(0, 3);
  left.outcome.shards = {{0, 3}, {2, 3}};
  const auto merged = merge_shards({left, shard(1, 3)});
  REQUIRE(merged);
  CHECK(merged->shards.size() == 3);
  CHECK(equal(*merge_shards({{"whole", *merged}}), *merged));
}

TEST_CASE("what is no complete set of shards of one run is refused") {
  CHECK(error_of({}) == "there are no reports to add up");
  CHECK(error_of({shard(0, 3), shard(2, 3)}) == "1 of 3 shards is missing: 1/3");
  CHECK(error_of({shard(0, 9)}) == "8 of 9 shards are missing: 1/9, 2/9, 3/9, 4/9, 5/9, ...");
  CHECK(error_of({shard(0, 2), shard(0, 2)}) == "shard 0/2 is in 'shard-0.json' and in 'shard-0.json'");
  CHECK(error_of({shard(0, 2), shard(1, 3)}) == "'shard-1.json' is shard 1/3, others are of 2");
  auto other = shard(1, 2);
  other.outcome.run = 7;
  CHECK(error_of({shard(0, 2), other}) ==
        "'shard-1.json' is of run 00000007, and 'shard-0.json' of 1a2b3c4d");
  other = shard(1, 2);
  other.outcome.scenario = "pub";
  CHECK(error_of({shard(0, 2), other}) ==
        "'shard-1.json' is of scenario 'pub', and 'shard-0.json' of 'pubsub'");
  other = shard(1, 2);
  other.outcome.version = "9";
  CHECK(error_of({shard(0, 2), other}) == "'shard-1.json' is of version '9', and 'shard-0.json' of '0.1.0'");
  other = shard(1, 2);
  other.outcome.shards.clear();
  CHECK(error_of({shard(0, 2), other}) == "'shard-1.json' does not say which shard it is");
  CHECK(error_of({shard(0, 4'000'000'000)}) == "4000000000 shards are more than 100000");
}
