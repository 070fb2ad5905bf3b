#include "load/arrivals.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "load/client_random.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

Random random_of(std::uint64_t client) { return client_random(7, RandomUse::arrivals, client); }

std::vector<Duration> times(const Rate& rate, const Timetable& table, std::uint64_t clients = 1,
                            std::uint64_t number = 0, std::size_t most = 10'000'000) {
  Arrivals arrivals(rate, table, clients, number, random_of(number));
  std::vector<Duration> all;
  while (all.size() < most) {
    const auto due = arrivals.next();
    if (!due) break;
    all.push_back(*due);
  }
  return all;
}

std::vector<Duration> of_all(const Rate& rate, const Timetable& table, std::uint64_t clients) {
  std::vector<Duration> all;
  for (std::uint64_t number = 0; number < clients; ++number) {
    const auto one = times(rate, table, clients, number);
    all.insert(all.end(), one.begin(), one.end());
  }
  std::ranges::sort(all);
  return all;
}

double up_to(const std::vector<Duration>& all, Duration moment) {
  return static_cast<double>(std::ranges::lower_bound(all, moment) - all.begin());
}

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

constexpr Rate constant(double per_second, bool in_total = false) {
  return {.pace = Pace::constant, .per_second = per_second, .in_total = in_total};
}

TEST_CASE("constant: evenly, from the start, to the end of the duration") {
  const Timetable table({}, 2s);
  CHECK(times(constant(4), table) ==
        std::vector<Duration>{0ms, 250ms, 500ms, 750ms, 1000ms, 1250ms, 1500ms, 1750ms});
  CHECK(times(constant(1), table).size() == 2);
  CHECK(times(constant(3), Timetable({}, 10s)).size() == 30);
  CHECK(times(constant(1e6), Timetable({}, 1s)).size() == 1'000'000);
  CHECK(table.end() == Duration(2s));
  CHECK_FALSE(Timetable({}).end());
}

TEST_CASE("clients are spread over one period") {
  const Timetable table({}, 1s);
  CHECK(times(constant(2), table, 4, 1) == std::vector<Duration>{125ms, 625ms});
  CHECK(times(constant(2), table, 4, 3) == std::vector<Duration>{375ms, 875ms});
}

TEST_CASE("a rate in total is divided over the clients, evenly") {
  const auto all = of_all(constant(1000, true), Timetable({}, 1s), 7);
  REQUIRE(all.size() == 1000);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i] == Duration(i * 1ms));
}

