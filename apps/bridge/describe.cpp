#include "bridge/describe.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string_view>

#include "base/text.hpp"
#include "bridge/dry_run.hpp"
#include "bridge/filter_sets.hpp"
#include "bridge/plan_check.hpp"
#include "client/servers.hpp"

namespace mq {
namespace {

std::string length_text(Duration length) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(length).count();
  struct Unit {
    std::int64_t size;
    std::string_view name;
  };
  for (const Unit& unit : {Unit{86'400'000, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "m"}, Unit{1000, "s"}})
    if (milliseconds != 0 && milliseconds % unit.size == 0)
      return fmt::format("{}{}", milliseconds / unit.size, unit.name);
  return fmt::format("{}ms", milliseconds);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::string_view suffixes = "kMG";
  std::string suffix;
  for (std::size_t i = 0; i < suffixes.size() && bytes >= 1024 && bytes % 1024 == 0; ++i, bytes /= 1024)
    suffix = suffixes[i];
  return fmt::format("{}{} bytes", bytes, suffix);
}

std::string_view store_text(StoreKind store) {
  switch (store) {
    case StoreKind::disk:
      return "acknowledged when it is on disk";
    case StoreKind::through:
      return "acknowledged when the destination has acknowledged it";
    case StoreKind::memory:
      return "acknowledged at once, and lost in a crash";
  }
  return {};
}

std::string version_text(const ConnectionSettings& connection) {
  switch (connection.client.session.version) {
    case Version::v31:
      return "MQTT 3.1";
    case Version::v311:
      return "MQTT 3.1.1";
    case Version::v5:
      break;
  }
  return connection.client.fall_back_to_v311 ? "MQTT 5.0, else 3.1.1" : "MQTT 5.0";
}

std::string session_text(const SessionConfig& session) {
  const auto expiry = session.properties.view().number(PropertyId::session_expiry_interval);
  if (!expiry) return "session kept as long as the server likes";
  if (*expiry == std::numeric_limits<std::uint32_t>::max()) return "session kept for ever";
  return fmt::format("session kept for {}", length_text(std::chrono::seconds(*expiry)));
}

void describe_endpoint(const EndpointPlan& endpoint, std::string& text) {
  const ClientConfig& client = endpoint.connection.client;
  text += fmt::format("endpoint {}\n", endpoint.name);
  for (std::string_view lead = "at"; const Endpoint& address : client.endpoints) {
    text += fmt::format("  {} {}{}{}{}\n", lead, address.text(), address.tls ? ", TLS" : "",
                        address.web_socket ? ", WebSocket" : "", address.srv ? ", by SRV records" : "");
    lead = "or";
  }
  text += fmt::format("  {}, client identifier {}, {}\n", version_text(endpoint.connection),
                      quoted(client.session.client_id), session_text(client.session));
  if (!endpoint.known_as.empty()) text += fmt::format("  known to all bridges as {}\n", endpoint.known_as);
  if (client.endpoints.size() > 1 && !endpoint.shared_sessions)
    text += "  sessions not shared: QoS 2 is carried as QoS 1, at least once\n";
}

std::string invalid_text(const TreatmentPlan& treatment) {
  switch (treatment.invalid) {
    case InvalidPolicy::mark:
      return "marked";
    case InvalidPolicy::drop:
      return "dropped";
    case InvalidPolicy::dead_letter:
      break;
  }
  return fmt::format("to {}", quoted(treatment.dead_letter_topic));
}

// In the order in which it is done.
void describe_treatment(const TreatmentPlan& treatment, std::string& text) {
  if (!treatment.from_format.empty()) text += fmt::format("  read as {}\n", treatment.from_format);
  if (!treatment.payload_map.empty())
    text += fmt::format("  held to the schemas of {}\n", quoted(treatment.payload_map));
  if (treatment.doubles_within > Duration::zero())
    text += fmt::format("  doubles within {} left out\n", length_text(treatment.doubles_within));
  if (!treatment.jq.empty()) text += fmt::format("  through jq {}\n", quoted(treatment.jq));
  if (!treatment.to_format.empty()) text += fmt::format("  written as {}\n", treatment.to_format);
  if (finds_invalid(treatment)) text += fmt::format("  invalid ones {}\n", invalid_text(treatment));
  if (treatment.most_per_second > 0) text += fmt::format("  at most {}/s\n", treatment.most_per_second);
  if (treatment.latest_every > Duration::zero())
    text += fmt::format("  of each topic the latest every {}\n", length_text(treatment.latest_every));
}

std::string queue_text(const QueuePlan& queue) {
  std::string bounds;
  const auto add = [&bounds](const std::string& bound) {
    bounds.append(bounds.empty() ? "" : ", ").append(bound);
  };
  if (queue.most_bytes > 0) add(size_text(queue.most_bytes));
  if (queue.most_messages > 0) add(fmt::format("{} messages", queue.most_messages));
  if (queue.most_age > Duration::zero()) add(length_text(queue.most_age));
  if (bounds.empty()) return "queue without a bound";
  constexpr std::string_view policies[] = {"the source waits", "the oldest go", "the newest are dropped"};
  return fmt::format("queue of at most {}, then {}", bounds,
                     policies[static_cast<std::size_t>(queue.overflow)]);
}

void describe_route(const BridgePlan& plan, const RoutePlan& route, std::string& text) {
  constexpr std::string_view retain[] = {"retained flags kept", "never retained",
                                         "retained flags kept, nothing retained before"};
  text += fmt::format("route {}, {} -> {}\n", route.name, plan.endpoints[route.from].name,
                      plan.endpoints[route.to].name);
  for (const TopicRule& rule : route.rules) text += fmt::format("  {}\n", quoted(rule.text(), 400));
  for (const std::string& exclude : route.excludes) text += fmt::format("  not {}\n", quoted(exclude, 400));
  text += fmt::format("  QoS {} at most, {}\n", static_cast<int>(route.most_qos),
                      retain[static_cast<std::size_t>(route.retain)]);
  if (!route.share.empty())
    text += fmt::format("  as one of those who share {}: nothing retained before, no No Local\n",
                        quoted(route.share));
  if (route.own_connection) text += "  with a connection of its own\n";
  text += fmt::format("  {}{}\n", queue_text(route.queue), route.queue.qos0 ? "; QoS 0 waits too" : "");
  describe_treatment(route.treatment, text);
}

bool passes_on(const RoutePlan& route, const RoutePlan& next) {
  return next.from == route.to && std::ranges::any_of(route.rules, [&next](const TopicRule& rule) {
           const std::string made = rule.made_filter();
           return std::ranges::any_of(
               next.rules, [&made](const TopicRule& taken) { return overlap(made, taken.filter()); });
         });
}

// Routes that pass messages on to each other for want of No Local or the bridge bit, round to the first.
void doubt_loops(const BridgePlan& plan, std::vector<std::string>& doubts) {
  constexpr std::size_t most_routes = 300;
  const std::size_t count = plan.routes.size();
  if (count > most_routes) return;
  std::vector<std::vector<std::size_t>> onward(count);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < count; ++j)
      if (guard_between(plan, plan.routes[i], plan.routes[j]) >= Guard::hops &&
          passes_on(plan.routes[i], plan.routes[j]))
        onward[i].push_back(j);
  for (std::size_t first = 0; first < count; ++first) {
    std::vector<bool> reached(count);
    std::vector<std::size_t> open = onward[first];
    while (!open.empty() && !reached[first]) {
      const std::size_t here = open.back();
      open.pop_back();
      if (reached[here]) continue;
      reached[here] = true;
      open.insert(open.end(), onward[here].begin(), onward[here].end());
    }
    if (!reached[first]) continue;
    const RoutePlan& route = plan.routes[first];
    const bool counted = plan.endpoints[route.to].connection.client.session.version == Version::v5;
    doubts.push_back(fmt::format("what route {} carries can come round to it again; {}", route.name,
                                 in_words(counted ? Guard::hops : Guard::nothing)));
  }
}

