// The scenario commands: what populations they make.
#include "bench/scenarios.hpp"

#include <doctest/doctest.h>

#include "bench/check.hpp"
#include "bench/populations.hpp"
#include "bench_options/bench_lines.hpp"
#include "load/receivers.hpp"
#include "shared/log.hpp"

namespace mq {
namespace {

using test::error_of;
using test::load;

Scenario scenario(std::string_view command, test::Arguments arguments = {}) {
  auto settings = load(command, std::move(arguments));
  if (!settings) FAIL(settings.error().text);
  const auto checked = check_scenario(settings->scenario, settings->connection.log);
  if (!checked) FAIL(checked.error().text);
  return settings->scenario;
}

// What check_scenario() says of it.
std::string fault(std::string_view command, test::Arguments arguments) {
  auto settings = load(command, std::move(arguments));
  if (!settings) return settings.error().text;
  const auto checked = check_scenario(settings->scenario, settings->connection.log);
  return checked ? "" : checked.error().text;
}

// Deliveries of one message of each publishing population.
std::uint32_t expected(const Scenario& of, std::size_t population) {
  return receivers(of)->at(of.populations[population].first_client);
}

}  // namespace

TEST_CASE("filters that follow from a topic") {
  CHECK(filter_of("a/b", false) == "a/b");
  CHECK(filter_of("a/{number}/c", false) == "a/+/c");
  CHECK(filter_of("a/{number}/c", true) == "a/{number}/c");
  CHECK(filter_of("a/x{number}/{seq}", true) == "a/x{number}/+");
  CHECK(filter_of("{run}/{env HOME}/{file x/y}", false) == "{run}/{env HOME}/{file x/y}");
  CHECK(filter_of("{random 1 2}/{uuid}/{site}", false) == "+/+/+");
  CHECK(filter_of("{site}/{time}", true) == "{site}/+");
  CHECK(filter_of("{{seq}}/{ x }/{1}", false) == "{{seq}}/{ x }/{1}");
  CHECK(has_name("a/{client}", "client"));
  CHECK_FALSE(has_name("a/{{client}}", "client"));
  CHECK_FALSE(has_name("a/client", "client"));
}

TEST_CASE("conn: clients that connect and stay") {
  const Scenario made = scenario("conn");
  REQUIRE(made.populations.size() == 1);
  CHECK(made.populations[0].clients == 1000);
  CHECK(made.populations[0].connect.per_second == 500);
  CHECK_FALSE(made.populations[0].publish);
}

TEST_CASE("pubsub: each publisher has its subscriber") {
  const Scenario made = scenario("pubsub", {"-c", "4", "-q", "2"});
  REQUIRE(made.populations.size() == 2);
  CHECK(made.populations[0].subscribe->filters == std::vector<std::string>{"mqttkit/bench/{run}/{number}"});
  CHECK(made.populations[0].subscribe->qos == QoS::exactly_once);
  CHECK(made.populations[1].publish->qos == QoS::exactly_once);
  REQUIRE(made.populations[1].after.size() == 1);
  CHECK_FALSE(made.populations[1].after[0].finished);
  CHECK(*receivers(made) == std::vector<std::uint32_t>{0, 0, 0, 0, 1, 1, 1, 1});
  CHECK(expected(scenario("pubsub", {"-t", "x/{number}/{seq}"}), 1) == 1);
  CHECK(expected(scenario("pubsub", {"-c", "1", "-t", "x"}), 1) == 1);
  CHECK(error_of(load("pubsub", {"-t", "x"})).starts_with("all pairs would have one topic"));
  CHECK(error_of(load("pubsub", {"-t", "x/{client}"})) ==
        "{client} in -t is another number at the subscriber");
  CHECK(expected(scenario("pubsub", {"-t", "x/{client}", "--filter", "x/#"}), 1) == 10);
}

TEST_CASE("fanout and fanin: all get everything, or share it") {
  CHECK(expected(scenario("fanout"), 1) == 100);
  const Scenario many = scenario("fanin");
  CHECK(many.populations[1].clients == 100);
  CHECK(expected(many, 1) == 1);
  CHECK(expected(scenario("fanin", {"--subscribers", "5"}), 1) == 5);
  const Scenario shared = scenario("fanin", {"--subscribers", "5", "--share", "g"});
  CHECK(shared.populations[0].subscribe->filters.front() == "$share/g/mqttkit/bench/{run}/+");
  CHECK(expected(shared, 1) == 1);
  CHECK(fault("fanin", {"--filter", "other/#"}).starts_with("nobody subscribes to what publishers publish"));
}

TEST_CASE("sub: the default filter gives way to those that are given") {
  CHECK(scenario("sub").populations[0].subscribe->filters == std::vector<std::string>{"mqttkit/bench/#"});
  CHECK(scenario("sub", {"--filter", "a/+", "--filter", "b"}).populations[0].subscribe->filters ==
        std::vector<std::string>{"a/+", "b"});
  CHECK(fault("sub", {"--filter", "a/{seq}"}) == "'a/{seq}' changes with each message");
  CHECK(fault("sub", {"--filter", "a#"}).starts_with("--filter: "));
}

TEST_CASE("rr: requests are answered once") {
  const Scenario made = scenario("rr");
  REQUIRE(made.populations.size() == 2);
  CHECK(made.populations[1].request->publish.window == 1);
  CHECK(made.populations[1].request->timeout == std::chrono::seconds(30));
  CHECK(expected(made, 1) == 1);
  CHECK(expected(scenario("rr", {"--responders", "5"}), 1) == 1);
  CHECK(scenario("rr", {"--window", "9"}).populations[1].request->publish.window == 9);
  CHECK(error_of(load("rr", {"-e", "answers"})) == "all clients would get each other's answers");
  CHECK(load("rr", {"-V", "311"}).has_value());
  CHECK(error_of(load("rr", {"-V", "311", "--stamp", "property"})).starts_with("a "));
  CHECK(error_of(load("rr", {"--stamp", "none"})) == "requests without a stamp can't be told apart");
}

TEST_CASE("churn: clients that come and go") {
  const Scenario made = scenario("churn", {"-n", "3", "--stay", "2"});
  const ChurnPlan& plan = *made.populations[0].churn;
  CHECK(plan.count == 3);
  CHECK(plan.stay == std::chrono::seconds(2));
  CHECK(plan.rate.per_second == 100);
  CHECK(plan.rate.in_total);
  CHECK_FALSE(made.duration);
}

TEST_CASE("offline: sessions that outlive their clients") {
  const Scenario made = scenario("offline");
  REQUIRE(made.populations.size() == 3);
  const Population& absent = made.populations[0];
  CHECK(absent.leaves_when_ready);
  CHECK_FALSE(absent.session.clean_start);
  CHECK_FALSE(absent.session.continues_session);
  CHECK(absent.session.properties.view().number(PropertyId::session_expiry_interval) == 3600);
  const Population& returning = made.populations[2];
  CHECK(returning.resumes == 0U);
  CHECK(returning.session.continues_session);
  CHECK(returning.subscribe->count == 100);
  CHECK(made.populations[1].after[0].finished);
  CHECK(expected(made, 1) == 1);
  CHECK(scenario("offline", {"-x", "60"})
            .populations[0]
            .session.properties.view()
            .number(PropertyId::session_expiry_interval) == 60);
  CHECK(error_of(load("offline", {"-q", "0"})).starts_with("servers need not queue"));
  CHECK(error_of(load("offline", {"-t", "x"})) == "each absent client needs a topic of its own");
}

TEST_CASE("retained: stored, then replayed to all") {
  const Scenario made = scenario("retained", {"-n", "50", "--publishers", "2"});
  REQUIRE(made.populations.size() == 2);
  const PublishPlan& plan = *made.populations[0].publish;
  CHECK(plan.retain);
  CHECK(plan.properties.view().number(PropertyId::message_expiry_interval) == 3600);
  const SubscribePlan& subscribe = *made.populations[1].subscribe;
  CHECK(subscribe.replay);
  CHECK(subscribe.count == 100);
  CHECK(expected(made, 0) == 10);
  CHECK(error_of(load("retained", {"-t", "x"})).starts_with("each message needs a topic of its own"));
  CHECK(error_of(load("retained", {"--publishers", "2", "-t", "x/{seq}"}))
            .starts_with("publishers would store"));
}

TEST_CASE("what only shows when files and templates are looked at") {
  CHECK(fault("pub", {"-t", "a/{cleint}"}) == "{cleint} is not known in a template");
  CHECK(fault("pub", {"-i", "x{seq}"}) == "'x{seq}-{client}' changes with each message");
  CHECK(fault("pub", {"-f", "/does/not/exist"}).contains("/does/not/exist"));
  CHECK(fault("pub", {"--data", "/does/not/exist"}).contains("/does/not/exist"));
}

}  // namespace mq
