#include "bridge/subscriptions.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace mq;

namespace {

RoutePlan route(const std::vector<const char*>& filters) {
  RoutePlan plan;
  for (const char* filter : filters) {
    auto rule = TopicRule::parse(filter, "");
    REQUIRE(rule);
    plan.rules.push_back(*rule);
  }
  return plan;
}

// What a link of these routes subscribes to, and the identifiers that they get.
struct Asked {
  std::vector<WantedSubscription> wanted;
  std::vector<std::vector<std::uint32_t>> identifiers;
};

Asked asked(const std::vector<RoutePlan>& plans, Version version = Version::v5) {
  std::vector<Route> routes(plans.size());
  std::vector<Route*> given;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    routes[i].plan = &plans[i];
    given.push_back(&routes[i]);
  }
  Asked made{.wanted = subscriptions_of(given, version), .identifiers = {}};
  for (const Route& each : routes) made.identifiers.push_back(each.identifiers);
  return made;
}

}  // namespace

TEST_CASE("a filter keeps its identifier whatever else is subscribed to, in whatever order") {
  const Asked one = asked({route({"a/#", "b/+"}), route({"c"})});
  const Asked other = asked({route({"x"}), route({"c"}), route({"y", "b/+"})});
  CHECK(one.identifiers[1][0] == other.identifiers[1][0]);
  CHECK(one.identifiers[0][1] == other.identifiers[2][1]);
  std::set<std::uint32_t> all;
  for (const WantedSubscription& each : one.wanted) all.insert(each.identifier);
  CHECK(all.size() == 3);
  CHECK(*all.begin() > 0);               // [MQTT-3.8.2-1] has 0 as an error
  CHECK(*all.rbegin() <= 268'435'455U);  // as large as a variable byte integer can be
}

TEST_CASE("filters whose identifiers would be equal get different ones") {
  const Asked one = asked({route({"t/51"})}), other = asked({route({"t/77880"})});
  REQUIRE(one.wanted[0].identifier == other.wanted[0].identifier);  // else find another pair
  const Asked both = asked({route({"t/51"}), route({"t/77880"})});
  REQUIRE(both.wanted.size() == 2);
  CHECK(both.wanted[0].identifier != both.wanted[1].identifier);
  CHECK(both.identifiers[0][0] == both.wanted[0].identifier);
  CHECK(both.identifiers[1][0] == both.wanted[1].identifier);
}

TEST_CASE("the same filter on two routes is one subscription, which has what either needs") {
  RoutePlan low = route({"a/#"}), high = route({"a/#"});
  low.most_qos = QoS::at_most_once;
  low.retain = RetainPolicy::clear;
  high.retain = RetainPolicy::no_past;
  for (const auto& plans : {std::vector{low, high}, std::vector{high, low}}) {
    const Asked both = asked(plans);
    REQUIRE(both.wanted.size() == 1);
    const WantedSubscription& one = both.wanted[0];
    CHECK(one.filter == "a/#");
    CHECK(one.qos == QoS::exactly_once);
    CHECK(one.retain_as_published);
    CHECK(one.retain_handling == RetainHandling::new_only);
    CHECK(one.no_local);
    CHECK(both.identifiers[0] == both.identifiers[1]);
    CHECK(both.identifiers[0][0] == one.identifier);
  }
}

TEST_CASE("[MQTT-3.8.3-4] a shared subscription has no No Local, and is another than the filter alone") {
  RoutePlan shared = route({"a/#"});
  shared.share = "crew";
  const Asked both = asked({shared, route({"a/#"})});
  REQUIRE(both.wanted.size() == 2);
  CHECK(both.wanted[0].filter == "$share/crew/a/#");
  CHECK_FALSE(both.wanted[0].no_local);
  CHECK(both.wanted[1].no_local);
  CHECK(both.wanted[0].identifier != both.wanted[1].identifier);
}

TEST_CASE("below 5.0 there are no options") {
  const Asked old = asked({route({"a/#"})}, Version::v311);
  REQUIRE(old.wanted.size() == 1);
  CHECK_FALSE(old.wanted[0].no_local);
  CHECK_FALSE(old.wanted[0].retain_as_published);
  CHECK(old.wanted[0].retain_handling == RetainHandling::always);
}
