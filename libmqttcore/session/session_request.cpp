// What a session asks of the server besides publishing: subscriptions, acknowledgements, leaving,
// authentication.
#include <algorithm>
#include <utility>

#include "session/session.hpp"
#include "wire/encode.hpp"

namespace mq {

namespace {

std::unexpected<Error> too_large() {
  return fail(ErrorKind::denied, "the request makes a larger packet than the server takes",
              value_of(ReasonCode::packet_too_large));  // [MQTT-3.2.2-15]
}

}  // namespace

Result<void> Session::check_request(std::string_view what) const {
  if (phase_ == Phase::up) return {};
  return fail(ErrorKind::lost, Buffer(what).append(" needs a connection, and there is none"));
}

Result<Ticket> Session::subscribe(const std::vector<Subscription>& subscriptions, Properties properties,
                                  Time now) {
  if (auto up = check_request("SUBSCRIBE"); !up) return std::unexpected(std::move(up.error()));
  for (const Subscription& subscription : subscriptions)
    if (auto allowed = limits_.check_subscription(subscription); !allowed)
      return std::unexpected(allowed.error());
  if (!limits_.subscription_identifiers && properties.contains(PropertyId::subscription_identifier))
    return fail(ErrorKind::denied, "the server has no subscription identifiers",
                value_of(ReasonCode::subscription_identifiers_not_supported));
  return request(Subscribe{0, properties, subscriptions}, OutStage::awaiting_suback, subscriptions.size(),
                 now);
}

Result<Ticket> Session::unsubscribe(const std::vector<std::string_view>& filters, Properties properties,
                                    Time now) {
  if (auto up = check_request("UNSUBSCRIBE"); !up) return std::unexpected(std::move(up.error()));
  return request(Unsubscribe{0, properties, filters}, OutStage::awaiting_unsuback, filters.size(), now);
}

Result<Ticket> Session::request(Packet packet, OutStage stage, std::size_t filters, Time now) {
  Outgoing* entry = outbox_.open(last_ticket_ + 1, stage);
  if (!entry) return fail(ErrorKind::usage, "all packet identifiers are in use");
  entry->filters = static_cast<std::uint16_t>(filters);
  std::visit(
      [id = entry->id]<class P>(P& asked) {
        if constexpr (std::is_same_v<P, Subscribe> || std::is_same_v<P, Unsubscribe>) asked.packet_id = id;
      },
      packet);
  const std::size_t before = output_.size();
  auto encoded = encode(packet, config_.version, Sender::client, output_);
  if (encoded && output_.size() - before > limits_.maximum_packet_size) {
    output_.resize(before);
    encoded = too_large();
  }
  if (!encoded) {
    outbox_.close(*entry);
    return std::unexpected(std::move(encoded.error()));
  }
  keep_alive_.sent(now);
  return ++last_ticket_;
}

Result<void> Session::acknowledge(Ticket ticket, Time now, ReasonCode reason, Properties properties) {
  Arrival* arrival = inbox_.find(ticket);
  if (!arrival || ticket == 0) return {};
  const PacketType answer = arrival->qos == QoS::at_least_once ? PacketType::puback : PacketType::pubrec;
  if (!reason_allowed(reason, answer, Sender::client))  // [MQTT-3.4.2-1] [MQTT-3.5.2-1]
    return fail(ErrorKind::usage, "this reason code can't acknowledge a message", value_of(reason));
  if (auto right = check_properties(properties.block(), bit_of(answer), Sender::client); !right) return right;
  arrival->acked = true;
  arrival->reason =
      config_.version == Version::v5 ? reason : ReasonCode::success;  // 3.x can't refuse a message
  arrival->properties = properties.block();
  if (phase_ != Phase::up) return {};
  const std::size_t before = output_.size();
  flush_acknowledgements();
  if (output_.size() > before) keep_alive_.sent(now);
  return {};
}

Result<void> Session::disconnect(ReasonCode reason, Properties properties, Time now) {
  if (phase_ == Phase::over || phase_ == Phase::down)
    return fail(ErrorKind::lost, "there is no connection to end");
  if (const auto expiry = properties.number(PropertyId::session_expiry_interval);
      expiry.value_or(0) > 0 &&
      config_.properties.view().number(PropertyId::session_expiry_interval).value_or(0) == 0)
    return fail(ErrorKind::usage,
                "a session that was to end with its connection can't be prolonged when leaving",
                value_of(ReasonCode::protocol_error));
  Disconnect packet{reason, properties};
  if (auto appended = append_with_room(Packet(packet)); !appended) return appended;
  keep_alive_.sent(now);
  phase_ = Phase::over;
  return {};
}

Result<void> Session::authenticate(Bytes data, Time now) {
  if (phase_ != Phase::connecting && phase_ != Phase::up)
    return fail(ErrorKind::lost, "there is no connection to authenticate on");
  return send_auth(ReasonCode::continue_authentication, data, now);
}

Result<void> Session::reauthenticate(Bytes data, Time now) {
  if (auto up = check_request("AUTH"); !up) return up;
  return send_auth(ReasonCode::reauthenticate, data, now);
}

Result<void> Session::set_authentication_data(Bytes data) {
  config_.properties.remove(PropertyId::authentication_data);
  return config_.properties.add(PropertyId::authentication_data, data);
}

Result<void> Session::send_auth(ReasonCode reason, Bytes data, Time now) {
  const auto method = config_.properties.view().bytes(PropertyId::authentication_method);
  if (!method)  // [MQTT-4.12.0-7]
    return fail(ErrorKind::usage, "the connection was made without an authentication method");
  PropertyList properties;
  if (auto added = properties.add(PropertyId::authentication_method, *method); !added) return added;
  if (!data.empty())
    if (auto added = properties.add(PropertyId::authentication_data, data); !added) return added;
  if (auto appended = append_with_room(Packet(Auth{reason, properties.view()})); !appended) return appended;
  keep_alive_.sent(now);
  return {};
}

// Appends a packet whose problem information yields to the server's maximum packet size: user properties
// first, then the reason string. [MQTT-3.4.2-2] [MQTT-3.4.2-3] and their like for PUBREC, DISCONNECT and AUTH
Result<void> Session::append_with_room(Packet packet) {
  const std::size_t before = output_.size();
  auto appended = encode(packet, config_.version, Sender::client, output_);
  PropertyList fewer;
  for (const PropertyId spared : {PropertyId::user_property, PropertyId::reason_string}) {
    if (!appended || output_.size() - before <= limits_.maximum_packet_size) return appended;
    std::visit(
        [&]<class P>(P& sent) {
          if constexpr (requires { sent.properties; }) {
            fewer = PropertyList(sent.properties);
            fewer.remove(spared);
            sent.properties = fewer.view();
          }
        },
        packet);
    output_.resize(before);
    appended = encode(packet, config_.version, Sender::client, output_);
  }
  if (!appended || output_.size() - before <= limits_.maximum_packet_size) return appended;
  output_.resize(before);
  return too_large();
}

}  // namespace mq
