// mqtt-bridge's command line: bridges of one line, files, and what does not go together.
#include "bridge/options.hpp"

#include <doctest/doctest.h>

#include <array>

#include "bridge/plans.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

using Arguments = std::vector<const char*>;

Result<BridgeSettings> parsed(Arguments arguments) {
  arguments.insert(arguments.begin(), "mqtt-bridge");
  return parse_bridge(static_cast<int>(arguments.size()), arguments.data(), test::environment_of(test::home));
}

BridgePlan one_line(Arguments more) {
  more.insert(more.begin(), {"--from", "mqtt://one.example", "--to", "mqtts://me:sesame@two.example"});
  auto settings = parsed(std::move(more));
  if (!settings) FAIL(settings.error().text);
  return std::move(settings->plan);
}

std::string applied(const TopicRule& rule, std::string_view topic) {
  Buffer made;
  return rule.apply(topic, made) ? made : "no";
}

}  // namespace

TEST_CASE("a bridge of one line") {
  const BridgePlan plan = one_line({"-t", "a/#", "-t", "b", "-q", "1", "--exclude", "a/x"});
  CHECK(plan.name.starts_with("bridge-"));
  CHECK(plan.name.size() == 15);
  CHECK(plan.store == StoreKind::disk);
  CHECK(plan.store_path == "/state/" + plan.name + ".sqlite");
  REQUIRE(plan.endpoints.size() == 2);
  CHECK(plan.endpoints[0].name == "from");
  CHECK(plan.endpoints[0].connection.client.endpoints[0].text() == "one.example:1883");
  const SessionConfig& session = plan.endpoints[1].connection.client.session;
  CHECK(session.client_id == plan.name + "-to");
  CHECK(session.user_name == "me");
  CHECK(session.password == "sesame");
  CHECK_FALSE(session.clean_start);
  REQUIRE(plan.routes.size() == 1);
  const RoutePlan& route = plan.routes[0];
  CHECK(route.name == "there");
  CHECK(route.from == 0);
  CHECK(route.to == 1);
  CHECK(route.rules.size() == 2);
  CHECK(route.excludes == std::vector<std::string>{"a/x"});
  CHECK(route.most_qos == QoS::at_least_once);
}

TEST_CASE("its name is the same for the same bridge alone") {
  const std::string name = one_line({"-t", "a/#"}).name;
  CHECK(one_line({"-t", "a/#"}).name == name);
  CHECK(one_line({"-t", "a/#", "-q", "0"}).name == name);
  CHECK(one_line({"-t", "a/+"}).name != name);
  CHECK(one_line({"-t", "a/#", "--both"}).name != name);
  CHECK(one_line({"-t", "a/#", "--name", "mine"}).name == "mine");
}

TEST_CASE("both ways, stores, and several addresses") {
  const BridgePlan both = one_line({"-t", "a/#", "--both", "--store", "through"});
  REQUIRE(both.routes.size() == 2);
  CHECK(both.routes[1].name == "back");
  CHECK(both.routes[1].from == 1);
  CHECK(both.routes[1].rules[0].filter() == "a/#");
  CHECK(both.store == StoreKind::through);
  CHECK(both.store_path.empty());
  CHECK(one_line({"-t", "a", "--store-path", "x.db"}).store_path == "x.db");
  CHECK(one_line({"-t", "a", "--from", "mqtt://other"}).endpoints[0].connection.client.endpoints.size() == 2);
}

TEST_CASE("topic maps, with names and as mqtt-pub has them") {
  const BridgePlan plan =
      one_line({"--topic-map", "a/+x/b/#rest=site7/$x/$rest", "--topic-map", "old/#=new/#", "--topic-map",
                "+/in=+/out", "--topic-map", "c=d=e", "-t", "z"});
  const std::vector<TopicRule>& rules = plan.routes[0].rules;
  REQUIRE(rules.size() == 5);
  CHECK(applied(rules[0], "a/1/b/c") == "site7/1/c");
  CHECK(applied(rules[1], "old/1/2") == "new/1/2");
  CHECK(applied(rules[2], "x/in") == "x/out");
  CHECK(applied(rules[3], "c") == "d=e");
  CHECK(applied(rules[4], "z") == "z");
}