// What is wrong with a message is told in user properties, which MQTT 5.0 alone has.
void doubt_marks(const BridgePlan& plan, std::vector<std::string>& doubts) {
  for (const RoutePlan& route : plan.routes) {
    const EndpointPlan& there = plan.endpoints[route.to];
    if (!finds_invalid(route.treatment) || there.connection.client.session.version == Version::v5) continue;
    if (route.treatment.invalid == InvalidPolicy::mark)
      doubts.push_back(
          fmt::format("route {} marks invalid messages, but {} has no properties below MQTT 5.0: "
                      "there they look like valid ones",
                      route.name, there.name));
    if (route.treatment.invalid == InvalidPolicy::dead_letter)
      doubts.push_back(
          fmt::format("route {}: {} has no properties below MQTT 5.0, so dead letters say neither "
                      "what is wrong with them nor what their topic was",
                      route.name, there.name));
  }
}

void doubt_servers(const BridgePlan& plan, std::vector<std::string>& doubts) {
  for (const RoutePlan& route : plan.routes) {
    const bool same =
        route.from != route.to && same_server(plan.endpoints[route.from], plan.endpoints[route.to]);
    if (same && std::ranges::any_of(route.rules, &TopicRule::keeps_topics))
      doubts.push_back(fmt::format(
          "route {} leads back to the server that it comes from, with the same topics", route.name));
  }
}

