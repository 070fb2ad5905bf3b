// What a shard makes of answers about the time, when anybody may have written them.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <string>

#include "engine/clock_watch.hpp"
#include "engine/connection.hpp"
#include "engine/testing.hpp"
#include "sink/sink.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

using namespace std::chrono_literals;

// Writes to a topic when it is told to.
struct Stranger final : ConnectionOwner {
  void on_event(Connection& connection, const Event& event) override {
    up = up || std::holds_alternative<Connected>(event);
    connection.flush();
  }
  void on_room(Connection&) override {}
  void on_end(Connection&, const std::optional<Error>&) override {}
  bool up = false;
};

Scenario shard(std::uint32_t index) {
  Scenario scenario = pairs(2, QoS::at_most_once, {}, 1);
  scenario.shard = {.index = index, .count = 2};
  return scenario;
}

template <class Until>
void turn_until(Poller& poller, std::initializer_list<ClockWatch*> clocks, Until until) {
  const Time limit = poller.moment() + 10s;
  bool done = false;
  while (!(done = until()) && poller.moment() < limit) {
    poller.turn(poller.moment() + 1ms);
    for (ClockWatch* clock : clocks) clock->tick();
  }
  REQUIRE(done);
}

}  // namespace

TEST_CASE("clocks of one machine are not apart, and what is old is less certain") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  const LoadPlan first = plan_for(shard(0), (*sink)->port()), second = plan_for(shard(1), (*sink)->port());
  Poller poller;
  WayIn way{.options = &first.client.open, .tls = {}};
  ClockWatch asked(poller, first, way), asking(poller, second, way);
  turn_until(poller, {&asked, &asking}, [&] { return asking.offset().has_value(); });
  CHECK(!asked.offset());
  const ClockOffset offset = *asking.offset();
  CHECK(offset.shard == 1);
  CHECK(std::abs(offset.microseconds) <= offset.uncertainty + 1);
  asked.leave();
  const Time later = poller.moment() + 20ms;
  turn_until(poller, {&asked, &asking}, [&] { return poller.moment() > later; });
  // By 0.1 ms in a second.
  CHECK(asking.offset()->uncertainty > 0);
  const double before = asking.offset()->uncertainty;
  const Time end = poller.moment() + 50ms;
  turn_until(poller, {&asked, &asking}, [&] { return poller.moment() > end; });
  CHECK(asking.offset()->uncertainty >= before + 4);
}

TEST_CASE("an answer to no question is passed over, whatever numbers it has") {
  auto sink = Sink::start({});
  REQUIRE(sink.has_value());
  const LoadPlan plan = plan_for(shard(1), (*sink)->port());
  Poller poller;
  WayIn way{.options = &plan.client.open, .tls = {}};
  ClockWatch clock(poller, plan, way);
  Stranger owner;
  Connection stranger(poller, owner, SessionConfig{});
  stranger.open(plan.targets.front(), way, 5s);
  turn_until(poller, {&clock}, [&] { return owner.up; });
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  const std::string topic = fmt::format("mqttkit/clock/{:08x}/1", plan.scenario.run);
  const auto say = [&](std::int64_t number, std::int64_t theirs) {
    const std::string text = fmt::format("{} {}", number, theirs);
    Publish message;
    message.topic = topic;
    message.payload = text;
    CHECK(stranger.session().publish(message, poller.now()).has_value());
    stranger.flush();
  };
  // There is no shard 0: nobody knows better.
  const Time soon = poller.moment() + 100ms;
  turn_until(poller, {&clock}, [&] { return poller.moment() > soon; });
  for (const std::int64_t number : {least, std::int64_t{-1}, std::int64_t{1'000'000}, most})
    for (const std::int64_t theirs : {least, std::int64_t{0}, most}) say(number, theirs);
  say(0, least);
  say(0, -1);
  const Time end = poller.moment() + 50ms;
  turn_until(poller, {&clock}, [&] { return poller.moment() > end; });
  CHECK(!clock.offset());
  // That it has to believe, and can bear.
  turn_until(poller, {&clock}, [&] {
    say(0, most);
    return clock.offset().has_value();
  });
  CHECK(clock.offset()->microseconds > 0);
}
