// What a client publishes.
#include "sink/limits.hpp"
#include "sink/server.hpp"

namespace mq::sink {

void Server::on_publish(Connection& connection, Publish packet) {
  const auto alias = packet.properties.number(PropertyId::topic_alias);
  if (!alias) return take_publish(connection, packet);
  std::string* const topic = topic_of_alias(connection, *alias);
  if (topic != nullptr && !packet.topic.empty()) *topic = packet.topic;
  if (topic == nullptr || topic->empty()) {
    return refuse(connection, {.kind = ErrorKind::protocol,
                               .text = "topic alias of nothing",
                               .reason = value_of(ReasonCode::topic_alias_invalid)});
  }
  packet.topic = *topic;
  PropertyList others(packet.properties);
  others.remove(PropertyId::topic_alias);
  packet.properties = others.view();
  take_publish(connection, packet);
}

// Null beyond the maximum that CONNACK has told. [MQTT-3.3.2-9]
std::string* Server::topic_of_alias(Connection& connection, std::uint32_t alias) {
  if (alias > topic_alias_maximum) return nullptr;
  if (connection.aliases == nullptr) connection.aliases = std::make_unique<std::vector<std::string>>();
  if (connection.aliases->size() < alias) connection.aliases->resize(alias);
  return &(*connection.aliases)[alias - 1];
}

ReasonCode Server::verdict(const Connection& connection, const Publish& packet) const {
  if (stock_.full() && (packet.qos != QoS::at_most_once || packet.retain)) return ReasonCode::quota_exceeded;
  if (!faults_.refuse_publish) return ReasonCode::success;
  return faults_.refuse_publish(connection.session->client_id, packet);
}

void Server::take_publish(Connection& connection, const Publish& packet) {
  if (packet.qos == QoS::exactly_once && connection.session->inbound.find(packet.packet_id) != nullptr) {
    // It was taken before, and comes again. [MQTT-4.3.3-10]
    flow_.output(connection).append_ack(PacketType::pubrec, packet.packet_id);
    return flow_.appended(connection);
  }
  if (const ReasonCode reason = verdict(connection, packet); is_failure(reason))
    return refuse_publish(connection, packet, reason);
  ++counts_.received[static_cast<std::size_t>(packet.qos)];
  if (packet.retain || router_.subscriptions() > 0) accept(packet, connection.session);
  if (packet.qos == QoS::at_most_once) return;
  const bool twice = packet.qos == QoS::exactly_once;
  if (twice) connection.session->inbound.add(packet.packet_id);
  flow_.output(connection).append_ack(twice ? PacketType::pubrec : PacketType::puback, packet.packet_id);
  flow_.appended(connection);
}

// Below 5.0 nothing says no but the end of the connection, which only a lack of memory is worth.
void Server::refuse_publish(Connection& connection, const Publish& packet, ReasonCode reason) {
  ++counts_.refused;
  const bool answered = packet.qos != QoS::at_most_once;
  if (stock_.full() && (!connection.modern() || !answered)) {
    refuse(connection, {.kind = ErrorKind::denied, .text = "no memory is left", .reason = value_of(reason)});
  } else if (answered && connection.modern()) {
    if (packet.qos == QoS::at_least_once) {
      send(connection, Puback{{packet.packet_id, reason, {}}});
    } else {
      send(connection, Pubrec{{packet.packet_id, reason, {}}});
    }
  } else if (answered) {
    const bool twice = packet.qos == QoS::exactly_once;
    if (twice) connection.session->inbound.add(packet.packet_id);
    flow_.output(connection).append_ack(twice ? PacketType::pubrec : PacketType::puback, packet.packet_id);
    flow_.appended(connection);
  }
}

void Server::accept(const Publish& packet, const Session* from) {
  Passing passing{.packet = packet};
  if (const auto seconds = packet.properties.number(PropertyId::message_expiry_interval))
    passing.expires = poller_.now() + std::chrono::seconds(*seconds);
  if (packet.retain) {
    if (packet.payload.empty()) {
      retained_.erase(packet.topic);  // [MQTT-3.3.1-6]
    } else {
      passing.stored = stock_.make(packet, passing.expires);
      retained_.store(packet.topic, passing.stored);
    }
  }
  routing_.route(passing, from);
}

}  // namespace mq::sink