TEST_CASE("nothing adds up over ten hours") {
  const Timetable table({}, 10h);
  Arrivals arrivals(constant(1111), table, 1, 0, random_of(0));
  std::uint64_t count = 0;
  Duration last{};
  while (const auto due = arrivals.next()) {
    ++count;
    last = *due;
  }
  CHECK(count == 1111 * 36'000);
  CHECK(std::abs((last - (10h - Duration(1'000'000'000 / 1111))).count()) <= 1);
}

TEST_CASE("without stages and duration there is no end") {
  CHECK(times(constant(1), Timetable({}), 1, 0, 100).back() == Duration(99s));
}

TEST_CASE("bursts come at once, evenly") {
  Rate rate = constant(10);
  rate.pace = Pace::bursts;
  rate.burst = 5;
  const Timetable table({}, 1s);
  CHECK(times(rate, table) ==
        std::vector<Duration>{0ms, 0ms, 0ms, 0ms, 0ms, 500ms, 500ms, 500ms, 500ms, 500ms});
  CHECK(times(rate, table, 2, 1).front() == Duration(250ms));
}

TEST_CASE("a factor of 0 is silence") {
  const std::vector<Stage> stages{{1s, 1, 1}, {5s, 0, 0}, {1s, 2, 2}};
  CHECK(times(constant(2), Timetable(stages)) ==
        std::vector<Duration>{0ms, 500ms, 6000ms, 6250ms, 6500ms, 6750ms});
  CHECK(times(constant(2), Timetable(std::vector<Stage>{{5s, 0, 0}})).empty());
}

TEST_CASE("a duration cuts the stages, stages end a longer duration") {
  const std::vector<Stage> stages{{2s, 0, 1}, {2s, 1, 1}};
  const Timetable cut(stages, 1s);
  CHECK(cut.end() == Duration(1s));
  CHECK(times(constant(100), cut).size() == 25);
  CHECK(Timetable(stages, 1h).end() == Duration(4s));
}

TEST_CASE("counts equal the integral of the stages, at every moment") {
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<Stage> stages;
    double before = 0;
    for (std::uint64_t i = 0; i < 1 + random.up_to(5); ++i) {
      // Some jump, some are level, some are silent.
      const double from = random.up_to(3) == 0 ? static_cast<double>(random.up_to(300)) / 100 : before;
      const double to = random.up_to(2) == 0 ? from : static_cast<double>(random.up_to(300)) / 100;
      stages.push_back({Duration(1 + random.up_to(3'000'000'000)), from, to});
      before = to;
    }
    const double rate = 1 + static_cast<double>(random.up_to(2000));
    const std::uint64_t clients = 1 + random.up_to(4);
    const Timetable table(stages);
    CAPTURE(round);
    Duration end{};
    double integral = 0;
    const auto all = of_all(constant(rate, true), table, clients);
    CHECK(std::ranges::is_sorted(times(constant(rate, true), table, clients, 0)));
    for (const Stage& stage : stages) {
      end += stage.length;
      integral += (stage.from + stage.to) / 2 * seconds(stage.length);
      CHECK(std::abs(up_to(all, end) - integral * rate) <= 1 + 1e-6 * integral * rate);
      const Duration rest = stage.length / 3;
      const double at_rest = stage.to - (stage.to - stage.from) * seconds(rest) / seconds(stage.length);
      const double amount = integral - (at_rest + stage.to) / 2 * seconds(rest);
      CHECK(std::abs(up_to(all, end - rest) - amount * rate) <= 1.001);
    }
    CHECK(table.end() == end);
    CHECK((all.empty() || all.back() <= end));
  }
}

TEST_CASE("poisson: pauses have mean and deviation of an exponential distribution") {
  Rate rate = constant(1000);
  rate.pace = Pace::poisson;
  const auto all = times(rate, Timetable({}, 200s));
  const double count = static_cast<double>(all.size());
  CHECK(std::abs(count - 200'000) < 5 * std::sqrt(200'000.0));
  double sum = 0, squares = 0;
  Duration last{};
  for (const Duration due : all) {
    const double pause = seconds(due - last) * 1000;
    sum += pause;
    squares += pause * pause;
    last = due;
  }
  const double mean = sum / count;
  CHECK(std::abs(mean - 1) < 0.02);
  CHECK(std::abs(squares / count - mean * mean - 1) < 0.03);
  // Counts of equal stretches vary as much as their mean.
  double variance = 0;
  for (int i = 0; i < 200; ++i) {
    const double in_it = up_to(all, (i + 1) * 1s) - up_to(all, i * 1s);
    variance += (in_it - 1000) * (in_it - 1000) / 200;
  }
  CHECK(variance > 600);
  CHECK(variance < 1500);
}

TEST_CASE("poisson follows stages and is each client's own") {
  Rate rate = constant(20'000, true);
  rate.pace = Pace::poisson;
  const std::vector<Stage> stages{{2s, 0, 2}, {1s, 0, 0}, {2s, 1, 1}};
  const Timetable table(stages);
  const auto all = of_all(rate, table, 10);
  CHECK(std::abs(up_to(all, 1s) - 10'000) < 500);
  CHECK(std::abs(up_to(all, 2s) - 40'000) < 1000);
  CHECK(up_to(all, 3s) == up_to(all, 2s));
  CHECK(std::abs(up_to(all, 5s) - 80'000) < 1500);
  CHECK(times(rate, table, 10, 3) == times(rate, table, 10, 3));
  CHECK(times(rate, table, 10, 3) != times(rate, table, 10, 4));
}

TEST_CASE("no rate, no times") {
  const Timetable table({}, 1s);
  CHECK(times(constant(0), table).empty());
  Rate poisson{.pace = Pace::poisson, .per_second = 0};
  CHECK(times(poisson, table).empty());
  poisson.per_second = 1e-300;
  CHECK(times(poisson, Timetable({})).empty());
  CHECK(times({.pace = Pace::flood, .per_second = 5}, table).empty());
}

}  // namespace
}  // namespace mq
