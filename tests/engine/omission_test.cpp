#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "engine/testing.hpp"
#include "sink/sink.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

LoadOutcome paused_run(std::uint16_t window) {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Scenario scenario = pairs(1, QoS::at_least_once, {.pace = Pace::constant, .per_second = 200}, 0);
  scenario.populations.erase(scenario.populations.begin());
  scenario.populations[0].first_client = 0;
  scenario.populations[0].after.clear();
  scenario.populations[0].publish->window = window;
  scenario.duration = std::chrono::seconds(10);
  std::thread pauser([&sink] {
    std::this_thread::sleep_for(std::chrono::seconds(4));
    (*sink)->pause(std::chrono::seconds(1));
  });
  LoadOutcome outcome = execute(scenario, (*sink)->port());
  pauser.join();
  return outcome;
}

}  // namespace

TEST_CASE("a server that stands still for 1 s of 10 is seen by every message that was due meanwhile") {
  LoadOutcome narrow;
  std::thread other([&narrow] { narrow = paused_run(1); });
  const LoadOutcome wide = paused_run(1000);
  other.join();

  // One at a time: what could not be sent was late all the same.
  const Timing& one = narrow.tally[Latency::acknowledge];
  CHECK(one.due.count() == 2000);
  CHECK(one.due.percentile(99) > 800'000);
  CHECK(one.due.percentile(99) < 1'500'000);
  CHECK(one.done.percentile(99) < 200'000);
  CHECK(one.done.max() > 900'000);
  CHECK(narrow.tally[Latency::lag].due.percentile(99) > 800'000);

  // With room for all of them both ways of counting agree.
  const Timing& many = wide.tally[Latency::acknowledge];
  CHECK(many.due.count() == 2000);
  CHECK(many.due.percentile(99) > 800'000);
  CHECK(many.done.percentile(99) > 800'000);
}
