// What a client's packets mean, but for those that publish, come and go.
#include <algorithm>
#include <variant>

#include "sink/server.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/topic.hpp"

namespace mq::sink {
namespace {

constexpr std::size_t most_subscriptions = 10'000'000;
constexpr Bytes pingresp("\xD0\x00", 2);

}  // namespace

void Server::on_frame(Connection& connection, const Frame& frame, Bytes packet) {
  if (connection.welcome && frame.type == PacketType::connect) {
    return refuse(connection, {.kind = ErrorKind::protocol,
                               .text = "CONNECT came a second time",
                               .reason = value_of(ReasonCode::protocol_error)});
  }
  if (must_hold(connection, frame.type)) return hold(connection, packet);
  const auto decoded = decode(frame, connection.version, Sender::client);
  if (!decoded) {
    if (frame.type == PacketType::connect)
      return refuse_connect(connection, Version::v311, static_cast<ReasonCode>(decoded.error().reason));
    return refuse(connection, decoded.error());
  }
  if (const auto* const connect = std::get_if<Connect>(&*decoded)) return on_connect(connection, *connect);
  if (const auto* const publish = std::get_if<Publish>(&*decoded)) return on_publish(connection, *publish);
  if (const auto* const subscribe = std::get_if<Subscribe>(&*decoded))
    return on_subscribe(connection, *subscribe);
  if (const auto* const unsubscribe = std::get_if<Unsubscribe>(&*decoded))
    return on_unsubscribe(connection, *unsubscribe);
  if (const auto* const disconnect = std::get_if<Disconnect>(&*decoded))
    return on_disconnect(connection, *disconnect);
  if (const auto* const puback = std::get_if<Puback>(&*decoded)) {
    delivery_.on_puback(*connection.session, puback->packet_id);
  } else if (const auto* const pubrec = std::get_if<Pubrec>(&*decoded)) {
    delivery_.on_pubrec(*connection.session, pubrec->packet_id, pubrec->reason);
  } else if (const auto* const pubrel = std::get_if<Pubrel>(&*decoded)) {
    on_pubrel(connection, *pubrel);
  } else if (const auto* const pubcomp = std::get_if<Pubcomp>(&*decoded)) {
    delivery_.on_pubcomp(*connection.session, pubcomp->packet_id);
  } else if (frame.type == PacketType::pingreq) {
    flow_.output(connection).append(pingresp);
    flow_.appended(connection);
  } else {
    refuse(connection, {.kind = ErrorKind::protocol,
                        .text = "no enhanced authentication is under way",
                        .reason = value_of(ReasonCode::protocol_error)});
  }
}

void Server::on_ack(Connection& connection, const PlainAck& ack) {
  Session& session = *connection.session;
  switch (ack.type) {
    case PacketType::puback:
      return delivery_.on_puback(session, ack.id);
    case PacketType::pubrec:
      return delivery_.on_pubrec(session, ack.id, ReasonCode::success);
    case PacketType::pubcomp:
      return delivery_.on_pubcomp(session, ack.id);
    default:
      return on_pubrel(connection, Pubrel{{ack.id, ReasonCode::success, {}}});
  }
}

void Server::refuse(Connection& connection, const Error& error) {
  ++counts_.malformed;
  if (connection.welcome && connection.modern() && error.reason != 0)
    send(connection, Disconnect{static_cast<ReasonCode>(error.reason), {}});
  detach(connection, true);
  leave(connection);
}

void Server::on_subscribe(Connection& connection, const Subscribe& packet) {
  Session& session = *connection.session;
  const std::uint32_t identifier = packet.properties.number(PropertyId::subscription_identifier).value_or(0);
  Buffer codes;
  std::vector<Replay> replays;
  for (const Subscription& subscription : packet.subscriptions) {
    const auto levels = std::ranges::count(subscription.filter, '/') + 1;
    if (levels > static_cast<std::ptrdiff_t>(Router::most_levels) ||
        router_.subscriptions() >= most_subscriptions) {
      const bool modern = connection.modern();
      codes += static_cast<char>(modern ? ReasonCode::quota_exceeded : ReasonCode::unspecified_error);
      continue;
    }
    const bool fresh = router_.subscribe(session, subscription, identifier);
    codes += static_cast<char>(subscription.qos);
    // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]
    const bool wanted = subscription.retain_handling == RetainHandling::always ||
                        (subscription.retain_handling == RetainHandling::new_only && fresh);
    if (wanted && retained_.count() > 0 && !is_shared(subscription.filter)) {
      replays.push_back({.filter = std::string(subscription.filter),
                         .last = {},
                         .qos = subscription.qos,
                         .identifier = identifier});
    }
  }
  send(connection, Suback{packet.packet_id, {}, codes});
  for (Replay& replay : replays) delivery_.replay(session, std::move(replay));
}

void Server::on_unsubscribe(Connection& connection, const Unsubscribe& packet) {
  Buffer codes;
  for (const std::string_view filter : packet.filters) {
    Session& session = *connection.session;
    const bool was = router_.unsubscribe(session, filter);
    if (session.extra != nullptr)
      std::erase_if(session.extra->replays, [&](const Replay& replay) { return replay.filter == filter; });
    if (connection.modern())
      codes += static_cast<char>(was ? ReasonCode::success : ReasonCode::no_subscription_existed);
  }
  send(connection, Unsuback{packet.packet_id, {}, codes});
}

void Server::on_pubrel(Connection& connection, const Pubrel& packet) {
  Session& session = *connection.session;
  const bool known = session.inbound.find(packet.packet_id) != nullptr;
  if (known) session.inbound.erase(packet.packet_id);
  if (!known && connection.modern())
    return send(connection, Pubcomp{{packet.packet_id, ReasonCode::packet_identifier_not_found, {}}});
  flow_.output(connection).append_ack(PacketType::pubcomp, packet.packet_id);
  flow_.appended(connection);
}

void Server::send(Connection& connection, const Packet& packet) {
  scratch_.clear();
  if (!encode(packet, connection.version, Sender::server, scratch_)) return;
  flow_.output(connection).append(scratch_);
  flow_.appended(connection);
}

}  // namespace mq::sink
