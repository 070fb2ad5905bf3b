// What a Run does about crews that hang, are lost, or have none of the clients.
#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "engine/testing.hpp"
#include "sink/sink.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

using namespace std::chrono_literals;

// Like the one that it stands before until `hangs` says so: then it owes every answer until it is given up.
class HangingCrew final : public Crew {
 public:
  HangingCrew(Poller& poller, std::unique_ptr<Crew> crew, std::function<bool()> hangs)
      : poller_(poller), crew_(std::move(crew)), hangs_(std::move(hangs)) {}

  Progress progress(std::size_t population) const override {
    Progress of = crew_->progress(population);
    if (lost_) of = {.clients = of.clients, .ready = of.clients, .finished = of.clients, .open = 0};
    return of;
  }
  void start(std::size_t population, Time when) override { crew_->start(population, when); }
  void go(std::size_t population, Time when, Time measured_from) override {
    crew_->go(population, when, measured_from);
  }
  void stop(std::size_t population) override { crew_->stop(population); }
  void leave(std::size_t population) override { crew_->leave(population); }
  void collect(Time when, std::move_only_function<void(Part)> answer) override {
    if (!hangs_()) return crew_->collect(when, timely(std::move(answer)));
    owe([answer = std::move(answer)]() mutable {
      answer(Part{.tally = std::make_unique<Tally>(), .threads = {}, .sockets = {}, .replay = {}});
    });
  }
  void sent(std::move_only_function<void(StreamFacts)> answer) override {
    if (!hangs_()) return crew_->sent(timely(std::move(answer)));
    owe([answer = std::move(answer)]() mutable { answer({}); });
  }
  void judge(std::shared_ptr<const StreamFacts> facts,
             std::move_only_function<void(Troop::Verdict)> answer) override {
    if (!hangs_()) return crew_->judge(std::move(facts), timely(std::move(answer)));
    owe([answer = std::move(answer)]() mutable { answer({}); });
  }
  void give_up() override {
    CHECK(!asked_);
    if (!owed_) return;
    lost_ = true;
    std::exchange(owed_, nullptr)();
  }
  bool lost() const override { return lost_; }

 private:
  // An answer that comes: nobody may lose patience before.
  template <class What>
  std::move_only_function<void(What)> timely(std::move_only_function<void(What)> answer) {
    asked_ = true;
    return [this, answer = std::move(answer)](What what) mutable {
      asked_ = false;
      answer(std::move(what));
    };
  }
  void owe(std::move_only_function<void()> answer) {
    if (lost_) return poller_.post(std::move(answer));
    owed_ = std::move(answer);
  }

  Poller& poller_;
  std::unique_ptr<Crew> crew_;
  std::function<bool()> hangs_;
  std::move_only_function<void()> owed_;
  bool lost_ = false, asked_ = false;
};

struct Interrupting final : RunOwner {
  void on_interval(const LoadOutcome&, const RunState& state) override {
    if (state.phase == RunState::Phase::running && then) then();
  }
  std::function<void()> then;
};

struct Ended {
  LoadOutcome outcome;
  Duration took{};
};

// Two crews, the first of which hangs as soon as clients publish.
Ended with_hanging_crew(Duration patience, int interrupts) {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Scenario scenario = pairs(4, QoS::at_least_once, {.pace = Pace::constant, .per_second = 100}, 0);
  scenario.duration = interrupts > 0 ? Duration(1h) : 400ms;
  scenario.drain = 200ms;
  scenario.threads = 2;
  const LoadPlan plan = plan_for(scenario, (*sink)->port());
  Poller poller;
  bool hangs = false;
  std::vector<std::unique_ptr<Crew>> crews;
  for (unsigned i = 0; i < 2; ++i) {
    auto crew = make_thread_crew(poller, plan, i, 2);
    REQUIRE(crew.has_value());
    crews.push_back(std::move(*crew));
  }
  crews[0] = std::make_unique<HangingCrew>(poller, std::move(crews[0]), [&hangs] { return hangs; });
  crews[1] = std::make_unique<HangingCrew>(poller, std::move(crews[1]), [] { return false; });
  Interrupting owner;
  Run run(poller, plan, std::move(crews), {.interval = 50ms, .patience = patience}, owner);
  owner.then = [&] {
    if (std::exchange(hangs, true)) return;
    for (int i = 0; i < interrupts; ++i) run.interrupt();
  };
  const Time begun = std::chrono::steady_clock::now();
  auto outcome = run.execute();
  REQUIRE(outcome.has_value());
  return {std::move(*outcome), std::chrono::steady_clock::now() - begun};
}

// All shards of a scenario at the same time, each as its process would do it.
std::vector<LoadOutcome> in_shards(const Scenario& scenario, unsigned count, std::uint16_t port) {
  std::vector<LoadOutcome> outcomes(count);
  std::vector<std::thread> threads;
  const Time start = std::chrono::steady_clock::now() + 300ms;
  for (unsigned i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      Scenario shard = scenario;
      shard.shard = {.index = i, .count = count};
      outcomes[i] = execute(shard, port, {.start_at = start});
    });
  }
  for (std::thread& thread : threads) thread.join();
  return outcomes;
}

// One publisher for so many subscribers.
Scenario fan(std::uint64_t subscribers, Rate rate, std::uint64_t count) {
  Scenario scenario = pairs(1, QoS::at_least_once, rate, count);
  scenario.populations[0].clients = subscribers;
  scenario.populations[0].subscribe->filters = {"load/0"};
  scenario.populations[1].first_client = subscribers;
  scenario.populations[1].publish->topic = "load/0";
  return scenario;
}

}  // namespace

