#include <doctest/doctest.h>

#include <functional>
#include <utility>
#include <vector>

#include "engine/testing.hpp"
#include "peers/fake_broker.hpp"
#include "sink/sink.hpp"

// Which part of a run its rates are about: from the first thing that is due to the end of publishing, or to
// an interrupt. What comes behind that is no part of any rate, however long it takes.

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

namespace {

struct Acting final : RunOwner {
  void on_interval(const LoadOutcome& so_far, const RunState& state) override {
    states.push_back(state);
    if (then) then(so_far, state);
  }
  std::function<void(const LoadOutcome&, const RunState&)> then;
  std::vector<RunState> states;
};

LoadOutcome execute(const Scenario& scenario, std::uint16_t port, Acting& owner,
                    const std::function<void(Run&)>& prepare = {}) {
  const LoadPlan plan = plan_for(scenario, port);
  Poller poller;
  std::vector<std::unique_ptr<Crew>> crews;
  crews.push_back(std::move(*make_thread_crew(poller, plan, 0, 1)));
  Run run(poller, plan, std::move(crews), {.interval = 50ms}, owner);
  if (prepare) prepare(run);
  auto outcome = run.execute();
  REQUIRE(outcome.has_value());
  return std::move(*outcome);
}

// A publisher and a subscriber, as long as that.
Scenario for_so_long(QoS qos, Rate rate, Duration duration) {
  Scenario scenario = pairs(1, qos, rate, 0);
  scenario.duration = duration;
  return scenario;
}

// What must not be part of it takes more than a second, so that a busy machine may be late.
bool about(double seconds, double wanted) { return seconds > wanted - 0.11 && seconds < wanted + 0.9; }

}  // namespace

TEST_CASE("what is still to be acknowledged when publishing ends is waited for, but not measured") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Acting owner;
  bool paused = false;
  owner.then = [&](const LoadOutcome& so_far, const RunState&) {
    if (so_far.tally.all(MessageCount::sent) > 30 && !std::exchange(paused, true)) (*sink)->pause(2s);
  };
  const LoadOutcome outcome =
      execute(for_so_long(QoS::at_least_once, {.pace = Pace::constant, .per_second = 100}, 1s),
              (*sink)->port(), owner);
  REQUIRE(paused);
  CHECK(outcome.tally.all(MessageCount::acknowledged) == 100);
  CHECK(outcome.tally.all(MessageCount::received) == 100);
  CHECK(about(outcome.seconds, 1));
  CHECK(measured(outcome, MessageCount::sent) == 100);
  CHECK(measured(outcome, MessageCount::acknowledged) < 100);
  REQUIRE(outcome.threads.size() == 1);
  CHECK(outcome.threads[0].seconds == doctest::Approx(outcome.seconds));
  // Nor is it shown as if it went on.
  const RunState& before_the_end = owner.states[owner.states.size() - 3];
  CHECK(before_the_end.phase == RunState::Phase::draining);
}

TEST_CASE("a load of a number of messages is measured until the last one is sent") {
  int seen = 0;
  FakeBroker broker({.publish = [&seen](Peer& peer, const Publish& publish) {
    if (seen++ < 40) peer.answer(publish);
  }});
  Scenario scenario = pairs(1, QoS::at_least_once, {.pace = Pace::constant, .per_second = 100}, 50);
  scenario.populations.erase(scenario.populations.begin());
  scenario.populations[0].first_client = 0;
  scenario.populations[0].after.clear();
  scenario.drain = 2s;
  Acting owner;
  const LoadOutcome outcome = execute(scenario, broker.port(), owner);
  CHECK(outcome.tally.all(MessageCount::unacknowledged) == 10);
  CHECK(measured(outcome, MessageCount::sent) == 50);
  CHECK(about(outcome.seconds, 0.5));
}

TEST_CASE("the first burst counts as sent as well as received, and so does the time behind the last") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  const Rate bursts{.pace = Pace::bursts, .per_second = 100, .in_total = false, .burst = 50};
  for (const Duration warm_up : {Duration(0s), Duration(500ms)}) {
    Scenario scenario = for_so_long(QoS::at_least_once, bursts, 1500ms);
    scenario.warm_up = warm_up;
    Acting owner;
    const LoadOutcome outcome = execute(scenario, (*sink)->port(), owner);
    const double length = warm_up > 0s ? 1 : 1.5;
    const auto wanted = static_cast<std::uint64_t>(length * 100);
    CHECK(about(outcome.seconds, length));
    CHECK(outcome.tally.all(MessageCount::sent) == 150);
    CHECK(measured(outcome, MessageCount::sent) == wanted);
    CHECK(measured(outcome, MessageCount::received) == wanted);
    CHECK(outcome.tally[Latency::end_to_end].due.count() == wanted);
  }
}

