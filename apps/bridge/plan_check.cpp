#include "bridge/plan_check.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "bridge/digest.hpp"
#include "bridge/filter_sets.hpp"
#include "session/config.hpp"
#include "shared/common_options.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::uint32_t usual_expiry = 7 * 24 * 60 * 60;

// Rules that stand in each other's way, and excludes that leave nothing.
Result<void> check_rules(const RoutePlan& route) {
  for (std::size_t i = 0; i < route.rules.size(); ++i) {
    const std::string& filter = route.rules[i].filter();
    for (std::size_t j = 0; j < i; ++j) {
      // What a prefix has no hold on goes on to the next.
      if (route.rules[j].filter() != filter &&
          (route.rules[j].by_prefix() || !covers(route.rules[j].filter(), filter)))
        continue;
      return usage(fmt::format("{} is never reached: {} stands before it and takes all its topics",
                               quoted(filter), quoted(route.rules[j].filter())),
                   "put the narrower one first");
    }
    for (const std::string& exclude : route.excludes)
      if (covers(exclude, filter))
        return usage(fmt::format("exclude {} leaves nothing of {}", quoted(exclude), quoted(filter)));
  }
  return {};
}

Result<void> check_treatment(const TreatmentPlan& treatment) {
  const bool dead_letter = treatment.invalid == InvalidPolicy::dead_letter;
  const bool can_fail = finds_invalid(treatment);
  if (!can_fail && treatment.invalid != InvalidPolicy::mark)
    return usage("invalid means nothing without a payload-map, jq or to-format",
                 "nothing else finds messages invalid");
  if (dead_letter && treatment.dead_letter_topic.empty()) return usage("there is no dead-letter-topic");
  if (!dead_letter && !treatment.dead_letter_topic.empty())
    return usage("dead-letter-topic means nothing here", "invalid = \"dead-letter\" sends there");
  if (!treatment.from_format.empty() && !can_fail)
    return usage("from-format means nothing alone", "it is for to-format, jq and payload-map");
  return {};
}

// Bridges of many sites call their own server "local", at "localhost". Without a name that all know it is the
// same server only where endpoint, addresses and this machine are: who is wrong about that would lose
// messages.
std::string mark_of(const EndpointPlan& endpoint) {
  if (!endpoint.known_as.empty()) return endpoint.known_as;
  Digest digest;
  digest.add_host_name();
  for (const Endpoint& address : endpoint.connection.client.endpoints) digest.add(address.text());
  return fmt::format("{}@{}", endpoint.name, digest.text());
}

}  // namespace

std::string usual_client_id(std::string_view bridge, std::string_view endpoint) {
  return fmt::format("{}-{}", bridge, endpoint);
}

bool same_server(const EndpointPlan& one, const EndpointPlan& other) {
  const auto& theirs = other.connection.client.endpoints;
  return std::ranges::any_of(one.connection.client.endpoints, [&theirs](const Endpoint& address) {
    return std::ranges::find(theirs, address.text(), &Endpoint::text) != theirs.end();
  });
}

bool finds_invalid(const TreatmentPlan& treatment) {
  return !treatment.payload_map.empty() || !treatment.jq.empty() || !treatment.to_format.empty();
}

Result<void> check_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  constexpr std::string_view known = "-_.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (!name.empty() && name.size() <= longest && name.find_first_not_of(known) == name.npos &&
      !name.starts_with('.'))
    return {};
  return usage(fmt::format("{} can't be a name", quoted(name)),
               "a name has at most 64 letters, digits, '-', '_' and '.', which does not come first");
}

Result<void> store_name(std::string& target, std::string_view name) {
  if (auto checked = check_name(name); !checked) return checked;
  target = name;
  return {};
}

EndpointPlan new_endpoint(std::string name) {
  EndpointPlan endpoint{.name = std::move(name), .known_as = {}, .mark = {}, .connection = {}};
  ClientConfig& client = endpoint.connection.client;
  client.retry.before_first = std::numeric_limits<std::uint32_t>::max();
  client.retry.after_loss.reset();
  default_window(client.session);
  return endpoint;
}

