#include "load/series.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <random>

namespace mq {
namespace {

constexpr auto end_to_end = static_cast<std::size_t>(Latency::end_to_end);

// Runs of so many seconds, kept both ways: by the series, and second by second.
struct Run {
  Series series;
  std::vector<Interval> shown;
  std::vector<Interval> seconds;
  std::vector<std::array<Timing, latency_kinds>> latencies;

  explicit Run(std::size_t most) : series(most) {}

  void pass(std::size_t count) {
    std::mt19937 random(static_cast<unsigned>(seconds.size()) + 1);
    while (count-- > 0) {
      Interval interval{.at = static_cast<double>(seconds.size() + 1), .seconds = 1, .measured = true};
      interval.open = 10 + seconds.size();
      interval.counts[0] = 1;
      interval.messages[0] = seconds.size();
      auto& timings = latencies.emplace_back();
      // Some seconds have nothing to measure.
      for (std::size_t values = seconds.size() % 5 * 20; values > 0; --values)
        timings[end_to_end].record(random() % 100'000, random() % 1000);
      seconds.push_back(interval);
      series.add(interval, timings, shown);
    }
  }

  // What is shown of the seconds of `begin` to `end` is what they make together.
  void check(const Interval& one, std::size_t begin, std::size_t end) const {
    CAPTURE(begin);
    CAPTURE(end);
    CHECK(one.at == static_cast<double>(end));
    CHECK(one.seconds == static_cast<double>(end - begin));
    CHECK(one.open == 10 + end - 1);
    CHECK(one.counts[0] == end - begin);
    std::uint64_t messages = 0;
    Timing sum;
    for (std::size_t i = begin; i < end; ++i) {
      messages += seconds[i].messages[0];
      sum.due.add(latencies[i][end_to_end].due);
      sum.done.add(latencies[i][end_to_end].done);
    }
    CHECK(one.messages[0] == messages);
    for (const auto& [seen, wanted] : {std::pair(one.due[end_to_end], percentiles(sum.due)),
                                       std::pair(one.done[end_to_end], percentiles(sum.done))}) {
      CHECK(seen.count == wanted.count);
      CHECK(seen.p50 == wanted.p50);
      CHECK(seen.p90 == wanted.p90);
      CHECK(seen.p99 == wanted.p99);
      CHECK(seen.p999 == wanted.p999);
      CHECK(seen.max == wanted.max);
    }
  }

  void check_all(std::size_t parts) const {
    CHECK(shown.size() == (seconds.size() + parts - 1) / parts);
    std::size_t begin = 0;
    for (const Interval& one : shown) {
      check(one, begin, std::min(begin + parts, seconds.size()));
      begin += parts;
    }
    CHECK(begin >= seconds.size());
  }
};

TEST_CASE("a series doubles its intervals when there are too many, and stays exact") {
  Run run(8);
  run.pass(7);
  run.check_all(1);
  run.pass(1);
  run.check_all(2);
  // The newest is always there, if only a part of what it will be.
  for (int i = 0; i < 7; ++i) {
    run.pass(1);
    run.check_all(2);
  }
  CHECK(run.shown.size() == 8);
  CHECK(run.shown.back().seconds == 1);
  run.pass(1);
  run.check_all(4);
  for (std::size_t parts = 4; parts <= 64; parts *= 2) {
    run.pass(parts * 8 - run.seconds.size() - 1);
    run.check_all(parts);
    run.pass(1);
    run.check_all(2 * parts);
  }
}

TEST_CASE("a month of seconds is a bounded series that has every message") {
  Series series;
  std::vector<Interval> shown;
  const std::array<Timing, latency_kinds> nothing{};
  constexpr std::size_t month = 30 * 86'400;
  std::size_t most = 0;
  for (std::size_t second = 1; second <= month; ++second) {
    Interval interval{.at = static_cast<double>(second), .seconds = 1};
    interval.messages[0] = second;
    series.add(interval, nothing, shown);
    most = std::max(most, shown.size());
  }
  CHECK(most <= Series::usual_most);
  CHECK(shown.size() >= Series::usual_most / 2);
  std::uint64_t messages = 0;
  double length = 0;
  for (const Interval& one : shown) {
    messages += one.messages[0];
    length += one.seconds;
  }
  CHECK(messages == month * (month + 1) / 2);
  CHECK(length == static_cast<double>(month));
  CHECK(shown.back().at == static_cast<double>(month));
}

TEST_CASE("an interval is measured when all of it is") {
  Interval warm{.at = 1, .seconds = 1};
  const Interval next{.at = 2, .seconds = 0.5, .measured = true};
  join(next, warm);
  CHECK_FALSE(warm.measured);
  CHECK(warm.seconds == 1.5);
  CHECK(warm.at == 2);
}

}  // namespace
}  // namespace mq
