// Clients that come and go as fast as can be.
#include <doctest/doctest.h>

#include "engine/testing.hpp"
#include "sink/sink.hpp"

using namespace mq;
using namespace mq::testing;

TEST_CASE("as fast as can be they never stop coming, however few or many there are") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  for (const std::uint64_t clients : {1U, 20U, 300U}) {
    CAPTURE(clients);
    Scenario scenario = pairs(clients, QoS::at_most_once, {}, 0);
    scenario.populations.pop_back();
    scenario.populations[0].subscribe.reset();
    scenario.populations[0].connect = {.pace = Pace::flood};
    scenario.populations[0].churn = ChurnPlan{};
    scenario.duration = std::chrono::seconds(1);
    const LoadOutcome outcome =
        execute(scenario, (*sink)->port(), {.interval = std::chrono::milliseconds(250)});
    const Tally& tally = outcome.tally;
    CHECK(tally[Count::connects] >= 2 * clients);
    CHECK(tally[Count::connected] + tally[Count::connect_failures] == tally[Count::connects]);
    CHECK(tally[Count::disconnects] == tally[Count::connected]);
    CHECK(tally[Count::connections_lost] == 0);
    // Once they stop, the run ends: nobody is left behind who is waited for.
    CHECK(outcome.seconds < 3);
    CHECK_FALSE(outcome.failure.has_value());
    std::size_t silent = 0;
    for (const Interval& interval : outcome.series)
      if (interval.measured && interval.seconds > 0.2 &&
          interval.counts[static_cast<std::size_t>(Count::connects)] == 0)
        ++silent;
    CHECK(silent == 0);
  }
}