TEST_CASE("TLS of a one-liner is for the ends that have it") {
  const BridgePlan plan = one_line({"-t", "a", "--cafile", "ca.pem"});
  CHECK(plan.endpoints[0].connection.client.tls.ca_file.empty());
  CHECK(plan.endpoints[1].connection.client.tls.ca_file == "ca.pem");
}

TEST_CASE("a file") {
  const TempDir folder;
  const std::string path = folder.write("plant.toml", R"(
endpoint.a.host = "a"
endpoint.b.host = "b"
[[route]]
from = "a"
to = "b"
topics = "#"
)");
  const auto settings = parsed({"-c", path.c_str(), "--check", "--quiet", "-d"});
  if (!settings) FAIL(settings.error().text);
  CHECK(settings->plan.name == "plant");
  CHECK(settings->check);
  CHECK(settings->plan.log.quiet);
  CHECK(settings->plan.endpoints[1].connection.debug);
}

TEST_CASE("what is wrong with a command line") {
  struct Row {
    Arguments arguments;
    std::string_view error;
  };
  const auto table = std::to_array<Row>({
      {{}, "there is nothing to bridge"},
      {{"--from", "mqtt://a"}, "there is no --to"},
      {{"--to", "mqtt://a"}, "there is no --from"},
      {{"--from", "mqtt://a", "--to", "mqtt://b"}, "there are no topics to carry"},
      {{"--from", "x", "--to", "mqtt://b", "-t", "a"}, "--from: 'x' is not a URL"},
      {{"--from", "mqtt://a/t", "--to", "mqtt://b", "-t", "a"}, "--from: a URL with a topic is no endpoint"},
      {{"--from", "mqtt://a", "--to", "mqtt://b", "-t", "a#"}, "-t/--topic: topic filter 'a#' needs"},
      {{"--from", "mqtt://a", "--to", "mqtt://b", "-t", "a", "-t", "a"}, "'a' is never reached"},
      {{"--from", "mqtt://a", "--to", "mqtt://b", "--topic-map", "a"}, "--topic-map: 'a' holds no '='"},
      {{"--from", "mqtt://a", "--to", "mqtt://b", "--topic-map", "a/#=+"},
       "--topic-map: the new topic would hold a wildcard"},
      {{"--from", "mqtt://a", "--to", "mqtt://b", "--topic-map", "a/#="}, "--topic-map: 'a/#=' has nothing"},
      {{"--from", "mqtt://a", "--to", "mqtt://b", "--both", "--topic-map", "a/#=b/#"},
       "--both does not go with --topic-map"},
      {{"--from", "mqtt://a", "--to", "mqtt://b", "-t", "a", "--cafile", "x"}, "--cafile is for TLS, but"},
      {{"--from", "mqtt://a", "--to", "mqtt://b", "-t", "a", "--store", "memory", "--store-path", "x"},
       "--store-path is for --store disk alone"},
      {{"-c", "x.toml", "-t", "a"}, "-t/--topic does not go with -c"},
      {{"-c", "x.toml", "--cafile", "a"}, "--cafile does not go with -c"},
      {{"-c", "x.toml", "--check", "--dry-run", "a"}, "--check does not go with --dry-run"},
      {{"--dry-run", "a/#"}, "--dry-run: topic name 'a/#' holds a wildcard"},
      {{"impor"}, "unknown command 'impor'"},
      {{"--name", "a/b"}, "--name: 'a/b' can't be a name"},
  });
  for (const Row& row : table) {
    const auto settings = parsed(row.arguments);
    CAPTURE(row.error);
    REQUIRE_FALSE(settings);
    CAPTURE(settings.error().text);
    CHECK(settings.error().kind == ErrorKind::usage);
    CHECK(settings.error().text.starts_with(row.error));
  }
}

TEST_CASE("passwords of the URLs are hidden from listings of processes") {
  const auto settings = parsed({"--from", "mqtt://me:sesame@a", "--to", "mqtt://b", "-t", "a"});
  REQUIRE(settings);
  REQUIRE(settings->connection.shown_secrets.size() == 1);
  const ShownSecret& shown = settings->connection.shown_secrets[0];
  CHECK(shown.value.substr(shown.at, shown.size) == "sesame");
}

}  // namespace mq
