#include "bridge/status.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "bridge/example_figures.hpp"
#include "bridge/health.hpp"
#include "bridge/plans.hpp"

using namespace mq;
using nlohmann::json;

namespace {

const std::string rest =
    "[endpoint.plant]\nhost = \"a\"\n[endpoint.cloud]\nhost = \"b\"\n"
    "[[route]]\nfrom = \"plant\"\nto = \"cloud\"\ntopics = [\"#\"]\n";

}  // namespace

TEST_CASE("the status says whether the bridge is there, which ends stand and what routes have carried") {
  const BridgeFigures figures = test::figures();
  const json online = json::parse(status_json(figures, "plant", "site7-plant", Presence::online));
  CHECK(online["bridge"] == "site7");
  CHECK(online["endpoint"] == "plant");
  CHECK(online["state"] == "online");
  CHECK(online["since"] == moment_text(1'795'430'000'250));
  CHECK(online["started"] == moment_text(1'795'430'000'000));
  CHECK(online["store_works"] == true);
  CHECK(online["connected"] == json{{"plant", true}, {"cloud", false}});
  CHECK(online["routes"]["up"] == json{{"received", 20}, {"delivered", 2}, {"waiting", 17}});
  CHECK(online["routes"]["down"] == json{{"received", 0}, {"delivered", 0}, {"waiting", 0}});

  const json offline = json::parse(status_json(figures, "plant", "site7-plant", Presence::offline));
  CHECK(offline["state"] == "offline");
  CHECK(offline["since"] == moment_text(figures.taken));

  const json small = json::parse(status_json(figures, "plant", "site7-plant", Presence::online, false));
  CHECK_FALSE(small.contains("routes"));
  CHECK(small["connected"] == online["connected"]);
}

TEST_CASE("an endpoint with several connections stands when all of them do") {
  BridgeFigures figures = test::figures();
  LinkFigures another = figures.links[0];
  another.client_id = "site7-plant-up";
  another.connected = false;
  figures.links.push_back(another);
  const json status = json::parse(status_json(figures, "plant", "site7-plant", Presence::online));
  CHECK(status["connected"]["plant"] == false);
}

TEST_CASE("the will says offline, and only where there is a status topic") {
  const BridgePlan plain = test::plan(rest);
  CHECK_FALSE(status_will(plain, plain.endpoints[0]));
  const BridgePlan plan = test::plan("status-topic = \"bridge/site7\"\n" + rest);
  const EndpointPlan& cloud = *std::ranges::find(plan.endpoints, "cloud", &EndpointPlan::name);
  const auto will = status_will(plan, cloud);
  REQUIRE(will);
  CHECK(will->topic == "bridge/site7");
  CHECK(will->retain);
  CHECK(will->qos == QoS::at_least_once);
  const json said = json::parse(will->payload);
  CHECK(said["state"] == "offline");
  CHECK(said["endpoint"] == "cloud");
  CHECK(said["bridge"] == "site7");
}

TEST_CASE("health is well only while every connection stands and the store works, and says what is not") {
  BridgeFigures figures = test::figures();
  const json away = json::parse(health_json(figures));
  CHECK(away["status"] == "failing");
  CHECK(away["links"].size() == 2);
  CHECK(away["links"][0]["connected"] == true);
  CHECK(away["links"][1]["why"] == "cannot connect to \"cloud\": connection refused");
  REQUIRE(away["reasons"].size() == 1);
  CHECK(away["reasons"][0] == "cloud (site7-cloud) is not connected since " + moment_text(1'795'430'001'000) +
                                  ": cannot connect to \"cloud\": connection refused");
  CHECK(health_line(figures) == "1 of 2 connections stand, 17 messages wait");

  figures.links[1].connected = true;
  CHECK(ailments(figures).empty());
  figures.links.push_back({.endpoint = "old", .client_id = "bridge-old", .server = {}, .leaving = true});
  CHECK(ailments(figures).empty());  // a reload has told it to go
  figures.links.pop_back();
  CHECK(json::parse(health_json(figures))["status"] == "ok");
  CHECK(json::parse(health_json(figures))["reasons"].empty());

  figures.store_works = false;
  CHECK(ailments(figures) == std::vector<std::string>{"the store can't be written"});
  CHECK(json::parse(health_json(figures))["store_works"] == false);
}

TEST_CASE("texts that are no UTF-8 do not spoil the JSON") {
  BridgeFigures figures = test::figures();
  figures.links[1].why = "said \xff\xfe \x1b[2J";
  CHECK(json::parse(health_json(figures))["links"][1]["why"] == "said ?? \x1b[2J");
}