void doubt_status(const BridgePlan& plan, std::vector<std::string>& doubts) {
  if (plan.status_topic.empty()) return;
  for (auto one = plan.endpoints.begin(); one != plan.endpoints.end(); ++one)
    for (auto other = one + 1; other != plan.endpoints.end(); ++other)
      if (same_server(*one, *other))
        doubts.push_back(
            fmt::format("endpoints {} and {} are one server, where each overwrites the other's "
                        "status",
                        one->name, other->name));
}

}  // namespace

std::string described(const BridgePlan& plan) {
  std::string text = fmt::format("bridge {}\n  a message is {}\n", plan.name, store_text(plan.store));
  if (!plan.store_path.empty()) text += fmt::format("  store {}\n", quoted(plan.store_path, 400));
  if (plan.standby) text += "  waits while another bridge has the store\n";
  text += fmt::format("  {} bridges on a message's way at most\n", plan.most_hops);
  if (!plan.status_topic.empty()) text += fmt::format("  status topic {}\n", quoted(plan.status_topic));
  if (!plan.http_address.empty()) text += fmt::format("  http://{}/metrics and /health\n", plan.http_address);
  for (const EndpointPlan& endpoint : plan.endpoints) describe_endpoint(endpoint, text);
  for (const RoutePlan& route : plan.routes) describe_route(plan, route, text);
  return text;
}

std::vector<std::string> doubts_about(const BridgePlan& plan) {
  std::vector<std::string> doubts;
  for (std::size_t i = 0; i < plan.endpoints.size(); ++i) {
    const EndpointPlan& endpoint = plan.endpoints[i];
    if (std::ranges::none_of(plan.routes,
                             [i](const RoutePlan& route) { return route.from == i || route.to == i; }))
      doubts.push_back(fmt::format("endpoint {} is on no route", endpoint.name));
    const ClientConfig& client = endpoint.connection.client;
    const auto far = std::ranges::find_if(client.endpoints,
                                          [](const Endpoint& one) { return !one.tls && !is_loopback(one); });
    if (far != client.endpoints.end() &&
        (carries_secret(client) || endpoint.connection.secrets.any_password()))
      doubts.push_back(fmt::format("what is secret goes to {} without TLS", far->text()));
  }
  for (const RoutePlan& route : plan.routes)
    for (const TopicRule& rule : route.rules)
      if (const auto topic = rule.emptied())
        doubts.push_back(
            fmt::format("route {}: {} would come out empty, and is not carried", route.name, quoted(*topic)));
  doubt_marks(plan, doubts);
  doubt_servers(plan, doubts);
  doubt_loops(plan, doubts);
  doubt_status(plan, doubts);
  return doubts;
}

}  // namespace mq