TEST_CASE("a crew that does not answer is given up, and nothing is claimed of what it had") {
  const Ended ended = with_hanging_crew(1s, 0);
  CHECK(!ended.outcome.complete);
  CHECK(!ended.outcome.accounted);
  CHECK(ended.outcome.limit.bound == Bound::unknown);
  CHECK(ended.outcome.tally.all(MessageCount::lost) == 0);
  CHECK(ended.outcome.tally.all(MessageCount::sent) > 0);
}

TEST_CASE("after a second interrupt nobody waits long for an answer") {
  const Ended ended = with_hanging_crew(1h, 2);
  CHECK(ended.outcome.interrupted);
  CHECK(!ended.outcome.complete);
  CHECK(ended.took < 10s);
}

TEST_CASE("a shard without a client that acts stays as long as the others act") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Scenario scenario = fan(4, {.pace = Pace::constant, .per_second = 50}, 0);
  scenario.duration = 1s;
  scenario.drain = 300ms;
  SUBCASE("for a duration") {}
  SUBCASE("for a count at a rate") {
    scenario.duration.reset();
    scenario.populations[1].publish->count = 50;
  }
  // Seldom: in the end nothing comes for longer than what is on its way is waited for.
  SUBCASE("with little to do") { scenario.populations[1].publish->rate.per_second = 1.5; }
  const auto outcomes = in_shards(scenario, 2, (*sink)->port());
  const auto all = [&outcomes](MessageCount kind) {
    return outcomes[0].tally.all(kind) + outcomes[1].tally.all(kind);
  };
  CHECK(outcomes[1].seconds > 0.9);
  CHECK(all(MessageCount::expected) == 4 * all(MessageCount::sent));
  CHECK(all(MessageCount::received) == all(MessageCount::expected));
  for (const LoadOutcome& outcome : outcomes) {
    // What the other one has received it can't know.
    CHECK(outcome.tally.all(MessageCount::lost) == 0);
    CHECK(!outcome.accounted);
    CHECK(outcome.violation_count == 0);
  }
}

TEST_CASE("in shards nobody goes on with what others have not done yet") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  Scenario scenario = fan(2, {.pace = Pace::constant, .per_second = 100}, 50);
  scenario.drain = 300ms;
  Population& publisher = scenario.populations[1];
  publisher.after.clear();
  publisher.publish->retain = true;
  publisher.publish->topic = "load/0/{seq}";
  Population& readers = scenario.populations[0];
  readers.subscribe->filters = {"load/0/#"};
  readers.subscribe->replay = true;
  readers.subscribe->count = 50;
  readers.after = {{.population = 1, .finished = true}};
  for (const LoadOutcome& outcome : in_shards(scenario, 2, (*sink)->port())) {
    CHECK(outcome.tally.all(MessageCount::received) == 50);
    // Live copies would come over the half of a second that storing them takes.
    CHECK(outcome.tally[Latency::replay].due.max() < 250'000);
  }
}

TEST_CASE("a run that came to nothing fails with what went wrong most") {
  SinkFaults faults;
  auto seen = std::make_shared<int>(0);
  // Alphabetically first, and once only.
  faults.refuse_connect = [seen](const Connect&) {
    return ++*seen == 1 ? ReasonCode::banned : ReasonCode::not_authorized;
  };
  auto sink = Sink::start({.faults = std::move(faults)});
  REQUIRE(sink.has_value());
  const LoadPlan plan =
      plan_for(pairs(3, QoS::at_most_once, {.pace = Pace::constant, .per_second = 10}, 1), (*sink)->port());
  Poller poller;
  std::vector<std::unique_ptr<Crew>> crews;
  auto crew = make_thread_crew(poller, plan, 0, 1);
  REQUIRE(crew.has_value());
  crews.push_back(std::move(*crew));
  Ignoring owner;
  Run run(poller, plan, std::move(crews), {}, owner);
  const auto outcome = run.execute();
  REQUIRE(!outcome);
  CHECK(outcome.error().kind == ErrorKind::refused);
  CHECK(outcome.error().text.find("not authorized") != std::string::npos);
}

TEST_CASE("while it drains, intervals are as long as ever, and only those before are measured") {
  SinkFaults faults;
  faults.fate = [](std::string_view, const Publish&) { return Fate{.kind = Fate::Kind::drop}; };
  auto sink = Sink::start({.faults = std::move(faults)});
  REQUIRE(sink.has_value());
  Scenario scenario = pairs(1, QoS::at_least_once, {.pace = Pace::constant, .per_second = 100}, 0);
  scenario.duration = 500ms;
  scenario.drain = 1s;
  const LoadOutcome outcome = execute(scenario, (*sink)->port(), {.interval = 250ms});
  // Connecting, half a second of publishing, a second of draining.
  CHECK(outcome.series.size() <= 9);
  double measured = 0;
  std::uint64_t sent = 0;
  for (const Interval& interval : outcome.series) {
    measured += interval.measured ? interval.seconds : 0;
    sent += interval.messages[static_cast<std::size_t>(MessageCount::sent)];
  }
  CHECK(measured == doctest::Approx(outcome.seconds).epsilon(0.05));
  CHECK(measured < 0.8);
  CHECK(sent == outcome.tally.all(MessageCount::sent));
}
