// Which ends of clients make a run fail, and with what kind of error.
#include "engine/falls.hpp"

#include <doctest/doctest.h>

#include <string>

#include "engine/testing.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

Falls falls(std::uint64_t stood, std::uint64_t fallen, std::uint64_t ever, ErrorKind kind,
            std::string why = "why") {
  return {.stood = stood, .fallen = fallen, .ever = ever, .kind = kind, .why = std::move(why)};
}

Scenario lasting() {
  Scenario scenario = pairs(5, QoS::at_most_once, {}, 0);
  scenario.duration = std::chrono::seconds(1);
  return scenario;
}

}  // namespace

TEST_CASE("a population of which nobody is left, or nobody ever came, is a failure of the whole run") {
  const Scenario scenario = lasting();
  const LoadOutcome outcome;
  const Falls well = falls(5, 0, 5, ErrorKind::connect);
  CHECK_FALSE(failure_of(outcome, scenario, {well, well}));
  CHECK_FALSE(failure_of(outcome, scenario, {}));
  // Some are left.
  CHECK_FALSE(failure_of(outcome, scenario, {well, falls(1, 4, 5, ErrorKind::lost)}));
  // Those of another shard.
  CHECK_FALSE(failure_of(outcome, scenario, {well, falls(0, 0, 0, ErrorKind::lost)}));

  const auto refused = failure_of(outcome, scenario, {well, falls(0, 5, 0, ErrorKind::refused)});
  REQUIRE(refused.has_value());
  CHECK(refused->kind == ErrorKind::refused);
  CHECK(refused->text == "population 'publishers': none of its 5 clients could connect: why");

  // That nothing answers any more does not make it less of a loss.
  const auto lost = failure_of(outcome, scenario, {falls(0, 5, 4, ErrorKind::connect), well});
  REQUIRE(lost.has_value());
  CHECK(lost->kind == ErrorKind::lost);
  CHECK(lost->text == "population 'subscribers': all its 4 connections were lost: why");
}

TEST_CASE("who comes and goes fails when in the end nobody can come any more") {
  Scenario scenario = lasting();
  scenario.populations[0].churn = ChurnPlan{};
  const auto failure = failure_of({}, scenario, {falls(0, 3, 3, ErrorKind::connect)});
  REQUIRE(failure.has_value());
  CHECK(failure->kind == ErrorKind::connect);
  CHECK(failure->text == "population 'subscribers': in the end none of its 3 clients could connect: why");
}

TEST_CASE("a number of messages that was not reached is a failure, unless time was to end it") {
  Scenario scenario = pairs(5, QoS::at_most_once, {}, 10);
  LoadOutcome outcome;
  const Falls well = falls(5, 0, 5, ErrorKind::connect);
  CHECK_FALSE(failure_of(outcome, scenario, {well, well}));
  outcome.tally.at(0, MessageCount::unsent) = 1;
  const auto stuck = failure_of(outcome, scenario, {well, well});
  REQUIRE(stuck.has_value());
  CHECK(stuck->kind == ErrorKind::timeout);
  CHECK(stuck->text == "1 of the messages that were asked for was never sent");
  const auto lost = failure_of(outcome, scenario, {well, falls(3, 2, 5, ErrorKind::lost)});
  REQUIRE(lost.has_value());
  CHECK(lost->kind == ErrorKind::lost);
  CHECK(lost->text == "1 of the messages that were asked for was never sent: why");

  outcome.interrupted = true;
  CHECK_FALSE(failure_of(outcome, scenario, {well, falls(0, 5, 5, ErrorKind::lost)}));
  outcome.interrupted = false;
  scenario.duration = std::chrono::seconds(1);
  CHECK_FALSE(failure_of(outcome, scenario, {well, falls(3, 2, 5, ErrorKind::lost)}));
}

TEST_CASE("a process that was lost is one, whatever became of the clients") {
  LoadOutcome outcome;
  outcome.complete = false;
  outcome.interrupted = true;
  const auto failure = failure_of(outcome, lasting(), {});
  REQUIRE(failure.has_value());
  CHECK(failure->kind == ErrorKind::io);
}

TEST_CASE("the falls of several threads add up, and the reason of most of them is told") {
  std::vector<Falls> sum;
  add_falls({falls(1, 0, 1, ErrorKind::connect, "")}, sum);
  add_falls({falls(1, 2, 3, ErrorKind::refused, "two")}, sum);
  add_falls({falls(0, 1, 0, ErrorKind::tls, "one")}, sum);
  REQUIRE(sum.size() == 1);
  CHECK(sum[0].stood == 2);
  CHECK(sum[0].fallen == 3);
  CHECK(sum[0].ever == 4);
  CHECK(sum[0].kind == ErrorKind::refused);
  CHECK(sum[0].why == "two");
}
