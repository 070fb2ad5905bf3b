#include "bridge/one_liner.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "bridge/digest.hpp"
#include "bridge/filter_sets.hpp"
#include "bridge/plan_check.hpp"
#include "shared/common_options.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::size_t from = 0, to = 1;  // of the plan's endpoints

// The same for the same bridge on the same machine, so that a restart finds its sessions; another for any
// other, which would else take them away.
std::string made_name(const BridgeSettings& settings, const BridgePlan& plan) {
  Digest digest;
  digest.add_host_name();
  for (const EndpointPlan& endpoint : plan.endpoints) {
    for (const NamedServer& server : endpoint.connection.servers) digest.add(server.endpoint.text());
    digest.add({});
  }
  for (const auto* list : {&settings.topics, &settings.topic_maps, &settings.excludes}) {
    for (const std::string& text : *list) digest.add(text);
    digest.add({});
  }
  digest.add(settings.both ? "both" : "");
  return "bridge-" + digest.text();
}

Result<EndpointPlan> endpoint_at(const std::vector<std::string>& urls, std::string_view option,
                                 std::string name, const BridgeSettings& settings) {
  EndpointPlan endpoint = new_endpoint(std::move(name));
  ConnectionSettings& connection = endpoint.connection;
  connection.debug = settings.connection.debug;
  connection.log = settings.connection.log;
  OptionRows rows;
  server_options(rows, connection);
  for (const std::string& url : urls) {
    const std::string_view value = url;
    if (auto stored = find_option(rows, "url")->set({&value, 1}); !stored)
      return usage(fmt::format("{}: {}", option, stored.error().text), std::move(stored.error().hint));
  }
  const bool tls =
      std::ranges::any_of(connection.servers, [](const NamedServer& server) { return server.endpoint.tls; });
  if (!tls) return endpoint;
  connection.client.tls = settings.connection.client.tls;
  connection.secrets.key_password_file = settings.connection.secrets.key_password_file;
  return endpoint;
}

std::string wildcards_of(std::string_view filter) {
  std::string found;
  for (std::optional rest(filter); const auto level = take_level(rest);)
    if (level->starts_with('+') || level->starts_with('#')) found += level->front();
  return found;
}

// What mqtt-pub's --topic-map means by "old/#=new/#", in a rule's words.
std::string numbered(std::string_view from_filter, std::string_view new_topic) {
  std::string text;
  if (new_topic.contains('$') || wildcards_of(from_filter) != wildcards_of(new_topic))
    return std::string(new_topic);
  std::size_t number = 0;
  for (const char c : new_topic)
    if (c == '+' || c == '#')
      text += fmt::format("${{{}}}", ++number);
    else
      text += c;
  return text;
}

Result<TopicRule> mapped(std::string_view map) {
  const std::size_t equals = map.find('=');
  if (equals == map.npos)
    return usage(fmt::format("{} holds no '='", quoted(map)),
                 "write OLD=NEW, such as 'a/+x/#rest=b/$x/$rest'");
  const std::string_view old = map.substr(0, equals), made = map.substr(equals + 1);
  if (made.empty()) return usage(fmt::format("{} has nothing behind the '='", quoted(map)));
  return TopicRule::parse(old, numbered(old, made));
}

Result<RoutePlan> route_of(const BridgeSettings& settings) {
  RoutePlan route;
  route.name = "there";
  route.from = from;
  route.to = to;
  for (const std::string& map : settings.topic_maps) {
    auto rule = mapped(map);
    if (!rule) return usage(fmt::format("--topic-map: {}", rule.error().text), std::move(rule.error().hint));
    route.rules.push_back(*std::move(rule));
  }
  for (const std::string& topic : settings.topics) {
    auto rule = TopicRule::parse(topic, {});
    if (!rule) return usage(fmt::format("-t/--topic: {}", rule.error().text), std::move(rule.error().hint));
    route.rules.push_back(*std::move(rule));
  }
  route.excludes = settings.excludes;
  route.most_qos = settings.qos;
  return route;
}

Result<void> check_given(const BridgeSettings& settings) {
  if (settings.from.empty() || settings.to.empty())
    return usage(settings.from.empty() && settings.to.empty()
                     ? "there is nothing to bridge"
                     : fmt::format("there is no --{}", settings.from.empty() ? "from" : "to"),
                 "mqtt-bridge -c FILE, or --from URL --to URL -t FILTER");
  if (settings.topics.empty() && settings.topic_maps.empty())
    return usage("there are no topics to carry", "name them with -t, such as -t 'a/#'");
  if (settings.both && !settings.topic_maps.empty())
    return usage("--both does not go with --topic-map", "a file (-c) has a route for each direction");
  if (settings.store != StoreKind::disk && !settings.store_path.empty())
    return usage("--store-path is for --store disk alone");
  return {};
}

}  // namespace

Result<BridgePlan> one_liner_plan(const BridgeSettings& settings, const Environment& environment) {
  if (auto checked = check_given(settings); !checked) return std::unexpected(std::move(checked.error()));
  BridgePlan plan;
  for (const auto& [urls, option, name] :
       {std::tuple(&settings.from, "--from", "from"), std::tuple(&settings.to, "--to", "to")}) {
    auto endpoint = endpoint_at(*urls, option, name, settings);
    if (!endpoint) return std::unexpected(std::move(endpoint.error()));
    plan.endpoints.push_back(*std::move(endpoint));
  }
  plan.name = settings.name.empty() ? made_name(settings, plan) : settings.name;
  for (EndpointPlan& endpoint : plan.endpoints)
    if (auto done = finish_endpoint(endpoint, plan.name); !done)
      return usage(fmt::format("--{}: {}", endpoint.name, done.error().text), std::move(done.error().hint));
  const auto speaks_tls = [](const EndpointPlan& endpoint) {
    return std::ranges::any_of(endpoint.connection.client.endpoints, &Endpoint::tls);
  };
  if (settings.connection.needs_tls && std::ranges::none_of(plan.endpoints, speaks_tls))
    return usage(
        fmt::format("{} is for TLS, but neither end is reached with it", *settings.connection.needs_tls),
        "write mqtts:// or wss://");
  auto route = route_of(settings);
  if (!route) return std::unexpected(std::move(route.error()));
  plan.routes.push_back(*std::move(route));
  if (settings.both) {
    RoutePlan back = plan.routes[0];
    back.name = "back";
    std::swap(back.from, back.to);
    plan.routes.push_back(std::move(back));
  }
  plan.store = settings.store;
  plan.store_path = settings.store_path;
  if (auto checked = check_endpoints(plan); !checked) return std::unexpected(std::move(checked.error()));
  for (std::size_t i = 0; i < plan.routes.size(); ++i)
    if (auto checked = check_route(plan, i); !checked) return std::unexpected(std::move(checked.error()));
  if (plan.store != StoreKind::disk || !plan.store_path.empty()) return plan;
  auto path = usual_store_path(plan.name, environment);
  if (!path) return std::unexpected(std::move(path.error()));
  plan.store_path = *std::move(path);
  return plan;
}

}  // namespace mq