Result<void> finish_endpoint(EndpointPlan& endpoint, std::string_view bridge) {
  ConnectionSettings& connection = endpoint.connection;
  SessionConfig& session = connection.client.session;
  if (connection.servers.empty())
    return usage("there is no server to connect to", "name one with url, host or unix");
  if (connection.secrets.password_file == "-" || connection.secrets.key_password_file == "-")
    return usage("a bridge reads no password from standard input", "name a file");
  if (session.client_id.empty()) session.client_id = usual_client_id(bridge, endpoint.name);
  session.clean_start = false;
  const auto expiry = session.properties.view().number(PropertyId::session_expiry_interval);
  if (expiry == 0U)
    return usage("a session that ends with its connection loses what is under way",
                 "session-expiry must outlast the longest outage; without it, it is seven days");
  if (!expiry && session.version == Version::v5)
    if (auto added = session.properties.add(PropertyId::session_expiry_interval, usual_expiry); !added)
      return added;
  if (auto done = finish(connection); !done) return done;
  endpoint.mark = mark_of(endpoint);
  if (connection.url_topic)
    return usage("a URL with a topic is no endpoint", "the topics of a route say what is carried");
  return check(session);
}

Result<void> check_endpoints(const BridgePlan& plan) {
  for (std::size_t i = 0; i < plan.endpoints.size(); ++i) {
    const EndpointPlan& one = plan.endpoints[i];
    const std::string& id = one.connection.client.session.client_id;
    for (std::size_t j = 0; j < i; ++j) {
      const EndpointPlan& other = plan.endpoints[j];
      if (id == other.connection.client.session.client_id && same_server(one, other))
        return usage(fmt::format("endpoints {} and {} have the same client identifier at the same server",
                                 quoted(other.name), quoted(one.name)),
                     "the server would end the one connection for the other: leave id out");
    }
  }
  return {};
}

Result<void> check_route(const BridgePlan& plan, std::size_t number) {
  const RoutePlan& route = plan.routes[number];
  if (route.rules.empty()) return usage("there are no topics to carry");
  if (route.from == route.to)
    for (const TopicRule& rule : route.rules)
      if (rule.keeps_topics())
        return usage(fmt::format("{} would come back to where it is from: a loop", quoted(rule.filter())),
                     "give it another topic, or carry it to another endpoint");
  if (auto checked = check_rules(route); !checked) return checked;
  for (std::size_t i = 0; i < number; ++i) {
    const RoutePlan& other = plan.routes[i];
    if (other.name == route.name)
      return usage(fmt::format("there are two routes called {}", quoted(route.name)),
                   "without a name a route is called FROM-to-TO");
    if (other.from != route.from || other.to != route.to) continue;
    for (const TopicRule& rule : route.rules)
      for (const TopicRule& theirs : other.rules)
        if (rule.filter() == theirs.filter() && rule.made_filter() == theirs.made_filter())
          return usage(
              fmt::format("{} is carried by route {} already", quoted(rule.filter()), quoted(other.name)));
  }
  return check_treatment(route.treatment);
}

void need_version(BridgePlan& plan, const RoutePlan& route) {
  std::optional<std::string>& need = plan.endpoints[route.from].connection.needs_v5;
  if (!route.share.empty() && !need) need = "share";
}

Result<std::string> usual_store_path(std::string_view bridge, const Environment& environment) {
  const auto variable = [&environment](const char* name) -> std::string_view {
    const char* value = environment(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
  };
  // Several of a unit stand with colons between them.
  if (const std::string_view state = variable("STATE_DIRECTORY"); !state.empty())
    return fmt::format("{}/{}.sqlite", state.substr(0, state.find(':')), bridge);
  if (const std::string_view state = variable("XDG_STATE_HOME"); !state.empty())
    return fmt::format("{}/mqttkit/{}.sqlite", state, bridge);
  if (const std::string_view home = variable("HOME"); !home.empty())
    return fmt::format("{}/.local/state/mqttkit/{}.sqlite", home, bridge);
  return usage("there is no place for the store: neither STATE_DIRECTORY, XDG_STATE_HOME nor HOME is set",
               "say where with store-path, or choose another store");
}

}  // namespace mq
