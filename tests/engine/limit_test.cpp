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
Limit limit(Population population, std::uint64_t connects, std::uint64_t late, double load,
            Delays delays = {}) {
  LoadPlan plan;
  plan.scenario.populations.push_back(std::move(population));
  LoadOutcome outcome;
  outcome.seconds = 10;
  outcome.threads = {{.name = "load-1", .cpu_seconds = 10 * load, .seconds = 10}};
  outcome.tally[Count::connects] = connects;
  for (std::uint64_t i = 0; i < connects; ++i) outcome.tally[Latency::lag].record(late, late);
  return limit_of(outcome, {}, delays, plan);
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

TEST_CASE("with time to spare it is the server that clients wait for, if they waited at all") {
  const Limit made = limit(coming(100, 1000, stay), 3'000, 900'000, 0.3, {.late = 3'000, .held = 2'700});
  CHECK(made.bound == Bound::server);
  CHECK(made.why.ends_with("worked 30 % of the time, and 90 % of what was late waited for the server"));
  const Limit asleep = limit(coming(100, 1000, stay), 3'000, 900'000, 0.3, {.late = 3'000, .held = 100});
  CHECK(asleep.bound == Bound::generator);
  CHECK(asleep.why.ends_with("what was late did not wait for the server, but for this machine"));
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

namespace {

// A hundred seconds of messages that were due at a rate, of which each was so late.
LoadOutcome paced(std::uint64_t late) {
  LoadOutcome outcome;
  outcome.seconds = 100;
  outcome.threads = {{.name = "load-1", .cpu_seconds = 3, .seconds = 100}};
  outcome.tally.at(0, MessageCount::sent) = 1000;
  for (int i = 0; i < 1000; ++i) outcome.tally[Latency::lag].record(late, late);
  return outcome;
}

LoadPlan paced_plan() {
  LoadPlan plan;
  plan.scenario = testing::pairs(1, QoS::at_most_once, {.pace = Pace::constant, .per_second = 10}, 0);
  return plan;
}

}  // namespace

TEST_CASE("what was late is the server's fault only if it waited for the server") {
  const LoadPlan plan = paced_plan();
  LoadOutcome outcome = paced(40'000);
  const Limit blocked = limit_of(outcome, {}, {.late = 1000, .held = 1000}, plan);
  CHECK(blocked.bound == Bound::server);
  CHECK(blocked.why ==
        "what was due was sent 40.0 ms late at p99, and the busiest thread worked 3 % of the time, and 100 % "
        "of what was late waited for the server");
  // Nothing held it up: it was woken late.
  CHECK(limit_of(outcome, {}, {.late = 1000, .held = 0}, plan).bound == Bound::generator);
  // Nor does it tell anything that answers were not read in time by who had no processor.
  outcome.threads[0].waited_seconds = 60;
  const Limit starved = limit_of(outcome, {}, {.late = 1000, .held = 1000}, plan);
  CHECK(starved.bound == Bound::generator);
  CHECK(starved.why.ends_with("worked 3 % of the time, and one waited 60 % for a processor"));
  CHECK(limit_of(paced(1'000), {}, {}, plan).bound == Bound::none);
}

TEST_CASE("as fast as can be: who waits for a processor does not wait for the server") {
  LoadPlan plan = paced_plan();
  plan.scenario.populations[1].publish->rate = {.pace = Pace::flood};
  LoadOutcome outcome = paced(0);
  outcome.tally[Latency::lag] = {};
  CHECK(limit_of(outcome, {}, {}, plan).bound == Bound::server);
  outcome.threads[0].waited_seconds = 95;
  CHECK(limit_of(outcome, {}, {}, plan).bound == Bound::generator);
}

TEST_CASE("a ceiling is one of what the load is about, and none of nothing") {
  LoadPlan plan = paced_plan();
  LoadOutcome outcome = paced(0);
  outcome.ceiling = 11;
  const Limit sent = limit_of(outcome, {}, {}, plan);
  CHECK(sent.bound == Bound::generator);
  CHECK(sent.why == "10 messages/s are 91 % of what this generator managed at best");
  outcome.ceiling = 0;
  CHECK(limit_of(outcome, {}, {}, plan).bound == Bound::none);

  outcome.ceiling = 11;
  outcome.tally.at(0, MessageCount::sent) = 0;
  outcome.tally[Count::requests] = outcome.tally[Count::answers] = 1000;
  plan.scenario.populations[1].request = RequestPlan{.publish = *plan.scenario.populations[1].publish};
  plan.scenario.populations[1].publish.reset();
  CHECK(limit_of(outcome, {}, {}, plan).why ==
        "10 answers/s are 91 % of what this generator managed at best");

  LoadPlan connects;
  connects.scenario.populations.push_back(clients(1000, 10));
  outcome.tally[Count::answers] = 0;
  outcome.tally[Count::connects] = outcome.tally[Count::connected] = 1000;
  const Limit connected = limit_of(outcome, {}, {}, connects);
  CHECK(connected.bound == Bound::generator);
  CHECK(connected.why == "10 connections/s are 91 % of what this generator managed at best");
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
