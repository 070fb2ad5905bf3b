#include "bridge/router.hpp"

#include <doctest/doctest.h>

using namespace mq;

namespace {

TopicRule rule(const char* from, const char* to = "") {
  auto made = TopicRule::parse(from, to);
  REQUIRE(made);
  return *made;
}

struct Routes {
  Routes() {
    plan.name = "bridge";
    for (const char* name : {"a", "b", "c"}) {
      EndpointPlan& endpoint = plan.endpoints.emplace_back();
      endpoint.name = endpoint.mark = name;
    }
  }
  RoutePlan& add(std::size_t to, std::vector<TopicRule> rules) {
    RoutePlan& route = plan.routes.emplace_back();
    route.to = to;
    route.rules = std::move(rules);
    return route;
  }
  std::vector<Destination> of(std::string_view topic, Properties properties = {}) {
    std::vector<Route*> routes;
    std::uint32_t identifier = 0;
    for (std::size_t i = 0; i < plan.routes.size(); ++i) {
      auto& state = states.emplace_back(std::make_unique<Route>());
      state->plan = &plan.routes[i];
      for (std::size_t rule = 0; rule < state->plan->rules.size(); ++rule)
        state->identifiers.push_back(++identifier);
      routes.push_back(state.get());
    }
    return Router(plan).routes_for(routes,
                                   Publish{false, QoS::at_least_once, false, topic, 1, properties, "x"});
  }
  BridgePlan plan;
  std::vector<std::unique_ptr<Route>> states;  // live as long as what of() gives
};

}  // namespace

TEST_CASE("a message goes along every route that takes it, by the first rule of each") {
  Routes routes;
  routes.add(1, {rule("x/+n", "one/$n"), rule("x/#", "two")});
  routes.add(2, {rule("#")}).excludes = {"x/secret/#"};
  auto found = routes.of("x/7");
  REQUIRE(found.size() == 2);
  CHECK(found[0].topic == "one/7");
  CHECK(found[1].topic == "x/7");
  CHECK_FALSE(found[0].ends);
  found = routes.of("x/secret/1");
  REQUIRE(found.size() == 1);
  CHECK(found[0].topic == "two");
  CHECK(routes.of("y").size() == 1);
}

TEST_CASE("of copies that came for several subscriptions each is for the route that asked for it") {
  Routes routes;
  routes.add(1, {rule("x/+"), rule("x/#")});  // identifiers 1 and 2
  routes.add(2, {rule("#")});                 // 3
  const auto copy = [&routes](std::vector<std::uint32_t> identifiers) {
    PropertyList properties;
    for (const std::uint32_t each : identifiers)
      REQUIRE(properties.add(PropertyId::subscription_identifier, each));
    return routes.of("x/1", properties.view());
  };
  CHECK(copy({1}).size() == 1);
  CHECK(copy({2}).empty());  // the first rule has its own copy
  CHECK(copy({3}).size() == 1);
  CHECK(copy({1, 2, 3}).size() == 2);
  CHECK(copy({4}).size() == 2);  // of a subscription that is no more
}

TEST_CASE("loops and topics that are none end here") {
  Routes routes;
  routes.add(1, {rule("x/#rest", "$rest")});
  auto found = routes.of("x");
  REQUIRE(found.size() == 1);
  CHECK(found[0].ends == Fate::unmapped);
  PropertyList properties;
  REQUIRE(properties.add_user("mqttkit-via", "b other"));
  found = routes.of("x/1", properties.view());
  REQUIRE(found.size() == 1);
  CHECK(found[0].ends == Fate::looped);
  routes.plan.most_hops = 2;
  properties.clear();
  REQUIRE(properties.add_user("mqttkit-via", "c other"));
  CHECK_FALSE(routes.of("x/1", properties.view())[0].ends);
  REQUIRE(properties.add_user("mqttkit-via", "d another"));
  CHECK(routes.of("x/1", properties.view())[0].ends == Fate::looped);
}

TEST_CASE("what is called the same on another machine is the same for those who share their work alone") {
  Routes routes;
  RoutePlan& route = routes.add(1, {rule("x/#")});
  routes.plan.endpoints[1].mark = "b@00000001";
  PropertyList properties;
  REQUIRE(properties.add_user("mqttkit-via", "b@00000002 other"));
  const auto loops = [&] { return routes.of("x/1", properties.view())[0].ends == Fate::looped; };
  CHECK_FALSE(loops());
  route.share = "crew";
  CHECK(loops());
  route.share.clear();
  REQUIRE(properties.add_user("mqttkit-via", "b@00000001 other"));
  CHECK(loops());
}

TEST_CASE("the bridge's own status is carried nowhere, for each endpoint has one") {
  Routes routes;
  routes.add(1, {rule("#")});
  routes.plan.status_topic = "bridge/status";
  CHECK(routes.of("bridge/status").empty());
  CHECK(routes.of("bridge/status/x").size() == 1);
}
