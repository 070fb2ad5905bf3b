#include "load/length.hpp"

#include <doctest/doctest.h>

using namespace mq;

namespace {

using namespace std::chrono_literals;

Population publishing(Rate rate, std::uint64_t count, std::uint64_t clients = 1) {
  Population population;
  population.clients = clients;
  population.publish.emplace();
  population.publish->rate = rate;
  population.publish->count = count;
  return population;
}

}  // namespace

TEST_CASE("a schedule ends with the duration, the stages or the count, whichever is first") {
  const Rate each{.pace = Pace::constant, .per_second = 10};
  const Rate total{.pace = Pace::poisson, .per_second = 10, .in_total = true};
  Scenario scenario;
  CHECK(scheduled_length(scenario, publishing(each, 50, 4)) == Duration(5s));
  CHECK(scheduled_length(scenario, publishing(total, 50, 4)) == Duration(20s));
  CHECK(!scheduled_length(scenario, publishing(each, 0)));
  CHECK(!scheduled_length(scenario, publishing({.pace = Pace::flood}, 50)));
  CHECK(!scheduled_length(scenario, publishing({.pace = Pace::constant, .per_second = 1e-300}, 50)));
  CHECK(!scheduled_length(scenario, Population{}));
  scenario.duration = 3s;
  CHECK(scheduled_length(scenario, publishing(each, 50)) == Duration(3s));
  CHECK(scheduled_length(scenario, publishing(each, 20)) == Duration(2s));
  CHECK(scheduled_length(scenario, Population{}) == Duration(3s));
  scenario.duration.reset();
  scenario.stages = {{.length = 1s, .from = 0, .to = 1}, {.length = 2s}};
  CHECK(scheduled_length(scenario, publishing(each, 5)) == Duration(3s));
}

TEST_CASE("requests, and clients that come and go, have schedules as well") {
  const Rate rate{.pace = Pace::constant, .per_second = 10};
  Population asking;
  asking.request.emplace();
  asking.request->publish.rate = rate;
  asking.request->publish.count = 30;
  CHECK(scheduled_length({}, asking) == Duration(3s));
  Population churning;
  churning.churn = ChurnPlan{.rate = rate, .count = 40};
  CHECK(scheduled_length({}, churning) == Duration(4s));
}
