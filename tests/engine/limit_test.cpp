// What the figures of a run say about what held it back.
#include "engine/limit.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "engine/testing.hpp"

using namespace mq;

namespace {

Population clients(std::uint64_t count, double per_second) {
  Population made;
  made.name = "clients";
  made.clients = count;
  made.connect = {.pace = Pace::constant, .per_second = per_second, .in_total = true};
  return made;
}

Population coming(std::uint64_t count, double per_second, Duration stay) {
  Population made = clients(count, 1000);
  made.churn = ChurnPlan{
      .stay = stay, .rate = {.pace = Pace::constant, .per_second = per_second, .in_total = true}, .count = 0};
  return made;
}

// Ten seconds in which so many connects were begun, each so late, by a thread that worked so much.
Limit limit(Population population, std::uint64_t connects, std::uint64_t late, double load) {
  LoadPlan plan;
  plan.scenario.populations.push_back(std::move(population));
  LoadOutcome outcome;
  outcome.seconds = 10;
  outcome.threads = {{.name = "load-1", .cpu_seconds = 10 * load, .seconds = 10}};
  outcome.tally[Count::connects] = connects;
  for (std::uint64_t i = 0; i < connects; ++i) outcome.tally[Latency::lag].record(late, late);
  return limit_of(outcome, {}, plan);
}

constexpr auto stay = std::chrono::milliseconds(100);

}  // namespace

TEST_CASE("connects that were begun when they were due were not held up") {
  const Limit conn = limit(clients(10'000, 1000), 10'000, 200, 0.1);
  CHECK(conn.bound == Bound::none);
  CHECK(conn.why ==
        "1000 of 1000 connects/s that were asked for, begun within 0.2 ms at p99; the busiest thread worked "
        "10 % of the time");
  CHECK(limit(coming(1000, 500, stay), 5000, 200, 0.2).bound == Bound::none);
  // Busy, and yet in time.
  CHECK(limit(clients(10'000, 1000), 10'000, 4'000, 0.97).bound == Bound::none);
  // Late in between, but all of them came.
  CHECK(limit(clients(10'000, 1000), 9'900, 20'000, 0.5).bound == Bound::none);
}

TEST_CASE("connects that come late from a busy thread are the generator's limit") {
  const Limit made = limit(clients(100'000, 20'000), 120'000, 80'000, 0.99);
  CHECK(made.bound == Bound::generator);
  CHECK(made.why.starts_with("12000 of 20000 connects/s that were asked for, begun within 80"));
  CHECK(limit(coming(1000, 20'000, {}), 120'000, 80'000, 0.95).bound == Bound::generator);
}

TEST_CASE("with time to spare it is the server that clients wait for") {
  const Limit made = limit(coming(100, 1000, stay), 3'000, 900'000, 0.3);
  CHECK(made.bound == Bound::server);
  CHECK(made.why.ends_with("worked 30 % of the time, and waited for the server's answers the rest"));
}

TEST_CASE("clients that stay too long for the rate are no fault of the server's") {
  const Limit made = limit(coming(10, 1000, stay), 990, 900'000, 0.01);
  CHECK(made.bound == Bound::generator);
  CHECK(made.why.ends_with("; clients that stay so long can come 100 times a second"));
}

TEST_CASE("all at once: whoever is busy all the time is the limit") {
  Population flood = clients(10'000, 0);
  flood.connect = {.pace = Pace::flood};
  CHECK(limit(flood, 10'000, 0, 0.95).bound == Bound::generator);
  const Limit made = limit(flood, 10'000, 0, 0.4);
  CHECK(made.bound == Bound::server);
  CHECK(made.why ==
        "1000 connects/s, and the busiest thread worked 40 % of the time, and waited for the server's "
        "answers the rest");
}

TEST_CASE("connecting is what a load is about when its clients do nothing else") {
  Scenario scenario;
  CHECK_FALSE(measures_connecting(scenario));
  scenario.populations = {clients(10, 10), coming(10, 10, stay)};
  CHECK(measures_connecting(scenario));
  scenario.populations[1].subscribe = SubscribePlan{};
  CHECK(measures_connecting(scenario));
  scenario.populations[0].subscribe = SubscribePlan{};
  CHECK_FALSE(measures_connecting(scenario));
  CHECK_FALSE(measures_connecting(testing::pairs(1, QoS::at_most_once, {}, 1)));
}
