#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "engine/testing.hpp"
#include "peers/fake_broker.hpp"
#include "sink/sink.hpp"

// Servers that stop answering: what was due and was never sent is part of the result, and every run ends.

using namespace mq;
using namespace mq::testing;

namespace {

Scenario one_publisher(QoS qos, double per_second, std::uint64_t count) {
  Scenario scenario = pairs(1, qos, {.pace = Pace::constant, .per_second = per_second}, count);
  scenario.populations.erase(scenario.populations.begin());
  scenario.populations[0].first_client = 0;
  scenario.populations[0].after.clear();
  scenario.drain = std::chrono::milliseconds(300);
  return scenario;
}

// Acknowledges so many messages at QoS 1, and no more.
Reactions acknowledging(int count) {
  auto seen = std::make_shared<int>(0);
  return {.publish = [seen, count](Peer& peer, const Publish& publish) {
    if ((*seen)++ < count) peer.answer(publish);
  }};
}

}  // namespace

TEST_CASE("what was due behind a message without an answer is unsent, and as late as it is") {
  FakeBroker broker(acknowledging(50));
  Scenario scenario = one_publisher(QoS::at_least_once, 100, 0);
  scenario.populations[0].publish->window = 1;
  scenario.duration = std::chrono::seconds(2);
  const LoadOutcome outcome = execute(scenario, broker.port());
  const Tally& tally = outcome.tally;
  CHECK(tally.at(1, MessageCount::sent) == 51);
  CHECK(tally.at(1, MessageCount::unsent) == 149);
  CHECK(tally.at(1, MessageCount::unacknowledged) == 1);
  CHECK(tally[Latency::acknowledge].due.count() == 200);
  CHECK(tally[Latency::acknowledge].due.percentile(99) > 1'000'000);
  CHECK(tally[Latency::lag].due.percentile(99) > 1'000'000);
  CHECK(outcome.limit.bound == Bound::server);
}

TEST_CASE("a server that dies in the middle leaves the run its length, and its messages unsent") {
  SinkFaults faults;
  faults.close_after = [](const Connect&) { return 21; };
  auto dying = Sink::start({.faults = std::move(faults)});
  REQUIRE(dying.has_value());
  Scenario scenario = one_publisher(QoS::at_most_once, 50, 0);
  scenario.duration = std::chrono::seconds(1);
  const LoadOutcome outcome = execute(scenario, (*dying)->port());
  const Tally& tally = outcome.tally;
  REQUIRE(outcome.failure.has_value());
  CHECK(outcome.failure->kind == ErrorKind::lost);
  CHECK(outcome.failure->text ==
        "population 'publishers': its only connection was lost: the server closed the connection");
  CHECK(outcome.seconds > 0.9);
  CHECK(tally.at(0, MessageCount::sent) >= 20);
  CHECK(tally.at(0, MessageCount::sent) + tally.at(0, MessageCount::unsent) == 50);
  CHECK(outcome.limit.bound == Bound::server);
}

TEST_CASE("a number of messages that nobody acknowledges is an end all the same") {
  FakeBroker broker(acknowledging(3));
  Scenario scenario = one_publisher(QoS::at_least_once, 1000, 50);
  scenario.populations[0].publish->window = 10;
  const LoadOutcome outcome = execute(scenario, broker.port());
  CHECK(outcome.tally.at(1, MessageCount::acknowledged) == 3);
  CHECK(outcome.tally.at(1, MessageCount::unacknowledged) == 10);
  CHECK(outcome.tally.at(1, MessageCount::unsent) == 37);
  CHECK_FALSE(outcome.accounted);
  REQUIRE(outcome.failure.has_value());
  CHECK(outcome.failure->kind == ErrorKind::timeout);
  CHECK(outcome.failure->text == "37 of the messages that were asked for were never sent");
}

TEST_CASE("what has no answer and did not arrive is no broken promise") {
  FakeBroker broker(acknowledging(0));
  Scenario scenario = pairs(1, QoS::at_least_once, {.pace = Pace::constant, .per_second = 1000}, 5);
  scenario.drain = std::chrono::milliseconds(300);
  scenario.populations.erase(scenario.populations.begin());
  scenario.populations[0].first_client = 0;
  scenario.populations[0].after.clear();
  // Publisher and subscriber in one: the fake broker serves one connection after the other.
  scenario.populations[0].subscribe =
      SubscribePlan{.filters = {"load/{number}"}, .qos = QoS::at_least_once, .properties = {}};
  const LoadOutcome outcome = execute(scenario, broker.port());
  CHECK(outcome.tally.at(1, MessageCount::unacknowledged) == 5);
  CHECK(outcome.violation_count == 0);
  CHECK_FALSE(outcome.accounted);
}

