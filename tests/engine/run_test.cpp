#include "engine/run.hpp"

#include <doctest/doctest.h>

#include <string>

#include "engine/testing.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace mq::testing;

TEST_CASE("every message through mosquitto is counted, at each QoS, in one thread and in two") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  for (const unsigned threads : {1U, 2U}) {
    for (const QoS qos : {QoS::at_most_once, QoS::at_least_once, QoS::exactly_once}) {
      Scenario scenario = pairs(5, qos, {.pace = Pace::constant, .per_second = 200}, 100);
      scenario.threads = threads;
      const LoadOutcome outcome = execute(scenario, broker.port());
      const int q = static_cast<int>(qos);
      const Tally& tally = outcome.tally;
      CHECK(tally[Count::connected] == 10);
      CHECK(tally[Count::connections_lost] == 0);
      CHECK(tally.at(q, MessageCount::sent) == 500);
      CHECK(tally.at(q, MessageCount::acknowledged) == (q == 0 ? 0 : 500));
      CHECK(tally.at(q, MessageCount::expected) == 500);
      CHECK(tally.at(q, MessageCount::received) == 500);
      CHECK(tally.at(q, MessageCount::lost) == 0);
      CHECK(tally.at(q, MessageCount::duplicated) == 0);
      CHECK(tally.at(q, MessageCount::reordered) == 0);
      CHECK(tally[Latency::end_to_end].due.count() == 500);
      CHECK(outcome.violation_count == 0);
      CHECK(outcome.errors.empty());
      CHECK(outcome.accounted);
    }
  }
}
