#include "broker.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"
#include "wire/topic.hpp"

namespace mq {

namespace {

constexpr QoS lower(QoS a, QoS b) { return a < b ? a : b; }

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

void Broker::connected() {
  disconnected();
  open_ = true;
}

void Broker::disconnected() {
  open_ = greeted_ = closed = false;
  input_.clear();
  output.clear();
  held_.clear();
  held_publish_answers_ = 0;
  client_aliases_.clear();
  aliases_.clear();
  puback_order_.clear();
  pubrec_order_.clear();
  for (Outbound& outbound : session_.open) outbound.here = false;
}

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
    std::visit([&](const auto& held) { on(held); }, *packet);
  }
  input_.erase(0, at);
  if (closed && !input_.empty()) throw Violation{"the client sent more after DISCONNECT"};
}

void Broker::send(const Packet& packet) {
  if (auto encoded = encode(packet, version_, Sender::server, output); !encoded)
    throw Violation{encoded.error().text};
}

void Broker::answer(const Packet& packet, bool to_publish) {
  const bool late = traits_.answers_late && !hurry && random_.one_in(2);
  if (!late && held_.empty()) return send(packet);
  Buffer bytes;
  if (auto encoded = encode(packet, version_, Sender::server, bytes); !encoded)
    throw Violation{encoded.error().text};
  held_.push_back(std::move(bytes));
  if (to_publish && traits_.shuffles_answers && held_publish_answers_ == held_.size() - 1) {
    std::swap(held_.back(), held_[random_.below(held_.size())]);
    ++held_publish_answers_;
  }
}

void Broker::work() {
  if (!greeted_ || closed) return;
  std::size_t answers = hurry ? held_.size() : random_.below(held_.size() + 1);
  if (answers > 0) {
    for (std::size_t i = 0; i < answers; ++i) output.append(held_[i]);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(answers));
    held_publish_answers_ = 0;
  }
  while (!session_.queue.empty()) {
    const Delivery& delivery = deliveries[session_.queue.front()];
    if (delivery.qos != QoS::at_most_once && session_.open.size() >= client_receive_maximum_) break;
    Outbound outbound{.delivery = delivery.number};
    session_.queue.pop_front();
    if (delivery.qos == QoS::at_most_once) {
      send_open(outbound, false);
      continue;
    }
    outbound.id = free_id();
    send_open(session_.open.emplace_back(outbound), false);
  }
  if (traits_.repeats && !session_.open.empty() && random_.one_in(10)) {
    Outbound& again = session_.open[random_.below(session_.open.size())];
    if (!again.released && again.here) send_open(again, true);
  }
}

void Broker::publish(std::string_view topic, QoS qos, std::size_t padding) { route(topic, qos, padding); }

void Broker::lose_session() {
  // What it has answered with PUBREC is its own, session or not.
  if (traits_.accepts_at_release) {
    std::map<std::uint64_t, Stored> in_order;
    for (const auto& [id, stored] : session_.incoming) in_order[stored.number] = stored;
    for (const auto& [number, stored] : in_order) accept(stored);
  }
  for (const Outbound& outbound : session_.open) deliveries[outbound.delivery].owed = false;
  for (const std::uint64_t number : session_.queue) deliveries[number].owed = false;
  session_ = {};
}

void Broker::leave() {
  send(Disconnect{ReasonCode::server_shutting_down, {}});
  closed = true;
}

void Broker::on(const Connect& packet) {
  greeted_ = true;
  PropertyList properties;
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
  const bool present = session_.exists;
  fresh = !present;
  session_.exists = true;
  client_receive_maximum_ = packet.properties.number(PropertyId::receive_maximum).value_or(65535);
  client_alias_maximum_ = packet.properties.number(PropertyId::topic_alias_maximum).value_or(0);
  if (version_ == Version::v5) {
    if (receive_maximum < 65535) (void)properties.add(PropertyId::receive_maximum, receive_maximum);
    if (topic_alias_maximum > 0) (void)properties.add(PropertyId::topic_alias_maximum, topic_alias_maximum);
  }
  send(Connack{.session_present = present && version_ != Version::v31, .properties = properties.view()});
  for (Outbound& outbound : session_.open) {
    if (outbound.released)
      send(Pubrel{{outbound.id, ReasonCode::success, {}}});
    else
      send_open(outbound, true);
  }
}

