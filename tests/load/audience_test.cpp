#include "load/audience.hpp"

#include <doctest/doctest.h>

using namespace mq;

namespace {

using Streams = std::vector<std::uint32_t>;

// Two populations that publish to topics of their own, one that subscribes beside them, one that comes when
// all is over.
Scenario scenario() {
  Scenario made;
  Population pairs, all, subscribers, late;
  pairs.clients = 3;
  pairs.publish = PublishPlan{.topic = "pair/{number}"};
  all.first_client = 3;
  all.clients = 2;
  all.publish = PublishPlan{.topic = "all"};
  subscribers.first_client = 5;
  subscribers.subscribe = SubscribePlan{.filters = {"#"}};
  late = subscribers;
  late.after = {{.population = 0, .finished = true}};
  made.populations = {pairs, all, subscribers, late};
  return made;
}

}  // namespace

TEST_CASE("a subscriber's streams are those whose topics its filters take in, each once") {
  const auto audience = Audience::make(scenario(), {0, 2, 3, 4}, process_variable);
  REQUIRE(audience);
  CHECK(audience->streams_for(2, {"pair/2"}) == Streams{2});
  CHECK(audience->streams_for(2, {"pair/1"}).empty());
  CHECK(audience->streams_for(2, {"all"}) == Streams{3, 4});
  CHECK(audience->streams_for(2, {"#", "all", "pair/+"}) == Streams{0, 2, 3, 4});
}

TEST_CASE("who comes when a population has finished gets nothing of it") {
  const auto audience = Audience::make(scenario(), {0, 3}, process_variable);
  REQUIRE(audience);
  CHECK(audience->streams_for(3, {"#"}) == Streams{3});
}