TEST_CASE("a subscription that is never answered fails with the time limit of the connection") {
  FakeBroker broker({.subscribe = [](Peer&, const Subscribe&) {}});
  Scenario scenario = pairs(1, QoS::at_most_once, {}, 0);
  scenario.populations.pop_back();
  scenario.duration = std::chrono::milliseconds(200);
  scenario.drain = std::chrono::milliseconds(100);
  LoadPlan plan = plan_for(scenario, broker.port());
  plan.client.open.dial.timeout = std::chrono::milliseconds(200);
  const LoadOutcome outcome = execute(plan);
  CHECK(outcome.tally[Count::subscribe_failures] == 1);
  CHECK(outcome.tally[Count::subscriptions] == 0);
  CHECK(outcome.errors.contains("no answer to SUBSCRIBE within the time limit"));
}

TEST_CASE("a number of connects is one of attempts, and pauses between them double") {
  SinkFaults faults;
  faults.refuse_connect = [](const Connect& connect) {
    return connect.client_id == "p-0" ? ReasonCode::server_busy : ReasonCode::success;
  };
  auto sink = Sink::start({.faults = std::move(faults)});
  REQUIRE(sink.has_value());
  Scenario scenario = one_publisher(QoS::at_most_once, 1, 1);
  scenario.populations[0].clients = 2;
  scenario.populations[0].publish.reset();
  scenario.populations[0].churn = ChurnPlan{.stay = {}, .rate = {}, .count = 3};
  const LoadOutcome churned = execute(scenario, (*sink)->port());
  CHECK(churned.tally[Count::connects] == 6);
  CHECK(churned.tally[Count::connected] == 3);
  CHECK(churned.tally[Count::refused] == 3);

  scenario.populations[0].churn.reset();
  scenario.populations[0].publish =
      to_own_topic(QoS::at_most_once, {.pace = Pace::constant, .per_second = 1}, 0);
  scenario.duration = std::chrono::seconds(1);
  LoadPlan plan = plan_for(scenario, (*sink)->port());
  plan.client.retry.before_first = 100;
  plan.client.retry.least = std::chrono::milliseconds(50);
  plan.client.retry.most = std::chrono::milliseconds(400);
  const LoadOutcome retried = execute(plan);
  // At 0, 0.05, 0.15, 0.35, 0.75 and 1.15 s, each pause a quarter more or less.
  CHECK(retried.tally[Count::refused] >= 4);
  CHECK(retried.tally[Count::refused] <= 7);
}

TEST_CASE("who is refused for good is not tried again, before and after a connection") {
  auto seen = std::make_shared<std::map<std::string, int>>();
  SinkFaults faults;
  faults.refuse_connect = [seen](const Connect& connect) {
    const int times = ++(*seen)[std::string(connect.client_id)];
    return connect.client_id == "p-0" || times > 1 ? ReasonCode::not_authorized : ReasonCode::success;
  };
  faults.close_after = [](const Connect& connect) { return connect.client_id == "p-1" ? 3 : 0; };
  auto sink = Sink::start({.faults = std::move(faults)});
  REQUIRE(sink.has_value());
  Scenario scenario = one_publisher(QoS::at_most_once, 60, 0);
  scenario.populations[0].clients = 3;
  scenario.duration = std::chrono::milliseconds(500);
  LoadPlan plan = plan_for(scenario, (*sink)->port());
  plan.client.retry.before_first = 3;
  plan.client.retry.after_loss = 3;
  plan.client.retry.least = plan.client.retry.most = std::chrono::milliseconds(10);
  const LoadOutcome outcome = execute(plan);
  // One that never comes in, one that does not come back, and one that stays.
  CHECK(outcome.tally[Count::connects] == 4);
  CHECK(outcome.tally[Count::refused] == 2);
  CHECK(outcome.tally[Count::connections_lost] == 1);
  CHECK_FALSE(outcome.failure.has_value());
}

TEST_CASE("where no message was ever sent there is an error, and no result") {
  FakeBroker broker({.connect = [](Peer& peer, const Connect& connect) {
    peer.answer(connect);
    peer.send_hex("FF FF FF FF FF");
  }});
  Scenario scenario = one_publisher(QoS::at_least_once, 10, 0);
  scenario.duration = std::chrono::milliseconds(500);
  CHECK_THROWS_WITH(execute(scenario, broker.port()), doctest::Contains("no message was sent: "));
}
