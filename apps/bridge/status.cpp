#include "bridge/status.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "bridge/health.hpp"
#include "shared/program.hpp"
#include "wire/reason_code.hpp"

namespace mq {
namespace {

constexpr std::string_view json_type = "application/json";

std::string_view word_of(Presence presence) { return presence == Presence::online ? "online" : "offline"; }

std::string head_of(std::string_view bridge, std::string_view endpoint, Presence presence) {
  return fmt::format(R"({{"bridge":{},"endpoint":{},"state":"{}","version":"{}")", json_quoted(bridge),
                     json_quoted(endpoint), word_of(presence), toolkit_version());
}

PropertyList json_properties(Version version) {
  PropertyList properties;
  if (version != Version::v5) return properties;
  (void)properties.add(PropertyId::payload_format_indicator, 1U);
  (void)properties.add(PropertyId::content_type, json_type);
  return properties;
}

// An endpoint is there when all of its connections that are wanted are.
std::map<std::string_view, bool> standing(const BridgeFigures& figures) {
  std::map<std::string_view, bool> endpoints;
  for (const LinkFigures& link : figures.links) {
    if (link.leaving) continue;
    const auto [at, first] = endpoints.emplace(link.endpoint, link.connected);
    if (!first) at->second = at->second && link.connected;
  }
  return endpoints;
}

}  // namespace

std::string status_json(const BridgeFigures& figures, std::string_view endpoint, std::string_view client_id,
                        Presence presence, bool whole) {
  const auto link = std::ranges::find(figures.links, client_id, &LinkFigures::client_id);
  const bool stands = presence == Presence::online && link != figures.links.end();
  std::string text = head_of(figures.name, endpoint, presence);
  text += fmt::format(R"(,"since":"{}","started":"{}","store_works":{},"connected":{{)",
                      moment_text(stands ? link->since : figures.taken), moment_text(figures.started),
                      figures.store_works);
  std::string_view between;
  for (const auto& [name, connected] : standing(figures)) {
    text += fmt::format("{}{}:{}", between, json_quoted(name), connected);
    between = ",";
  }
  text += '}';
  if (whole) {
    text += R"(,"routes":{)";
    between = {};
    for (const RouteFigures& route : figures.routes) {
      text += fmt::format(R"({}{}:{{"received":{},"delivered":{},"waiting":{}}})", between,
                          json_quoted(route.name), route.traffic.received, route.traffic[Fate::delivered],
                          route.traffic.waiting);
      between = ",";
    }
    text += '}';
  }
  return text + '}';
}

std::optional<WillConfig> status_will(const BridgePlan& plan, const EndpointPlan& endpoint) {
  if (plan.status_topic.empty()) return std::nullopt;
  return WillConfig{.topic = plan.status_topic,
                    .payload = head_of(plan.name, endpoint.name, Presence::offline) + '}',
                    .qos = QoS::at_least_once,
                    .retain = true,
                    // Without a content type, for the connection may fall back to 3.1.1.
                    .properties = {}};
}

void StatusPost::on_event(const Event& event) {
  if (std::holds_alternative<Connected>(event)) {
    said_.clear();
    return say();
  }
  if (const auto* published = std::get_if<Published>(&event)) {
    if (published->ticket == under_way_) {
      under_way_ = 0;
      if (is_failure(published->reason) && !std::exchange(refused_, true))
        endpoint_->connection.log.warn(
            "status-refused",
            fmt::format("{}: the server refused the status at {}: {}", endpoint_->name, quoted(topic_),
                        name_of(published->reason, PacketType::puback)),
            {{"endpoint", endpoint_->name}});
    }
  } else if (const auto* dropped = std::get_if<Dropped>(&event)) {
    if (dropped->ticket == under_way_) under_way_ = 0;
  } else {
    return;
  }
  if (waits_) say();
}

void StatusPost::renew() {
  if (client_.session().connected()) say();
}

void StatusPost::leave() {
  presence_ = Presence::offline;
  renew();
}

bool StatusPost::left() const {
  return presence_ == Presence::offline &&
         (!client_.session().connected() || refused_ || (under_way_ == 0 && !waits_));
}

void StatusPost::say() {
  const Session& session = client_.session();
  const auto text = [&](bool whole) {
    return status_json(figures_(), endpoint_->name, session.config().client_id, presence_, whole);
  };
  // The moment of the end is no news by itself.
  if (presence_ == Presence::offline && said_.contains(R"("state":"offline")")) return;
  std::string now = text(true);
  waits_ = false;
  if (refused_ || now == said_) return;
  const QoS qos = std::min(QoS::at_least_once, session.limits().maximum_qos);
  if (under_way_ != 0 || !session.can_publish(qos)) {
    waits_ = true;
    return;
  }
  if (publish(now) || publish(text(false))) {
    said_ = std::move(now);
    return;
  }
  refused_ = true;
  endpoint_->connection.log.warn(
      "status-refused",
      fmt::format("{}: the status can't be published at {}", endpoint_->name, quoted(topic_)),
      {{"endpoint", endpoint_->name}});
}

Result<void> StatusPost::publish(std::string_view text) {
  const Session& session = client_.session();
  const QoS qos = std::min(QoS::at_least_once, session.limits().maximum_qos);
  const PropertyList properties = json_properties(session.config().version);
  const auto ticket =
      client_.publish(Publish{false, qos, session.limits().retain, topic_, 0, properties.view(), text});
  if (!ticket) return std::unexpected(ticket.error());
  if (qos != QoS::at_most_once) under_way_ = *ticket;
  return {};
}

}  // namespace mq