TEST_CASE("an interrupt ends what is measured, and is seen at once") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Acting owner;
  Run* run = nullptr;
  bool interrupted = false;
  owner.then = [&](const LoadOutcome& so_far, const RunState&) {
    if (so_far.tally.all(MessageCount::sent) < 30 || std::exchange(interrupted, true)) return;
    (*sink)->pause(1500ms);
    const std::size_t told = owner.states.size();
    run->interrupt();
    CHECK(owner.states.size() == told + 1);
  };
  const Time begun = std::chrono::steady_clock::now();
  const LoadOutcome outcome =
      execute(for_so_long(QoS::at_least_once, {.pace = Pace::constant, .per_second = 100}, 1h),
              (*sink)->port(), owner, [&run](Run& made) { run = &made; });
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  CHECK(outcome.interrupted);
  CHECK(outcome.seconds > 0.25);
  CHECK(outcome.seconds < took - 1);
  CHECK(measured(outcome, MessageCount::sent) >= 30);
  for (const RunState& state : owner.states) CHECK((!state.stopping || !state.left));
  CHECK(owner.states.back().stopping);
}

TEST_CASE("who is interrupted while clients connect has measured the connecting so far") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Scenario scenario;
  scenario.name = "connections";
  Population clients;
  clients.name = "clients";
  clients.clients = 1000;
  clients.client_id = "c-{number}";
  clients.connect = {.pace = Pace::constant, .per_second = 200, .in_total = true};
  scenario.populations = {clients};
  scenario.duration = 1h;
  Acting owner;
  Run* run = nullptr;
  bool interrupted = false;
  owner.then = [&](const LoadOutcome& so_far, const RunState&) {
    if (so_far.tally[Count::connected] >= 60 && !std::exchange(interrupted, true)) run->interrupt();
  };
  const LoadOutcome outcome = execute(scenario, (*sink)->port(), owner, [&run](Run& made) { run = &made; });
  CHECK(outcome.seconds > 0.25);
  CHECK(measured(outcome, Count::connected) >= 60);
  CHECK(outcome.populations[0].connected == outcome.tally[Count::connected]);
}

TEST_CASE("clients that come and go count as connected, each once") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Scenario scenario;
  scenario.name = "visits";
  Population clients;
  clients.name = "clients";
  clients.clients = 10;
  clients.client_id = "c-{number}";
  clients.churn = ChurnPlan{
      .stay = {}, .rate = {.pace = Pace::constant, .per_second = 100, .in_total = true}, .count = 3};
  scenario.populations = {clients};
  Acting owner;
  const LoadOutcome outcome = execute(scenario, (*sink)->port(), owner);
  CHECK(outcome.tally[Count::connected] == 30);
  CHECK(outcome.populations[0].connected == 10);
}

TEST_CASE("retained messages have a time of their own") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Scenario scenario = pairs(1, QoS::at_least_once, {.pace = Pace::constant, .per_second = 100}, 50);
  std::swap(scenario.populations[0], scenario.populations[1]);
  Population& publishers = scenario.populations[0];
  publishers.first_client = 0;
  publishers.after.clear();
  publishers.publish->topic = "load/{number}/{seq}";
  publishers.publish->retain = true;
  Population& subscribers = scenario.populations[1];
  subscribers.first_client = 1;
  subscribers.clients = 20;
  // The last one comes 0.95 s after the first.
  subscribers.connect = {.pace = Pace::constant, .per_second = 20, .in_total = true};
  subscribers.subscribe->filters = {"load/#"};
  subscribers.subscribe->replay = true;
  subscribers.subscribe->count = 50;
  subscribers.after = {{.population = 0, .finished = true}};
  Acting owner;
  const LoadOutcome outcome = execute(scenario, (*sink)->port(), owner);
  CHECK(about(outcome.seconds, 0.5));
  CHECK(measured(outcome, MessageCount::received) == 0);
  CHECK(outcome.tally[Latency::replay].due.count() == 1000);
  CHECK(outcome.replay_seconds > 0.6);  // the first may be late
  CHECK(outcome.replay_seconds < 1.5);
}