std::string Broker::topic_of(const Publish& packet) {
  const auto alias = packet.properties.number(PropertyId::topic_alias);
  if (!alias) return std::string(packet.topic);
  if (*alias > topic_alias_maximum) throw Violation{"a topic alias above the maximum"};
  std::string& topic = client_aliases_[*alias];
  if (!packet.topic.empty()) topic = packet.topic;
  if (topic.empty()) throw Violation{"a topic alias of nothing"};
  return topic;
}

void Broker::on(const Publish& packet) {
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
  const auto known = session_.incoming.find(packet.packet_id);
  if (known == session_.incoming.end())
    return answer(Pubcomp{{packet.packet_id, ReasonCode::packet_identifier_not_found, {}}});
  if (traits_.accepts_at_release) accept(known->second);
  session_.incoming.erase(known);
  answer(Pubcomp{{packet.packet_id, ReasonCode::success, {}}});
}

void Broker::accept(const Stored& message) {
  if (mutation_ == Mutation::broker_loses_a_message && message.qos != QoS::at_most_once && random_.one_in(50))
    return;
  if (++accepted[message.number] == 1) acceptance_order.push_back(message.number);
  route(message.topic, message.qos, message.size);
}

void Broker::route(std::string_view topic, QoS qos, std::size_t padding) {
  for (const auto& [filter, granted] : session_.subscriptions) {
    if (!matches(filter, topic)) continue;
    const QoS effective = lower(qos, granted);
    if (effective == QoS::at_most_once && (!greeted_ || output.size() > 10'000)) continue;
    if (session_.queue.size() > 200 && qos == QoS::at_most_once) continue;
    deliveries.push_back(
        {.number = deliveries.size(), .topic = std::string(topic), .qos = effective, .padding = padding});
    session_.queue.push_back(deliveries.back().number);
  }
}

void Broker::send_open(Outbound& outbound, bool dup) {
  const Delivery& delivery = deliveries[outbound.delivery];
  Buffer payload = "d";
  payload.append(std::to_string(delivery.number)).append(1, ' ').append(delivery.padding, '.');
  PropertyList properties;
  Publish publish{.dup = dup,
                  .qos = delivery.qos,
                  .topic = delivery.topic,
                  .packet_id = outbound.id,
                  .properties = {},
                  .payload = payload};
  if (client_alias_maximum_ > 0 && random_.one_in(2)) {
    const auto known = aliases_.find(delivery.topic);
    std::uint32_t alias = 0;
    if (known != aliases_.end()) {
      alias = known->second;
      publish.topic = {};
    } else {
      alias = static_cast<std::uint32_t>(random_.between(1, client_alias_maximum_));
      std::erase_if(aliases_, [alias](const auto& entry) { return entry.second == alias; });
      aliases_[delivery.topic] = alias;
    }
    (void)properties.add(PropertyId::topic_alias, alias);
    publish.properties = properties.view();
  }
  send(publish);
  outbound.here = true;
  if (delivery.qos == QoS::at_least_once) puback_order_.push_back(outbound.id);
  if (delivery.qos == QoS::exactly_once) pubrec_order_.push_back(outbound.id);
}

Broker::Outbound* Broker::find(PacketId id) {
  const auto at = std::ranges::find(session_.open, id, &Outbound::id);
  return at == session_.open.end() ? nullptr : &*at;
}

void Broker::close(PacketId id) {
  std::erase_if(session_.open, [id](const Outbound& outbound) { return outbound.id == id; });
}

PacketId Broker::free_id() {
  // From a few, so that they are soon used again; but an answer to a repeat must not be taken for one to the
  // next message.
  const std::size_t most = traits_.repeats ? 65'000 : session_.open.size() + 3;
  do {
    last_id_ = static_cast<PacketId>(last_id_ % most + 1);
  } while (find(last_id_) != nullptr);
  return last_id_;
}

// [MQTT-4.6.0-2] [MQTT-4.6.0-3]
void Broker::expect(std::deque<PacketId>& order, PacketId id, std::string_view what) {
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

void Broker::on(const Pingreq&) { send(Pingresp{}); }

void Broker::on(const Disconnect&) { closed = true; }

}  // namespace mq
