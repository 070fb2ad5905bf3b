#include "load/receivers.hpp"

#include <doctest/doctest.h>

#include <string>

#include "load/subscribers.hpp"
#include "shared/random.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Counts = std::vector<std::uint32_t>;

Population publishers(std::uint64_t clients, std::string topic, bool retain = false) {
  Population made;
  made.clients = clients;
  made.publish = PublishPlan{.topic = std::move(topic), .retain = retain};
  return made;
}

Population subscribers(std::uint64_t clients, std::vector<std::string> filters) {
  Population made;
  made.clients = clients;
  made.subscribe = SubscribePlan{.filters = std::move(filters)};
  return made;
}

Counts counted(std::vector<Population> populations) {
  Scenario scenario;
  scenario.run = 0xAB;
  std::uint64_t next = 0;
  for (Population& population : populations) {
    population.first_client = next;
    next += population.clients;
  }
  scenario.populations = std::move(populations);
  const auto counts = receivers(scenario);
  REQUIRE(counts);
  return *counts;
}

TEST_CASE("pairs, fan out, fan in") {
  CHECK(counted({subscribers(2, {"t/{number}"}), publishers(3, "t/{number}")}) == Counts{0, 0, 1, 1, 0});
  CHECK(counted({subscribers(3, {"all/{run}"}), publishers(2, "all/000000ab")}) == Counts{0, 0, 0, 3, 3});
  CHECK(counted({publishers(2, "t/{number}/{seq}"), subscribers(2, {"t/+/#"})}) == Counts{2, 2, 0, 0});
  CHECK(counted({publishers(2, "t/{client}"), subscribers(2, {"t/0"})}) == Counts{2, 0, 0, 0});
}

TEST_CASE("filters of one client that overlap count once") {
  CHECK(counted({subscribers(2, {"a/#", "a/+", "a/b"}), publishers(1, "a/b")}) == Counts{0, 0, 2});
  CHECK(counted({subscribers(2, {"a/{number}", "x"}), publishers(1, "a/1")}) == Counts{0, 0, 1});
}

TEST_CASE("a shared subscription gets one for all, each group one") {
  CHECK(counted({subscribers(5, {"$share/g/a/+"}), publishers(1, "a/b")}).back() == 1);
  CHECK(counted({subscribers(5, {"$share/g{number}/a/+"}), publishers(1, "a/b")}).back() == 5);
  CHECK(counted({subscribers(5, {"$share/g/a/b", "$share/g/a/b"}), publishers(1, "a/b")}).back() == 1);
  CHECK(counted({subscribers(5, {"$share/g/a/+", "a/b"}), publishers(1, "a/b")}).back() == 6);
}

TEST_CASE("who publishes and subscribes hears itself, unless it is not local") {
  Population both = publishers(3, "a/{number}");
  both.subscribe = SubscribePlan{.filters = {"a/+"}};
  CHECK(counted({both}) == Counts{3, 3, 3});
  both.subscribe->no_local = true;
  CHECK(counted({both}) == Counts{2, 2, 2});
  both.subscribe->filters = {"a/0"};
  CHECK(counted({both}) == Counts{2, 0, 0});
}

TEST_CASE("absent clients get it when somebody goes on with their session") {
  Population absent = subscribers(2, {"q/{number}"});
  absent.leaves_when_ready = true;
  Population publishing = publishers(2, "q/{number}");
  publishing.after = {{.population = 0, .finished = true}};
  CHECK(counted({absent, publishing}) == Counts{0, 0, 0, 0});
  Population returning = absent;
  returning.leaves_when_ready = false;
  returning.resumes = 0;
  returning.after = {{.population = 1, .finished = true}};
  CHECK(counted({absent, publishing, returning}) == Counts{0, 0, 1, 1, 0, 0});
}

TEST_CASE("who comes when all is published gets what is retained") {
  Population later = subscribers(4, {"r/#"});
  later.after = {{.population = 0, .finished = true}};
  CHECK(counted({publishers(1, "r/{seq}", true), later}).front() == 0);
  later.subscribe->replay = true;
  CHECK(counted({publishers(1, "r/{seq}", true), later}).front() == 4);
  CHECK(counted({publishers(1, "r/{seq}", false), later}).front() == 0);
}

TEST_CASE("requests are for responders") {
  Population asking;
  asking.clients = 2;
  asking.request = RequestPlan{.publish = {.topic = "ask/{number}"}};
  Population answering;
  answering.respond = RespondPlan{.filters = {"ask/+"}};
  CHECK(counted({answering, asking}) == Counts{0, 1, 1});
}

TEST_CASE("what can't be is told") {
  Scenario scenario;
  scenario.populations = {publishers(1, "a/#")};
  CHECK_FALSE(receivers(scenario));
  scenario.populations = {publishers(1, "a"), subscribers(1, {"a#"})};
  CHECK_FALSE(receivers(scenario));
  scenario.populations = {publishers(1, "a/{cleint}")};
  CHECK_FALSE(receivers(scenario));
}

TEST_CASE("the tree says what matching each filter says") {
  Random random(17);
  constexpr std::string_view levels[] = {"a", "b", "", "$x", "+", "#"};
  for (int round = 0; round < 300; ++round) {
    Subscribers tree;
    std::vector<std::string> filters;
    while (filters.size() < 12) {
      std::string filter;
      for (std::uint64_t i = 0, end = random.up_to(3); i <= end; ++i)
        filter.append(i == 0 ? "" : "/").append(levels[random.up_to(5)]);
      if (!check_topic_filter(filter)) continue;
      tree.add(filter);
      filters.push_back(filter);
    }
    for (int question = 0; question < 30; ++question) {
      std::string topic;
      for (std::uint64_t i = 0, end = random.up_to(3); i <= end; ++i)
        topic.append(i == 0 ? "" : "/").append(levels[random.up_to(3)]);
      if (!check_topic_name(topic)) continue;
      std::uint32_t expected = 0;
      for (const std::string& filter : filters) expected += matches(filter, topic) ? 1 : 0;
      CAPTURE(topic);
      CHECK(tree.count(topic) == expected);
    }
  }
}

TEST_CASE("100,000 pairs are no burden") {
  const Counts counts =
      counted({subscribers(100'000, {"site/{number}/up"}), publishers(100'000, "site/{number}/up")});
  CHECK(counts.size() == 200'000);
  CHECK(counts.back() == 1);
  CHECK(
      counted({subscribers(100'000, {"site/{number}/+"}), publishers(100'000, "site/{number}/up")}).back() ==
      1);
}

}  // namespace
}  // namespace mq
