// What the model server makes of the client's packets, and holds against them.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "broker.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"

namespace mq {

namespace {

// "u12 ....." is publish 12.
std::uint64_t number_of(Bytes payload) {
  const std::size_t space = payload.find(' ');
  if (payload.empty() || payload[0] != 'u' || space == Bytes::npos) throw Violation{"a payload came damaged"};
  const auto number = parse_number<std::uint64_t>(payload.substr(1, space - 1));
  if (!number || payload.find_first_not_of('.', space + 1) != Bytes::npos)
    throw Violation{"a payload came damaged"};
  return *number;
}

}  // namespace

void Broker::received(Bytes bytes) {
  if (!open_ || closed) return;
  input_.append(bytes);
  std::size_t at = 0;
  while (!closed) {
    const auto frame = next_frame(Bytes(input_).substr(at));
    if (!frame) throw Violation{"the client sent: " + frame.error().text};
    if (!*frame) break;
    at += (*frame)->size;
    const auto packet = decode(**frame, version_, Sender::client);
    if (!packet) throw Violation{"the client sent: " + packet.error().text};
    if (greeted_ == ((*frame)->type == PacketType::connect))
      throw Violation{"CONNECT is not the first packet, or not the only one"};
    if (greeted_ && (*frame)->size > limits.maximum_packet_size)  // [MQTT-3.2.2-15]
      throw Violation{"a packet above the maximum packet size"};
    std::visit([&](const auto& held) { on(held); }, *packet);
  }
  input_.erase(0, at);
  if (closed && !input_.empty()) throw Violation{"the client sent more after DISCONNECT"};
}

void Broker::on(const Connect& packet) {
  greeted_ = true;
  PropertyList properties = connack_properties();
  if (packet.client_id.empty()) {
    lose_session();
    client_id_ = "assigned " + std::to_string(++assigned_);
    (void)properties.add(PropertyId::assigned_client_identifier, client_id_);
  } else if (!client_id_.empty() && packet.client_id != client_id_) {
    throw Violation{"another client identifier"};
  } else {
    client_id_ = packet.client_id;
  }
  if (packet.clean_start) lose_session();
  const bool lied = mutation_ == Mutation::lost_session_untold && !packet.clean_start;
  const bool present = session_.exists || lied;
  fresh = !present;
  session_.exists = true;
  client_receive_maximum_ = packet.properties.number(PropertyId::receive_maximum).value_or(65535);
  client_packet_size_ = packet.properties.number(PropertyId::maximum_packet_size).value_or(0xFFFFFFFF);
  client_alias_maximum_ = packet.properties.number(PropertyId::topic_alias_maximum).value_or(0);
  if (version_ != Version::v5) properties.clear();
  send(Packet(
      Connack{.session_present = present && version_ != Version::v31, .properties = properties.view()}));
  for (Outbound& outbound : session_.open) {
    if (outbound.released)
      send(Packet(Pubrel{{outbound.id, ReasonCode::success, {}}}));
    else
      send_open(outbound, true);
  }
}

std::string Broker::topic_of(const Publish& packet) {
  const auto alias = packet.properties.number(PropertyId::topic_alias);
  if (!alias) return std::string(packet.topic);
  if (*alias > limits.topic_alias_maximum) throw Violation{"a topic alias above the maximum"};
  if (mutation_ == Mutation::broker_forgets_aliases && random_.one_in(3)) client_aliases_.clear();
  std::string& topic = client_aliases_[*alias];
  if (!packet.topic.empty()) topic = packet.topic;
  if (topic.empty()) throw Violation{"a topic alias of nothing"};
  return topic;
}

void Broker::check_limits(const Publish& packet) const {
  if (packet.qos > limits.maximum_qos) throw Violation{"a QoS above the maximum"};         // [MQTT-3.2.2-11]
  if (packet.retain && !limits.retain) throw Violation{"a retained message for nothing"};  // [MQTT-3.2.2-14]
}

void Broker::on(const Publish& packet) {
  check_limits(packet);
  const Stored message{number_of(packet.payload), topic_of(packet), packet.qos, packet.payload.size()};
  const bool refuse = version_ == Version::v5 && !hurry && random_.one_in(traits_.refuses_one_in);
  const ReasonCode reason = refuse ? ReasonCode::quota_exceeded : ReasonCode::success;
  if (packet.qos == QoS::at_most_once) return accept(message);
  if (packet.qos == QoS::at_least_once) {
    if (!refuse) accept(message);
    return answer(Puback{{packet.packet_id, reason, {}}}, true);
  }
  const auto known = session_.incoming.find(packet.packet_id);
  if (known != session_.incoming.end() && mutation_ != Mutation::broker_forgets_identifiers) {
    if (!packet.dup) throw Violation{"an identifier that is in use goes out without DUP"};
    if (known->second.number != message.number) throw Violation{"an identifier is in use twice"};
    return answer(Pubrec{{packet.packet_id, ReasonCode::success, {}}}, true);
  }
  if (!refuse) {
    session_.incoming[packet.packet_id] = message;
    if (!traits_.accepts_at_release) accept(message);
  }
  answer(Pubrec{{packet.packet_id, reason, {}}}, true);
}

void Broker::on(const Pubrel& packet) {
  // Those of the connection before come first, and answer nothing of this one. [MQTT-4.6.0-4]
  if (std::ranges::find(pubrel_order_, packet.packet_id) != pubrel_order_.end())
    expect(pubrel_order_, packet.packet_id, "PUBREL");
  const auto known = session_.incoming.find(packet.packet_id);
  if (known == session_.incoming.end())
    return answer(Pubcomp{{packet.packet_id, ReasonCode::packet_identifier_not_found, {}}});
  if (traits_.accepts_at_release) accept(known->second);
  session_.incoming.erase(known);
  answer(Pubcomp{{packet.packet_id, ReasonCode::success, {}}});
}

// [MQTT-4.6.0-2] [MQTT-4.6.0-3]
void Broker::expect(std::deque<PacketId>& order, PacketId id, std::string_view what) const {
  if (traits_.repeats) return;  // what answers what can't be told then
  if (order.empty() || order.front() != id)
    throw Violation{std::string(what).append(" is not in the order of arrival")};
  order.pop_front();
}

void Broker::on(const Puback& packet) {
  expect(puback_order_, packet.packet_id, "PUBACK");
  const Outbound* outbound = find(packet.packet_id);
  if (outbound == nullptr || deliveries[outbound->delivery].qos != QoS::at_least_once) {
    if (traits_.repeats) return;
    throw Violation{"PUBACK of nothing"};
  }
  close(packet.packet_id);
}

void Broker::on(const Pubrec& packet) {
  expect(pubrec_order_, packet.packet_id, "PUBREC");
  Outbound* outbound = find(packet.packet_id);
  if (outbound == nullptr || deliveries[outbound->delivery].qos != QoS::exactly_once) {
    if (!traits_.repeats) throw Violation{"PUBREC of nothing"};
    return answer(Pubrel{{packet.packet_id, ReasonCode::packet_identifier_not_found, {}}});
  }
  if (is_failure(packet.reason)) return close(packet.packet_id);
  if (mutation_ == Mutation::broker_doubles_a_message && random_.one_in(20))
    session_.queue.push_back(outbound->delivery);
  outbound->released = true;
  answer(Pubrel{{packet.packet_id, ReasonCode::success, {}}});
}

void Broker::on(const Pubcomp& packet) {
  const Outbound* outbound = find(packet.packet_id);
  if (outbound != nullptr && outbound->released) return close(packet.packet_id);
  if (!traits_.repeats) throw Violation{"PUBCOMP of nothing"};
}

void Broker::on(const Subscribe& packet) {
  Buffer codes;
  for (const Subscription& subscription : packet.subscriptions) {
    session_.subscriptions[std::string(subscription.filter)] = subscription.qos;
    codes.push_back(static_cast<char>(subscription.qos));
  }
  answer(Suback{packet.packet_id, {}, codes});
}

void Broker::on(const Unsubscribe& packet) {
  Buffer codes;
  for (const std::string_view filter : packet.filters)
    codes.push_back(session_.subscriptions.erase(std::string(filter)) > 0 ? '\0' : '\x11');
  answer(Unsuback{packet.packet_id, {}, version_ == Version::v5 ? Bytes(codes) : Bytes{}});
}

void Broker::on(const Pingreq&) { send(Packet(Pingresp{})); }

void Broker::on(const Disconnect&) { closed = true; }

}  // namespace mq
