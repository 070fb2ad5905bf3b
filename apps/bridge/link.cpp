#include "bridge/link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"

namespace mq {
namespace {

// Of what comes at QoS 1 and 2 and of what goes out there: enough for a commit to be worth its time, and a
// bound of what a blocked route holds in memory.
constexpr std::uint16_t window = 1000;

}  // namespace

Link::Link(Loop& loop, const EndpointPlan& endpoint, std::string client_id, StoreKind store, Journal* journal,
           LinkOwner& owner, OutletOwner& outlet_owner)
    : endpoint_(endpoint),
      client_id_(std::move(client_id)),
      owner_(owner),
      client_(loop, config_of(endpoint, client_id_, store), *this,
              endpoint.connection.debug ? TraceLine([this](std::string_view line) {
                endpoint_.connection.log.trace(fmt::format("{}: {}", endpoint_.name, line));
              })
                                        : TraceLine()),
      outlet_(loop, client_, journal, outlet_owner) {}

ClientConfig Link::config_of(const EndpointPlan& endpoint, const std::string& client_id, StoreKind store) {
  ClientConfig config = endpoint.connection.client;
  SessionConfig& session = config.session;
  session.client_id = client_id;
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

void Link::follow(std::vector<Route*> routes) {
  routes_ = std::move(routes);
  subscriptions_ = subscriptions_of(routes_, client_.session().config().version);
}

void Link::block(const Message& message) {
  const Publish& publish = message.publish;
  blocked.push_back({.ticket = message.ticket,
                     .packet_id = publish.packet_id,
                     .qos = publish.qos,
                     .retain = publish.retain,
                     .again = publish.dup,
                     .topic = std::string(publish.topic),
                     .properties = Buffer(publish.properties.block()),
                     .payload = Buffer(publish.payload)});
}

void Link::hold_up(bool yes) {
  if (held_up_ == yes) return;
  held_up_ = yes;
  if (yes)
    client_.pause();
  else
    client_.go_on();
}

void Link::on_event(const Event& event) {
  if (const auto* connected = std::get_if<Connected>(&event))
    on_connected(*connected);
  else if (const auto* published = std::get_if<Published>(&event))
    outlet_.on_published(*published);
  else if (const auto* dropped = std::get_if<Dropped>(&event))
    outlet_.on_dropped(*dropped);
  else if (const auto* subscribed = std::get_if<Subscribed>(&event))
    on_subscribed(*subscribed);
}

void Link::on_connected(const Connected& connected) {
  ++connections;
  const bool present = connected.connack.session_present;
  asked_.clear();
  // Of a session that goes on these come again; of one that is lost nobody else has them.
  if (present)
    std::erase_if(blocked, [](const Blocked& one) { return one.qos == QoS::at_least_once; });
  else
    for (Blocked& one : blocked) one.packet_id = 0;
  const Log& log = endpoint_.connection.log;
  log.notice("connected",
             fmt::format("{}: connected to {}, {}", endpoint_.name, client_.server().text(),
                         present ? "the session goes on" : "with a new session"),
             {{"endpoint", endpoint_.name},
              {"server", client_.server().text()},
              {"session", present ? "kept" : "new"}});
  if (!present) owner_.on_session_lost(*this);
  if (connected.possible_doubles > 0)
    log.warn(fmt::format("{}: the server had lost its session: {} message{} may arrive twice", endpoint_.name,
                         connected.possible_doubles, connected.possible_doubles == 1 ? "" : "s"));
  // A server that kept the session has the subscriptions too; at the first connection of a run they may have
  // been others.
  if (!present || connections == 1) subscribe(subscriptions_);
}

void Link::on_subscribed(const Subscribed& subscribed) {
  const auto of = std::ranges::find(asked_, subscribed.ticket, &std::pair<Ticket, std::string>::first);
  if (of == asked_.end()) return;
  for (const char code : subscribed.suback.codes)
    if (is_failure(static_cast<ReasonCode>(octet(code))))
      endpoint_.connection.log.report(
          {ErrorKind::denied,
           fmt::format("{}: the server refused the subscription to {}", endpoint_.name, quoted(of->second)),
           octet(code),
           {}});
  asked_.erase(of);
}

void Link::subscribe(const std::vector<WantedSubscription>& wanted) {
  const Session& session = client_.session();
  const bool identified =
      session.config().version == Version::v5 && session.limits().subscription_identifiers;
  for (const WantedSubscription& one : wanted) {
    const Subscription subscription{.filter = one.filter,
                                    .qos = one.qos,
                                    .no_local = one.no_local,
                                    .retain_as_published = one.retain_as_published,
                                    .retain_handling = one.retain_handling};
    PropertyList properties;
    if (identified) (void)properties.add(PropertyId::subscription_identifier, one.identifier);
    if (const auto ticket = client_.subscribe({subscription}, properties.view()))
      asked_.emplace_back(*ticket, one.filter);
    else
      endpoint_.connection.log.report(ticket.error());
  }
}

void Link::on_retry(const Error& why, Duration pause, const Endpoint& next) {
  const std::string where = next.text();
  const double seconds = std::chrono::duration<double>(pause).count();
  endpoint_.connection.log.notice(
      client_.established() ? "connection-lost" : "connection-failed",
      fmt::format("{}: {}; trying {} in {:.1f} s", endpoint_.name, why.text, where, seconds),
      {{"endpoint", endpoint_.name},
       {"why", why.text},
       {"next", where},
       {"pause", fmt::format("{:.3f}", seconds)}});
}

}  // namespace mq
