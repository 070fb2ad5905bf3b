#include "sink/delivery.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "wire/encode.hpp"
#include "wire/frame.hpp"

namespace mq::sink {
namespace {

constexpr std::size_t index_of(QoS qos) { return static_cast<std::size_t>(qos); }

Departure departure_of(const Message& message, QoS qos, bool retain) {
  return {.qos = qos,
          .retain = retain,
          .topic = message.topic(),
          .properties = message.properties().block(),
          .payload = message.payload()};
}

// With the rest of the message expiry interval in place of the whole. [MQTT-3.3.2-6]
PropertyList aged(const Message& message, Time now) {
  PropertyList properties(message.properties());
  const auto left = std::chrono::ceil<std::chrono::seconds>(message.expires() - now);
  properties.remove(PropertyId::message_expiry_interval);
  (void)properties.add(PropertyId::message_expiry_interval, static_cast<std::uint32_t>(left.count()));
  return properties;
}

}  // namespace

void append_identifier(std::uint32_t identifier, Buffer& properties) {
  properties += static_cast<char>(PropertyId::subscription_identifier);
  append_variable_integer(identifier, properties);
}

// A line in front of it must stay in order; a closed window or a full connection makes one.
bool Delivery::can_send(const Session& session) const {
  return session.connection != nullptr && session.waiting.empty() && !session.resending() &&
         session.under_way < session.window && session.outbound.count() < 65'000 &&
         Flow::room(*session.connection);
}

void Delivery::give(Session& session, Passing& passing, const Grant& grant) {
  if (passing.aged) return give(session, to_wait(passing, grant));
  if (grant.qos == QoS::at_most_once ? session.connection == nullptr : !can_send(session)) {
    if (grant.qos != QoS::at_most_once) queue(session, to_wait(passing, grant));
    return;
  }
  MessagePtr kept;
  if (grant.qos != QoS::at_most_once && session.persistent()) kept = to_wait(passing, grant).message;
  send(session,
       {.qos = grant.qos,
        .retain = grant.retain,
        .topic = passing.packet.topic,
        .properties = passing.packet.properties.block(),
        .more_properties = grant.identifiers,
        .payload = passing.packet.payload},
       std::move(kept));
}

void Delivery::give(Session& session, Waiting waiting) {
  if (waiting.qos == QoS::at_most_once ? session.connection != nullptr : can_send(session)) {
    send(session, waiting);
  } else if (waiting.qos != QoS::at_most_once) {
    queue(session, std::move(waiting));
  }
}

Waiting Delivery::to_wait(Passing& passing, const Grant& grant) {
  if (!passing.stored) passing.stored = stock_.make(passing.packet, passing.expires);
  MessagePtr message =
      grant.identifiers.empty() ? passing.stored : stock_.extended(*passing.stored, grant.identifiers);
  return {.message = std::move(message), .qos = grant.qos, .retain = grant.retain};
}

void Delivery::queue(Session& session, Waiting waiting) {
  ++counts_.queued;
  session.waiting.push(std::move(waiting));
  if (session.connection != nullptr) flow_.weigh(*session.connection);
}

// [MQTT-3.1.2-25]
bool Delivery::fits(const Session& session, const Departure& packet) {
  const std::uint32_t limit = session.connection->max_packet;
  if (limit >= max_packet_bytes || size_of(packet) <= limit) return true;
  ++counts_.too_large;
  return false;
}

void Delivery::send(Session& session, Departure packet, MessagePtr message) {
  Connection& connection = *session.connection;
  packet.modern = connection.modern();
  if (!fits(session, packet)) return;
  if (packet.qos != QoS::at_most_once) {
    packet.id = session.free_id();
    Outbound& outbound = session.outbound.add(packet.id);
    outbound.message = std::move(message);
    outbound.order = session.next_order++;
    outbound.qos = packet.qos;
    outbound.retain = packet.retain;
    ++session.under_way;
  }
  ++counts_.sent[index_of(packet.qos)];
  append(packet, flow_.output(connection));
  flow_.appended(connection);
}

void Delivery::send(Session& session, const Waiting& waiting) {
  const Message& message = *waiting.message;
  Departure packet = departure_of(message, waiting.qos, waiting.retain);
  PropertyList properties;
  if (message.expires() != Time::max()) {
    if (message.expires() <= poller_.now()) {
      ++counts_.expired;
      return;
    }
    properties = aged(message, poller_.now());
    packet.properties = properties.view().block();
  }
  send(session, packet, session.persistent() ? waiting.message : MessagePtr{});
}

void Delivery::resume(Session& session) {
  session.under_way = 0;
  if (session.outbound.count() == 0) return pump(session);
  std::vector<std::pair<PacketId, Outbound*>> open;
  session.outbound.for_each([&](PacketId id, Outbound& outbound) { open.emplace_back(id, &outbound); });
  // The numbers may have gone past their end: what counts is how far each is behind the next.
  std::ranges::sort(open, std::greater{},
                    [&](const auto& each) { return session.next_order - each.second->order; });
  Connection& connection = *session.connection;
  std::vector<PacketId>& resend = session.extras().resend;
  resend.clear();
  for (const auto& [id, outbound] : open) {
    outbound->counted = false;
    if (!outbound->released) {
      resend.push_back(id);
      continue;
    }
    flow_.output(connection).append_ack(PacketType::pubrel, id);
    flow_.appended(connection);
  }
  std::ranges::reverse(resend);
  pump(session);
}

// [MQTT-4.4.0-1] [MQTT-3.3.1-1]
void Delivery::send_again(Session& session, PacketId id, Outbound& outbound) {
  Connection& connection = *session.connection;
  Departure packet = departure_of(*outbound.message, outbound.qos, outbound.retain);
  packet.dup = true;
  packet.id = id;
  packet.modern = connection.modern();
  if (!fits(session, packet)) return session.outbound.erase(id);
  outbound.counted = true;
  ++session.under_way;
  append(packet, flow_.output(connection));
  flow_.appended(connection);
}

void Delivery::pump(Session& session) {
  if (session.connection == nullptr) return;
  while (Flow::room(*session.connection)) {
    if (session.resending()) {
      if (session.under_way >= session.window) break;
      const PacketId id = session.extra->resend.back();
      session.extra->resend.pop_back();
      Outbound* const outbound = session.outbound.find(id);
      if (outbound != nullptr && !outbound->released) send_again(session, id, *outbound);
    } else if (!session.waiting.empty()) {
      if (session.under_way >= session.window || session.outbound.count() >= 65'000) break;
      send(session, session.waiting.pop());
    } else if (!replay_next(session)) {
      break;
    }
  }
  flow_.weigh(*session.connection);
}

void Delivery::replay(Session& session, Replay replay) {
  session.extras().replays.push_back(std::move(replay));
  pump(session);
}

bool Delivery::replay_next(Session& session) {
  if (session.extra == nullptr || session.extra->replays.empty()) return false;
  std::vector<Replay>& replays = session.extra->replays;
  Replay& replay = replays.front();
  bool more = false;
  const MessagePtr message = retained_.next(replay.filter, replay.last, more);
  if (!message) {
    if (!more) {
      replays.erase(replays.begin());
      return true;
    }
    flow_.appended(*session.connection);  // on with it in the next turn
    return false;
  }
  const Publish packet{.qos = message->qos(),
                       .retain = true,
                       .topic = message->topic(),
                       .properties = message->properties(),
                       .payload = message->payload()};
  Buffer identifiers;
  if (replay.identifier != 0) append_identifier(replay.identifier, identifiers);
  Passing passing{.packet = packet, .expires = message->expires(), .stored = message, .aged = true};
  deliver(session, passing,
          {.qos = std::min(replay.qos, packet.qos), .retain = true, .identifiers = identifiers});
  return true;
}

void Delivery::finish(Session& session, PacketId id, const Outbound& outbound) {
  if (outbound.counted && session.under_way > 0) --session.under_way;
  session.outbound.erase(id);
  if (!session.waiting.empty() || session.extra != nullptr) pump(session);
}

void Delivery::on_puback(Session& session, PacketId id) {
  const Outbound* const outbound = session.outbound.find(id);
  if (outbound == nullptr || outbound->qos != QoS::at_least_once) return;
  ++counts_.acknowledged;
  finish(session, id, *outbound);
}

void Delivery::on_pubrec(Session& session, PacketId id, ReasonCode reason) {
  Outbound* const outbound = session.outbound.find(id);
  const bool known = outbound != nullptr && outbound->qos == QoS::exactly_once;
  if (is_failure(reason)) {
    if (known) finish(session, id, *outbound);
    return;
  }
  Connection& connection = *session.connection;
  if (known || !connection.modern()) {
    flow_.output(connection).append_ack(PacketType::pubrel, id);
  } else {
    Buffer packet;
    const Pubrel unknown{{id, ReasonCode::packet_identifier_not_found, {}}};
    (void)encode(Packet(unknown), Version::v5, Sender::server, packet);
    flow_.output(connection).append(packet);
  }
  flow_.appended(connection);
  if (!known) return;
  outbound->released = true;
  outbound->message = {};
}

void Delivery::on_pubcomp(Session& session, PacketId id) {
  const Outbound* const outbound = session.outbound.find(id);
  if (outbound == nullptr || !outbound->released) return;
  ++counts_.acknowledged;
  finish(session, id, *outbound);
}

}  // namespace mq::sink
