#include "bridge/link.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "bridge/fault_point.hpp"
#include "shared/local_time.hpp"

namespace mq {
namespace {

// Of what comes at QoS 1 and 2 and of what goes out there: enough for a commit to be worth its time, and a
// bound of what a blocked route holds in memory.
constexpr std::uint16_t window = 1000;

}  // namespace

Link::Link(Loop& loop, const EndpointPlan& endpoint, std::string client_id, StoreKind store, Journal* journal,
           LinkOwner& owner, OutletOwner& outlet_owner, std::optional<WillConfig> will)
    : endpoint_(&endpoint),
      client_id_(std::move(client_id)),
      store_(store),
      journal_(journal),
      will_(std::move(will)),
      since_(wall_milliseconds()),
      owner_(owner),
      client_(loop, config_of(endpoint), *this,
              endpoint.connection.debug ? TraceLine([this](std::string_view line) {
                endpoint_->connection.log.trace(fmt::format("{}: {}", endpoint_->name, line));
              })
                                        : TraceLine()),
      outlet_(loop, client_, journal, outlet_owner) {}

ClientConfig Link::config_of(const EndpointPlan& endpoint) const {
  ClientConfig config = endpoint.connection.client;
  SessionConfig& session = config.session;
  session.client_id = client_id_;
  session.will = will_;
  session.clean_start = false;
  session.manual_acknowledgement = true;
  session.publish_again = true;
  session.bridge = endpoint.bridge_bit;
  // mosquitto 2.0.11 sends more when a session goes on with many messages in flight.
  session.enforce_receive_maximum = false;
  session.max_in_flight = window;
  session.keeps_changes = config.gated = store_ == StoreKind::disk;
  if (session.version == Version::v5 && !session.properties.view().contains(PropertyId::receive_maximum))
    (void)session.properties.add(PropertyId::receive_maximum, window);
  config.retry.before_first = std::numeric_limits<std::uint32_t>::max();
  config.retry.after_loss.reset();
  session.lowers = true;
  config.shared_sessions = endpoint.most_qos() == QoS::exactly_once;
  config.retry.unanswered_is_loss = config.retry.against_hope = true;
  config.fall_back_without_properties = true;
  return config;
}

void Link::start() {
  if (stage_ != Stage::idle && stage_ != Stage::left) return;
  if (stage_ == Stage::left) change();
  stage_ = Stage::running;
  client_.start();
}

void Link::change() {
  subscribed_ = false;
  client_.change(config_of(*endpoint_));
}

void Link::leave() {
  if (left()) return;
  // It may end after the plan that it is of.
  auto own = std::make_unique<EndpointPlan>(*endpoint_);
  endpoint_ = own.get();
  own_endpoint_ = std::move(own);
  if (post != nullptr) {
    post->follow(*endpoint_);
    post->leave();
  }
  stage_ = Stage::leaving;
  client_.leave();
}

void Link::follow(const EndpointPlan& endpoint) {
  const bool same = endpoint.written == endpoint_->written;
  endpoint_ = &endpoint;
  if (post != nullptr) post->follow(endpoint);
  if (stage_ == Stage::leaving) {
    stage_ = Stage::changing;  // it was to end, and is wanted again
  } else if (stage_ == Stage::running && !same) {
    stage_ = Stage::changing;
    client_.leave();
  }
}

void Link::on_end(const std::optional<Error>& why) {
  if (stage_ == Stage::changing) {
    change();
    stage_ = Stage::running;
    return client_.start();
  }
  // Who was told to leave has no reason of his own.
  const bool told = std::exchange(stage_, Stage::left) == Stage::leaving;
  owner_.on_link_end(*this, told ? std::nullopt : why);
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

LinkFigures Link::figures() const {
  const Session& session = client_.session();
  return {.endpoint = endpoint_->name,
          .client_id = client_id_,
          .server = client_.established() ? client_.server().text() : "",
          .connected = session.connected(),
          .leaving = stage_ == Stage::leaving || left(),
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
    on_connected(*connected);
    if (post != nullptr) post->on_event(event);
    owner_.on_change(*this);
  } else if (const auto* published = std::get_if<Published>(&event)) {
    outlet_.on_published(*published);
  } else if (const auto* dropped = std::get_if<Dropped>(&event)) {
    outlet_.on_dropped(*dropped);
  } else if (const auto* subscribed = std::get_if<Subscribed>(&event)) {
    on_subscribed(*subscribed);
  } else if (const auto* unsubscribed = std::get_if<Unsubscribed>(&event)) {
    std::erase_if(given_up_, [unsubscribed](const auto& one) { return one.first == unsubscribed->ticket; });
    if (given_up_.empty()) note_subscriptions();
  }
}

void Link::on_connected(const Connected& connected) {
  ++connections;
  since_ = wall_milliseconds();
  why_.clear();
  const bool present = connected.connack.session_present;
  asked_.clear();
  for (auto& [ticket, filter] : std::exchange(given_up_, {})) unwanted_.push_back(std::move(filter));
  if (!unwanted_.empty()) subscribed_ = false;
  if (!present)
    for (Blocked& one : blocked) one.packet_id = 0;
  const Log& log = endpoint_->connection.log;
  const bool fell_back = client_.session().config().version != endpoint_->connection.client.session.version;
  log.notice("connected",
             fmt::format("{}: connected to {}{}, {}", endpoint_->name, client_.server().text(),
                         fell_back ? ", which speaks MQTT 3.1.1 and not 5.0" : "",
                         present ? "the session goes on" : "with a new session"),
             {{"endpoint", endpoint_->name},
              {"server", client_.server().text()},
              {"session", present ? "kept" : "new"}});
  if (!present) owner_.on_session_lost(*this);
  if (connected.possible_doubles > 0)
    log.warn(
        "session-lost",
        fmt::format("{}: the server had lost its session: {} message{} may arrive twice", endpoint_->name,
                    connected.possible_doubles, connected.possible_doubles == 1 ? "" : "s"),
        {{"endpoint", endpoint_->name}, {"possible_doubles", fmt::format("{}", connected.possible_doubles)}});
  // A server that kept the session has the subscriptions too; at the first connection of a run, and at one
  // that was changed, they may have been others.
  if (!present) unwanted_.clear();
  if (!present || !std::exchange(subscribed_, true)) {
    // Only now it is known whether the server speaks 5.0.
    subscriptions_ = subscriptions_of(routes_, client_.session().config().version, endpoint_->most_qos());
    std::erase_if(unwanted_, [this](const std::string& filter) {
      return std::ranges::find(subscriptions_, filter, &WantedSubscription::filter) != subscriptions_.end();
    });
    subscribe(subscriptions_);
    unsubscribe();
  }
  fault_point("connected");
}

void Link::on_written() {
  fault_point("written");
  owner_.on_room(*this);
}

void Link::on_retry(const Error& why, Duration pause, const Endpoint& next) {
  const bool lost = connections > 0 && why_.empty();
  if (why_.empty()) since_ = wall_milliseconds();
  why_ = why.text;
  owner_.on_change(*this);
  const std::string where = next.text();
  const double seconds = std::chrono::duration<double>(pause).count();
  endpoint_->connection.log.notice(
      lost ? "connection-lost" : "connection-failed",
      fmt::format("{}: {}; trying {} in {:.1f} s{}", endpoint_->name, why.text, where, seconds,
                  why.hint.empty() ? "" : fmt::format(" ({})", why.hint)),
      {{"endpoint", endpoint_->name},
       {"why", why.text},
       {"next", where},
       {"pause", fmt::format("{:.3f}", seconds)}});
}

}  // namespace mq
