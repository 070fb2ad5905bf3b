#include "bridge/link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "shared/local_time.hpp"

namespace mq {
namespace {

// Of what comes at QoS 1 and 2 and of what goes out there: enough for a commit to be worth its time, and a
// bound of what a blocked route holds in memory.
constexpr std::uint16_t window = 1000;

}  // namespace

std::string filter_of(const RoutePlan& route, const TopicRule& rule) {
  return route.share.empty() ? rule.filter() : fmt::format("$share/{}/{}", route.share, rule.filter());
}

Link::Link(Loop& loop, const EndpointPlan& endpoint, std::string client_id, StoreKind store, Journal* journal,
           LinkOwner& owner, OutletOwner& outlet_owner, std::optional<WillConfig> will)
    : endpoint_(endpoint),
      client_id_(std::move(client_id)),
      since_(wall_milliseconds()),
      owner_(owner),
      client_(loop, config_of(endpoint, client_id_, store, std::move(will)), *this,
              endpoint.connection.debug ? TraceLine([this](std::string_view line) {
                endpoint_.connection.log.trace(fmt::format("{}: {}", endpoint_.name, line));
              })
                                        : TraceLine()),
      outlet_(client_, journal, outlet_owner) {}

ClientConfig Link::config_of(const EndpointPlan& endpoint, const std::string& client_id, StoreKind store,
                             std::optional<WillConfig> will) {
  ClientConfig config = endpoint.connection.client;
  SessionConfig& session = config.session;
  session.client_id = client_id;
  session.will = std::move(will);
  session.clean_start = false;
  session.manual_acknowledgement = true;
  session.publish_again = true;
  session.bridge = endpoint.bridge_bit;
  // mosquitto 2.0.11 sends more when a session goes on with many messages in flight.
  session.enforce_receive_maximum = false;
  session.max_in_flight = window;
  session.keeps_changes = config.gated = store == StoreKind::disk;
  if (session.version == Version::v5 && !session.properties.view().contains(PropertyId::receive_maximum))
    (void)session.properties.add(PropertyId::receive_maximum, window);
  config.retry.before_first = std::numeric_limits<std::uint32_t>::max();
  config.retry.after_loss.reset();
  config.retry.unanswered_is_loss = config.retry.against_hope = true;
  return config;
}

LinkFigures Link::figures() const {
  const Session& session = client_.session();
  return {.endpoint = endpoint_.name,
          .client_id = client_id_,
          .server = client_.established() ? client_.server().text() : "",
          .connected = session.connected(),
          .since = since_,
          .why = why_,
          .connections = connections,
          .unrouted = unrouted,
          .in_flight = session.unacknowledged(),
          .blocked = blocked.size()};
}

void Link::on_event(const Event& event) {
  if (post != nullptr && !std::holds_alternative<Connected>(event)) post->on_event(event);
  if (const auto* connected = std::get_if<Connected>(&event)) {
    ++connections;
    since_ = wall_milliseconds();
    why_.clear();
    const bool present = connected->connack.session_present;
    asked_.clear();
    // Of a session that goes on these come again; of one that is lost nobody else has them.
    if (present) std::erase_if(blocked, [](const Blocked& one) { return one.qos == QoS::at_least_once; });
    const Log& log = endpoint_.connection.log;
    log.notice("connected",
               fmt::format("{}: connected to {}, {}", endpoint_.name, client_.server().text(),
                           present ? "the session goes on" : "with a new session"),
               {{"endpoint", endpoint_.name},
                {"server", client_.server().text()},
                {"session", present ? "kept" : "new"}});
    if (!present) owner_.on_session_lost(*this);
    if (connected->possible_doubles > 0)
      log.warn(
          "session-lost",
          fmt::format("{}: the server had lost its session: {} message{} may arrive twice", endpoint_.name,
                      connected->possible_doubles, connected->possible_doubles == 1 ? "" : "s"),
          {{"endpoint", endpoint_.name},
           {"possible_doubles", fmt::format("{}", connected->possible_doubles)}});
    subscribe(present);
    if (post != nullptr) post->on_event(event);
    owner_.on_change(*this);
  } else if (const auto* published = std::get_if<Published>(&event)) {
    outlet_.on_published(*published);
  } else if (const auto* dropped = std::get_if<Dropped>(&event)) {
    outlet_.on_dropped(*dropped);
  } else if (const auto* subscribed = std::get_if<Subscribed>(&event)) {
    const auto of = std::ranges::find(asked_, subscribed->ticket, &std::pair<Ticket, std::string>::first);
    if (of == asked_.end()) return;
    for (const char code : subscribed->suback.codes)
      if (is_failure(static_cast<ReasonCode>(octet(code))))
        endpoint_.connection.log.report(
            {ErrorKind::denied,
             fmt::format("{}: the server refused the subscription to {}", endpoint_.name, quoted(of->second)),
             octet(code),
             {}},
            "subscription-refused", {{"endpoint", endpoint_.name}, {"filter", of->second}});
    asked_.erase(of);
  }
}

// A server that kept the session has the subscriptions too; at the first connection of a run they may have
// been others.
void Link::subscribe(bool session_present) {
  if (session_present && connections > 1) return;
  const bool v5 = client_.session().config().version == Version::v5;
  const bool identified = v5 && client_.session().limits().subscription_identifiers;
  std::uint32_t identifier = 0;
  for (const RouteState* state : routes_) {
    const RoutePlan& route = *state->plan;
    for (const TopicRule& rule : route.rules) {
      ++identifier;
      std::string filter = filter_of(route, rule);
      const Subscription subscription{.filter = filter,
                                      .qos = route.most_qos,
                                      .no_local = v5 && route.share.empty(),  // [MQTT-3.8.3-4]
                                      .retain_as_published = v5 && route.retain != RetainPolicy::clear,
                                      // What was retained comes once, not again with every connection.
                                      .retain_handling = !v5 ? RetainHandling::always
                                                         : route.retain == RetainPolicy::no_past
                                                             ? RetainHandling::never
                                                             : RetainHandling::new_only};
      PropertyList properties;
      if (identified) (void)properties.add(PropertyId::subscription_identifier, identifier);
      if (const auto ticket = client_.subscribe({subscription}, properties.view()))
        asked_.emplace_back(*ticket, std::move(filter));
      else
        endpoint_.connection.log.report(ticket.error(), "subscription-refused",
                                        {{"endpoint", endpoint_.name}, {"filter", filter}});
    }
  }
}

void Link::on_retry(const Error& why, Duration pause, const Endpoint& next) {
  const bool lost = connections > 0 && why_.empty();
  if (why_.empty()) since_ = wall_milliseconds();
  why_ = why.text;
  owner_.on_change(*this);
  const std::string where = next.text();
  const double seconds = std::chrono::duration<double>(pause).count();
  endpoint_.connection.log.notice(
      lost ? "connection-lost" : "connection-failed",
      fmt::format("{}: {}; trying {} in {:.1f} s", endpoint_.name, why.text, where, seconds),
      {{"endpoint", endpoint_.name},
       {"why", why.text},
       {"next", where},
       {"pause", fmt::format("{:.3f}", seconds)}});
}

}  // namespace mq
