#include <doctest/doctest.h>

#include <atomic>
#include <string>

#include "engine/testing.hpp"
#include "sink/sink.hpp"

// What a report says of messages that are missing: named where a promise was broken, and only there.

using namespace mq;
using namespace mq::testing;

namespace {

std::unique_ptr<Sink> sink_with(SinkFaults faults) {
  auto sink = Sink::start({.faults = std::move(faults)});
  REQUIRE(sink.has_value());
  return std::move(*sink);
}

Scenario some_pairs(std::uint64_t clients, QoS qos, std::uint64_t count) {
  Scenario scenario = pairs(clients, qos, {.pace = Pace::constant, .per_second = 500}, count);
  scenario.drain = std::chrono::milliseconds(300);
  return scenario;
}

// "KIND STREAM:FIRST-LAST at SUBSCRIBER", one line each.
std::string named(const LoadOutcome& outcome) {
  std::string text;
  for (const Breach& breach : outcome.violations) {
    constexpr std::array kinds{"lost", "duplicated", "reordered", "corrupted"};
    text += std::string(kinds[static_cast<std::size_t>(breach.kind)]) + ' ' + std::to_string(breach.stream) +
            ':' + std::to_string(breach.first) + '-' + std::to_string(breach.last) + " at " +
            std::to_string(breach.subscriber) + '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("a stream of which nothing at all arrives is named") {
  SinkFaults faults;
  faults.fate = [](std::string_view client, const Publish&) {
    return client == "s-1" ? Fate{.kind = Fate::Kind::drop} : Fate{};
  };
  const auto sink = sink_with(std::move(faults));
  for (const unsigned threads : {1U, 2U}) {
    Scenario scenario = some_pairs(3, QoS::at_least_once, 40);
    scenario.threads = threads;
    const LoadOutcome outcome = execute(scenario, sink->port());
    CHECK(outcome.tally.all(MessageCount::lost) == 40);
    CHECK(outcome.violation_count == 40);
    CHECK(named(outcome) == "lost 4:0-39 at 1\n");
  }
}

TEST_CASE("refused messages are no losses in any thread, and hide no others") {
  SinkFaults faults;
  auto refused = std::make_shared<int>(0);
  auto seen = std::make_shared<int>(0);
  faults.refuse_publish = [refused](std::string_view, const Publish&) {
    return ++*refused == 5 ? ReasonCode::quota_exceeded : ReasonCode::success;
  };
  faults.fate = [seen](std::string_view, const Publish&) {
    return (*seen)++ == 10 ? Fate{.kind = Fate::Kind::drop} : Fate{};
  };
  for (const unsigned threads : {1U, 2U}) {
    *refused = *seen = 0;
    const auto sink = sink_with(faults);
    Scenario scenario = some_pairs(1, QoS::at_least_once, 40);
    scenario.threads = threads;
    // With two threads the publisher is in another one than the subscriber.
    if (threads == 2) {
      scenario.populations[1].clients = 2;
      scenario.populations[1].publish->topic = "load/{number}";
    }
    const LoadOutcome outcome = execute(scenario, sink->port());
    CHECK(outcome.tally.all(MessageCount::refused) == 1);
    CHECK(outcome.tally.all(MessageCount::lost) == 1);
    CHECK(outcome.violation_count == 1);
  }
}

TEST_CASE("members of a shared subscription owe each other nothing") {
  const auto sink = sink_with({});
  Scenario scenario = some_pairs(4, QoS::at_least_once, 20);
  scenario.populations[0].subscribe->filters = {"$share/group/load/#"};
  const LoadOutcome outcome = execute(scenario, sink->port());
  CHECK(outcome.tally.all(MessageCount::received) == 80);
  CHECK(outcome.tally.all(MessageCount::lost) == 0);
  CHECK(outcome.violation_count == 0);
}

TEST_CASE("messages without a stamp are not expected, and nothing is said of their fate") {
  const auto sink = sink_with({});
  Scenario scenario = some_pairs(1, QoS::at_least_once, 20);
  scenario.drain = std::chrono::seconds(20);
  scenario.populations[1].publish->stamp = StampPlace::none;
  const Time begun = Clock::now();
  const LoadOutcome outcome = execute(scenario, sink->port());
  CHECK(Clock::now() - begun < std::chrono::seconds(10));
  CHECK(outcome.tally.all(MessageCount::expected) == 0);
  CHECK(outcome.tally.all(MessageCount::lost) == 0);
  CHECK(outcome.violation_count == 0);
  CHECK_FALSE(outcome.accounted);
  CHECK(outcome.notes.size() == 1);
}

TEST_CASE("what a subscriber misses while the server has no session for it is not promised") {
  SinkFaults faults;
  // The first connection of the subscriber ends in the middle: CONNECT, SUBSCRIBE, then acknowledgements.
  auto connects = std::make_shared<int>(0);
  faults.close_after = [connects](const Connect& connect) -> std::uint64_t {
    return connect.client_id == "s-0" && (*connects)++ == 0 ? 12 : 0;
  };
  const auto sink = sink_with(std::move(faults));
  Scenario scenario = some_pairs(1, QoS::at_least_once, 200);
  LoadPlan plan = plan_for(scenario, sink->port());
  plan.client.retry.after_loss = 3;
  plan.client.retry.least = std::chrono::milliseconds(60);
  const LoadOutcome outcome = execute(plan);
  CHECK(outcome.tally[Count::connections_lost] == 1);
  CHECK(outcome.tally.all(MessageCount::lost) > 0);
  CHECK(outcome.violation_count == 0);
  bool told = false;
  for (const auto& [text, times] : outcome.errors) told = told || text.find("a session was not kept") == 0;
  CHECK(told);
}
